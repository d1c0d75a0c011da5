//! How every run trains.

use super::errors::Errors;
use crate::class_weights::ClassWeights;
use crate::experiment::{Experiment, RatePick};
use crate::facts::ModelFacts;
use crate::halving::Halving;
use crate::keep_weights::KeepWeights;
use crate::task::{Task, TaskKind};

/// Longest sequence, in tokens, of a model of which nothing is known.
const USUAL_POSITIONS: u32 = 512;

pub(super) fn protocol(
    experiment: &Experiment,
    model: Option<&ModelFacts>,
    tasks: &[Task],
    errors: &mut Errors,
) {
    lengths(experiment, model, errors);
    optimizer(experiment, errors);
    class_weights(experiment, tasks, errors);
    halving(experiment, errors);
    let all = "at least 1, or leave it empty for all";
    errors.require(experiment.train_limit != Some(0), "train_limit", all);
    errors.require(experiment.eval_limit != Some(0), "eval_limit", all);
    let some = experiment.keep_weights != Some(KeepWeights::Last(0));
    errors.require(some, "keep_weights", "of at least 1 run, or `none`");
}

fn lengths(experiment: &Experiment, model: Option<&ModelFacts>, errors: &mut Errors) {
    let epochs = experiment.epochs.is_none_or(|epochs| (1..=10_000).contains(&epochs));
    errors.require(epochs, "epochs", "1 to 10000, or leave it to the protocol");
    errors.require((1..=4096).contains(&experiment.batch_size), "batch_size", "1 to 4096");
    let batches = (1..=1024).contains(&experiment.gradient_accumulation);
    errors.require(batches, "gradient_accumulation", "1 to 1024 batches");
    let patience = experiment.early_stopping.is_none_or(|epochs| (1..=10_000).contains(&epochs));
    errors.require(patience, "early_stopping", "1 to 10000 epochs, or leave it empty to train all");
    let longest = model.map_or(USUAL_POSITIONS, |model| model.shape.positions as u32);
    errors.require(
        (8..=longest).contains(&experiment.max_length),
        "max_length",
        format!("8 to {longest} tokens, the model's longest sequence"),
    );
}

/// Tasks of which nothing is known are not held to them.
fn class_weights(experiment: &Experiment, tasks: &[Task], errors: &mut Errors) {
    let Some(weights) = &experiment.class_weights else { return };
    if let ClassWeights::Each(weights) = weights {
        // As they are used, in f32.
        let good = |weight: &f64| *weight > 0.0 && (*weight as f32) > 0.0 && (*weight as f32).is_finite();
        errors.require(weights.iter().all(good), "class_weights", "numbers above 0");
    }
    for task in tasks {
        let title = task.title();
        let why = match (task.kind(), weights) {
            (TaskKind::Regression(_), _) => {
                format!(
                    "{title} predicts a score and has no classes to weigh; leave {title} out, or the weights"
                )
            }
            (TaskKind::MultiLabel(_), _) => format!(
                "a text of {title} may have any of its labels, which are no classes to weigh; leave {title} out, or the weights"
            ),
            (TaskKind::Classification(labels) | TaskKind::Tagging(labels), ClassWeights::Each(weights))
                if labels.len() != weights.len() =>
            {
                let (want, names) = (labels.len(), labels.join(", "));
                format!("{title} has {want} classes: give {want} numbers, in this order: {names}")
            }
            (TaskKind::Classification(_) | TaskKind::Tagging(_), _) => continue,
        };
        errors.add("class_weights", why);
    }
}

fn halving(experiment: &Experiment, errors: &mut Errors) {
    let Some(Halving { keep, after }) = &experiment.halving else { return };
    let share = *keep > 0.0 && *keep < 1.0;
    errors.require(share, "halving", "keep a share above 0 and below 1 of the learning rates");
    let ascending = after.windows(2).all(|pair| pair[0] < pair[1]);
    let asked = !after.is_empty() && !after.contains(&0) && ascending;
    errors.require(
        asked,
        "halving",
        "say after which epochs, from 1 and ascending, learning rates are retired",
    );
    errors.require(
        experiment.rate_pick == RatePick::PerSeed,
        "halving",
        "it picks learning rates seed by seed, so `rate_pick` must be `per_seed`; the paper's protocol picks by the mean over the \
         seeds, and trains every learning rate to its end",
    );
    let several = experiment.learning_rates.len() > 1 || !experiment.further_rates.is_empty();
    errors.require(
        several,
        "halving",
        "with one learning rate there is none to retire; give several, or leave it out",
    );
}

fn optimizer(experiment: &Experiment, errors: &mut Errors) {
    // As they are used, in f32: a share just below 1 must not become it.
    let below_one = |share: f64| share >= 0.0 && (share as f32) < 1.0;
    // A step of the highest rate must not turn a weight's sign.
    let decay = (0.0..=1.0).contains(&experiment.weight_decay);
    errors.require(decay, "weight_decay", "from 0, for none, to 1");
    let longest = experiment.max_gradient_norm.is_none_or(|norm| norm > 0.0 && norm.is_finite());
    errors.require(longest, "max_gradient_norm", "above 0, or leave it empty for none");
    let warmup = (0.0..=1.0).contains(&experiment.warmup_fraction);
    errors.require(warmup, "warmup_fraction", "a share from 0 to 1");
    errors.require(experiment.dropout.is_none_or(below_one), "dropout", "a share from 0 to below 1");
    let epsilon = (f32::MIN_POSITIVE..=1.0).contains(&(experiment.adam_epsilon as f32));
    errors.require(epsilon, "adam_epsilon", "at least 1e-37 and at most 1");
    errors.require(below_one(experiment.adam_beta1), "adam_beta1", "from 0 to below 1");
    errors.require(below_one(experiment.adam_beta2), "adam_beta2", "from 0 to below 1");
}

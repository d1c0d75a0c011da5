//! How every run trains.

use super::errors::Errors;
use crate::experiment::Experiment;
use crate::facts::ModelFacts;
use crate::keep_weights::KeepWeights;

/// Longest sequence, in tokens, of a model of which nothing is known.
const USUAL_POSITIONS: u32 = 512;

pub(super) fn protocol(experiment: &Experiment, model: Option<&ModelFacts>, errors: &mut Errors) {
    lengths(experiment, model, errors);
    optimizer(experiment, errors);
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
    let longest = model.map_or(USUAL_POSITIONS, |model| model.shape.positions as u32);
    errors.require(
        (8..=longest).contains(&experiment.max_length),
        "max_length",
        format!("8 to {longest} tokens, the model's longest sequence"),
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

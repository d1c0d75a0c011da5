//! What of a study's grid and protocol is asked for otherwise.

use crate::commands::arguments::{Engine, learning_rate};
use crate::commands::switches::{
    DecayArgument, DecayOnArgument, EpsilonPlaceArgument, OutlierPoolArgument, OutlierStatisticArgument,
    RatePickArgument, ReportedEpochArgument,
};
use clap::Args;
use tunemask_shared::class_weights::ClassWeights;
use tunemask_shared::experiment::{EngineKind, Experiment};
use tunemask_shared::halving::Halving;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::task::TaskName;

/// What is left out stays as the study has it.
#[derive(Args, Clone, Debug, Default)]
#[command(next_help_heading = "Grid and protocol")]
pub struct Changes {
    /// Tasks instead of the study's; each study takes those that it can have
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    pub(super) tasks: Vec<String>,
    /// Learning rates instead of the study's
    #[arg(long, value_delimiter = ',', value_name = "A,B", value_parser = learning_rate)]
    learning_rates: Vec<f64>,
    /// Seeds instead of the study's
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    seeds: Vec<u64>,
    /// Epochs of every run
    #[arg(long, value_name = "N")]
    epochs: Option<u32>,
    /// Examples in a step
    #[arg(long, value_name = "N")]
    batch_size: Option<u32>,
    /// Longest sequence in tokens
    #[arg(long, value_name = "N")]
    max_length: Option<u32>,
    /// Share of the steps over which the learning rate rises
    #[arg(long, value_name = "SHARE")]
    warmup_fraction: Option<f64>,
    /// Dropout instead of the model's own
    #[arg(long, value_name = "SHARE")]
    dropout: Option<f64>,
    /// Adam's ε
    #[arg(long, value_name = "X")]
    adam_epsilon: Option<f64>,
    /// Adam's β₁
    #[arg(long, value_name = "X")]
    adam_beta1: Option<f64>,
    /// Adam's β₂
    #[arg(long, value_name = "X")]
    adam_beta2: Option<f64>,
    /// Where Adam's ε is added
    #[arg(long, value_enum)]
    epsilon_place: Option<EpsilonPlaceArgument>,
    /// Share of the learning rate by which weights shrink in each step
    #[arg(long, value_name = "X")]
    weight_decay: Option<f64>,
    /// What weight decay shrinks
    #[arg(long, value_enum)]
    weight_decay_on: Option<DecayOnArgument>,
    /// The highest norm of a step's gradient; a longer one is cut
    #[arg(long, value_name = "X")]
    max_gradient_norm: Option<f64>,
    /// How the learning rate goes on after the warm-up
    #[arg(long, value_enum)]
    schedule: Option<DecayArgument>,
    /// Batches whose gradients are added up to one step
    #[arg(long, value_name = "N")]
    gradient_accumulation: Option<u32>,
    /// Epochs in a row without a better score after which a run ends
    #[arg(long, value_name = "EPOCHS")]
    early_stopping: Option<u32>,
    /// How much each class counts in the loss: balanced, or a number for each
    #[arg(long, value_name = "balanced|A,B")]
    class_weights: Option<ClassWeights>,
    /// The first N training examples
    #[arg(long, value_name = "N")]
    train_limit: Option<u32>,
    /// The first N development examples
    #[arg(long, value_name = "N")]
    eval_limit: Option<u32>,
    /// Train the pooler in every mask, not only in `full`
    #[arg(long)]
    pooler_trains: bool,
    /// Count the embeddings' LayerNorm as one in masks that hold those of all blocks
    #[arg(long)]
    embedding_norm_counts: bool,
    /// What `outliers` are picked from
    #[arg(long, value_enum)]
    outlier_pool: Option<OutlierPoolArgument>,
    /// How outliers are measured
    #[arg(long, value_enum)]
    outlier_statistic: Option<OutlierStatisticArgument>,
    /// Clip predictions to the task's range before they are correlated
    #[arg(long)]
    clip_predictions: bool,
    /// Which epoch a run reports
    #[arg(long, value_enum)]
    reported_epoch: Option<ReportedEpochArgument>,
    /// How the learning rate of a cell is picked
    #[arg(long, value_enum)]
    rate_pick: Option<RatePickArgument>,
    /// Not for studies: they are the paper's protocol
    #[arg(long, hide = true, value_parser = refused_halving)]
    halving: Option<Halving>,
    /// Which engine trains
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Whose weights stay on the disk: all, picked (those that the tables report), last:N or none; scores and predictions always do
    #[arg(long, value_name = "RULE")]
    keep_weights: Option<KeepWeights>,
    /// A file of `tunemask export RUN --delta` that is applied to the model first
    #[arg(long, value_name = "FILE")]
    delta: Option<String>,
}

fn refused_halving(_: &str) -> Result<Halving, String> {
    Err("a study is the paper's protocol, which trains every learning rate to its end; write `halving` into an experiment file for \
         `tunemask run`"
        .into())
}

/// The values that are asked for, or else the others.
fn given<T: Clone>(asked: &[T], others: Vec<T>) -> Vec<T> {
    if asked.is_empty() { others } else { asked.to_vec() }
}

impl Changes {
    /// Which engine trains.
    pub fn engine(&self) -> EngineKind {
        self.engine.map_or_else(EngineKind::default, EngineKind::from)
    }

    /// A study's experiment with what is asked for, on these tasks if any are named.
    ///
    /// Every field stands here by name, so that one that an experiment gains must be thought of.
    pub fn applied(&self, plain: Experiment, named: Option<Vec<TaskName>>) -> Experiment {
        let Experiment { name, model, delta, data, tasks, masks, learning_rates, seeds, epochs, .. } = plain;
        let named = named.map(|tasks| tasks.iter().map(|task| task.to_string()).collect());
        Experiment {
            name,
            model,
            delta: self.delta.clone().or(delta),
            data,
            tasks: named.unwrap_or(tasks),
            masks,
            learning_rates: given(&self.learning_rates, learning_rates),
            further_rates: Vec::new(),
            seeds: given(&self.seeds, seeds),
            epochs: self.epochs.or(epochs),
            batch_size: self.batch_size.unwrap_or(plain.batch_size),
            max_length: self.max_length.unwrap_or(plain.max_length),
            warmup_fraction: self.warmup_fraction.unwrap_or(plain.warmup_fraction),
            dropout: self.dropout.or(plain.dropout),
            adam_epsilon: self.adam_epsilon.unwrap_or(plain.adam_epsilon),
            adam_beta1: self.adam_beta1.unwrap_or(plain.adam_beta1),
            adam_beta2: self.adam_beta2.unwrap_or(plain.adam_beta2),
            epsilon_place: self.epsilon_place.map_or(plain.epsilon_place, Into::into),
            weight_decay: self.weight_decay.unwrap_or(plain.weight_decay),
            weight_decay_on: self.weight_decay_on.map_or(plain.weight_decay_on, Into::into),
            max_gradient_norm: self.max_gradient_norm.or(plain.max_gradient_norm),
            schedule: self.schedule.map_or(plain.schedule, Into::into),
            gradient_accumulation: self.gradient_accumulation.unwrap_or(plain.gradient_accumulation),
            early_stopping: self.early_stopping.or(plain.early_stopping),
            class_weights: self.class_weights.clone().or(plain.class_weights),
            train_limit: self.train_limit.or(plain.train_limit),
            eval_limit: self.eval_limit.or(plain.eval_limit),
            pooler_trains: self.pooler_trains || plain.pooler_trains,
            embedding_norm_counts: self.embedding_norm_counts || plain.embedding_norm_counts,
            outlier_pool: self.outlier_pool.map_or(plain.outlier_pool, Into::into),
            outlier_statistic: self.outlier_statistic.map_or(plain.outlier_statistic, Into::into),
            clip_predictions: self.clip_predictions || plain.clip_predictions,
            reported_epoch: self.reported_epoch.map_or(plain.reported_epoch, Into::into),
            rate_pick: self.rate_pick.map_or(plain.rate_pick, Into::into),
            halving: self.halving.clone().or(plain.halving),
            engine: self.engine.map_or(plain.engine, Into::into),
            keep_weights: self.keep_weights.or(plain.keep_weights),
            places: plain.places,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::{CommandFactory, Parser};
    use tunemask_shared::experiment::DecayOn;
    use tunemask_shared::schedule::Decay;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        changes: Changes,
    }

    #[test]
    fn every_switch_of_an_experiment_can_be_set() {
        let fields = serde_json::to_value(Experiment {
            outlier_pool: tunemask_shared::mask::OutlierPool::Each,
            outlier_statistic: tunemask_shared::mask::OutlierStatistic::Magnitude,
            clip_predictions: true,
            engine: EngineKind::Candle,
            delta: Some("delta".into()),
            keep_weights: Some(KeepWeights::None),
            weight_decay: 0.01,
            weight_decay_on: DecayOn::All,
            max_gradient_norm: Some(1.0),
            schedule: Decay::Cosine,
            gradient_accumulation: 2,
            early_stopping: Some(2),
            class_weights: Some(ClassWeights::Balanced),
            halving: Some(Halving { keep: 0.5, after: vec![1] }),
            ..Experiment::default()
        });
        let fields = fields.unwrap();
        let command = Line::command();
        let flags: Vec<&str> = command.get_arguments().filter_map(clap::Arg::get_long).collect();
        for field in fields.as_object().unwrap().keys() {
            // What a study is about, and what it names itself.
            if ["name", "model", "data", "masks"].contains(&field.as_str()) {
                continue;
            }
            assert!(flags.contains(&field.replace('_', "-").as_str()), "{field}");
        }
    }

    #[test]
    fn a_study_refuses_halving_and_says_why() {
        let refused = Line::try_parse_from(["study", "--halving=0.5 after 1"]).err().unwrap().to_string();
        assert!(refused.contains("trains every learning rate to its end"), "{refused}");
    }

    #[test]
    fn what_is_asked_for_stands_and_the_rest_stays() {
        let plain = Experiment { epochs: Some(3), ..Experiment::default() };
        let read = |words: &[&str]| Line::parse_from([&["study"], words].concat()).changes;
        assert_eq!(read(&[]).applied(plain.clone(), None), plain);
        let words = [
            "--pooler-trains",
            "--epsilon-place=keras",
            "--weight-decay=0.01",
            "--weight-decay-on=all",
            "--max-gradient-norm=1",
            "--schedule=cosine",
            "--gradient-accumulation=4",
            "--early-stopping=3",
            "--class-weights=0.5,2",
            "--rate-pick=per-seed",
            "--reported-epoch=last",
            "--outlier-pool=each",
            "--engine=candle",
            "--keep-weights=last:2",
            "--batch-size=8",
            "--seeds=4,5",
        ];
        let changed = read(&words).applied(plain.clone(), Some(vec!["rte".parse().unwrap()]));
        let wanted = Experiment {
            pooler_trains: true,
            epsilon_place: tunemask_shared::experiment::EpsilonPlace::Keras,
            weight_decay: 0.01,
            weight_decay_on: DecayOn::All,
            max_gradient_norm: Some(1.0),
            schedule: Decay::Cosine,
            gradient_accumulation: 4,
            early_stopping: Some(3),
            class_weights: Some(ClassWeights::Each(vec![0.5, 2.0])),
            rate_pick: tunemask_shared::experiment::RatePick::PerSeed,
            reported_epoch: tunemask_shared::experiment::ReportedEpoch::Last,
            outlier_pool: tunemask_shared::mask::OutlierPool::Each,
            engine: EngineKind::Candle,
            keep_weights: Some(KeepWeights::Last(2)),
            batch_size: 8,
            seeds: vec![4, 5],
            tasks: vec!["rte".into()],
            ..plain
        };
        assert_eq!(changed, wanted);
    }
}

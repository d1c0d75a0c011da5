//! The lines of the append-only log. All that the page shows is folded from them, see [`crate::state`].

use crate::annotation::Annotation;
use crate::experiment::Experiment;
pub use crate::experiment_id::ExperimentId;
use crate::failure::FailureCause;
use crate::keep_weights::KeepWeights;
use crate::mask::is_default;
use crate::metric::Score;
use crate::plan::Plan;
use crate::run::{Arithmetic, RunId, RunSpec};
use serde::{Deserialize, Serialize};

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Event {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What happened.
    pub kind: EventKind,
}

/// What happened.
///
/// Its JSON is also what the log keeps: every form that a program has written is read.
#[expect(
    clippy::large_enum_variant,
    reason = "an experiment is accepted once, and a box would stand wherever one is"
)]
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum EventKind {
    /// An experiment was accepted. Runs that it shares with earlier experiments are among its runs and are not queued
    /// again if they finished, unless what they left is gone: those that are, are in `plan`.
    Created {
        /// Its number.
        experiment_id: ExperimentId,
        /// What was asked for.
        experiment: Experiment,
        /// Its runs, in the order in which they are trained.
        runs: Vec<RunId>,
        /// Which of them train together; none in the logs of older programs.
        #[serde(skip_serializing_if = "Option::is_none")]
        plan: Option<Plan>,
    },
    /// A run waits for a device; also when it is tried again.
    Queued {
        /// The run.
        run: RunId,
        /// What it is; its hash is `run`.
        spec: Box<RunSpec>,
        /// Scalars that train, head not counted.
        trainable: u64,
        /// Whether it trains whole matrices, so that it cannot train together with others. Absent in the logs of older
        /// programs, which trained every run alone.
        #[serde(default = "every_run_alone")]
        alone: bool,
    },
    /// A run that ended before its time waits for a device again: it goes on from its last checkpoint, and what
    /// the log holds of its curve and its scores stays.
    Continued {
        /// The run.
        run: RunId,
    },
    /// A device turned to these runs and is about to read their model and data. Should the program end while it reads,
    /// they were interrupted, and do not keep the runs behind them waiting.
    Preparing {
        /// The runs.
        runs: Vec<RunId>,
    },
    /// A run began to train, or to go on.
    Started {
        /// The run.
        run: RunId,
        /// On what: `cpu`, `cuda:0`.
        device: String,
        /// Steps it will take.
        steps: u64,
        /// Training examples.
        train_examples: u64,
        /// Development examples of each set.
        eval_examples: Vec<u64>,
        /// What the user should know of model and data, such as texts that were cut: with one run of a gang. Absent in
        /// the logs of older programs.
        #[serde(default)]
        notes: Vec<String>,
        /// Runs that begin to train together, itself included: they share the time of each step. Absent in the logs of
        /// older programs, which gave every run the time of its whole gang.
        #[serde(skip_serializing_if = "Option::is_none")]
        together: Option<u32>,
        /// The machine. Absent in the logs of older programs.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        node: Option<Node>,
    },
    /// Steps were taken.
    Points {
        /// Which run.
        run: RunId,
        /// The steps.
        #[serde(flatten)]
        points: Points,
    },
    /// The development sets were scored.
    Evaluated {
        /// Which run.
        run: RunId,
        /// The scores.
        #[serde(flatten)]
        evaluation: Evaluation,
    },
    /// All that a run has become was saved, or could not be: then the last checkpoint is still the one before.
    Checkpointed {
        /// Which run.
        run: RunId,
        /// Steps done.
        step: u64,
        /// Why it could not be saved.
        #[serde(skip_serializing_if = "Option::is_none")]
        failure: Option<String>,
    },
    /// A run trained to its end.
    Finished {
        /// The run.
        run: RunId,
        /// What came of it.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// A run ended by an error.
    Failed {
        /// The run.
        run: RunId,
        /// What was wrong, where, and what to do: `diverged at step 812: loss is not finite`.
        reason: String,
        /// The same for programs.
        #[serde(default, skip_serializing_if = "is_default")]
        cause: FailureCause,
    },
    /// The user ended a run.
    Cancelled {
        /// The run.
        run: RunId,
    },
    /// The program had ended while the run trained.
    Interrupted {
        /// The run.
        run: RunId,
    },
    /// A run ended because other learning rates of its task, mask and seed scored better. What it has become was saved: it goes on
    /// from there if it is tried again.
    Retired {
        /// The run.
        run: RunId,
        /// After which epoch.
        epoch: u32,
        /// How many were better.
        better: u32,
    },
    /// The user wrote on an experiment.
    Annotated {
        /// The experiment.
        experiment_id: ExperimentId,
        /// All that is written on it from now on.
        annotation: Annotation,
    },
    /// The user deleted an experiment, and with it those of its runs that are in no other.
    Deleted {
        /// The experiment.
        experiment_id: ExperimentId,
    },
    /// The user said anew whose weights of an experiment stay on the disk.
    KeepChanged {
        /// The experiment.
        experiment_id: ExperimentId,
        /// The new rule.
        keep_weights: KeepWeights,
    },
    /// The weights of a finished run are kept no longer: its file is there without them, or is about to be.
    WeightsDropped {
        /// The run.
        run: RunId,
        /// The rule of the latest experiment that holds it; no other experiment wants them.
        rule: KeepWeights,
    },
    /// The user put the queue in another order: what waits of these experiments trains in this order, before that of all others.
    QueueOrdered {
        /// The experiments, the first to train first.
        experiments: Vec<ExperimentId>,
    },
    /// The user stopped the queue; the run that trains waits between two steps.
    Paused,
    /// The user let the queue go on.
    Resumed,
}

fn every_run_alone() -> bool {
    true
}

impl EventKind {
    /// A run ended by an error that may be gone at the next try.
    pub fn failed(run: RunId, reason: impl Into<String>) -> Self {
        Self::Failed { run, reason: reason.into(), cause: FailureCause::Other }
    }

    /// Its name on the wire and in the log: the value of `event`.
    pub fn name(&self) -> &'static str {
        match self {
            EventKind::Created { .. } => "created",
            EventKind::Queued { .. } => "queued",
            EventKind::Continued { .. } => "continued",
            EventKind::Preparing { .. } => "preparing",
            EventKind::Started { .. } => "started",
            EventKind::Points { .. } => "points",
            EventKind::Evaluated { .. } => "evaluated",
            EventKind::Checkpointed { .. } => "checkpointed",
            EventKind::Finished { .. } => "finished",
            EventKind::Failed { .. } => "failed",
            EventKind::Cancelled { .. } => "cancelled",
            EventKind::Interrupted { .. } => "interrupted",
            EventKind::Retired { .. } => "retired",
            EventKind::Annotated { .. } => "annotated",
            EventKind::Deleted { .. } => "deleted",
            EventKind::QueueOrdered { .. } => "queue_ordered",
            EventKind::KeepChanged { .. } => "keep_changed",
            EventKind::WeightsDropped { .. } => "weights_dropped",
            EventKind::Paused => "paused",
            EventKind::Resumed => "resumed",
        }
    }

    /// The run it is about, if one.
    pub fn run(&self) -> Option<&RunId> {
        match self {
            EventKind::Queued { run, .. }
            | EventKind::Continued { run }
            | EventKind::Started { run, .. }
            | EventKind::Points { run, .. }
            | EventKind::Evaluated { run, .. }
            | EventKind::Checkpointed { run, .. }
            | EventKind::Finished { run, .. }
            | EventKind::Failed { run, .. }
            | EventKind::Cancelled { run }
            | EventKind::Interrupted { run }
            | EventKind::Retired { run, .. }
            | EventKind::WeightsDropped { run, .. } => Some(run),
            EventKind::Created { .. }
            | EventKind::Annotated { .. }
            | EventKind::Deleted { .. }
            | EventKind::KeepChanged { .. }
            | EventKind::QueueOrdered { .. }
            | EventKind::Preparing { .. }
            | EventKind::Paused
            | EventKind::Resumed => None,
        }
    }
}

/// A machine that trains, or one of its workers.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Node {
    /// Its name on its network.
    pub name: String,
    /// Whose bits it computes.
    pub arithmetic: Arithmetic,
    /// Which of its workers, where it has several: `cuda:2`, or `cpu-1`. Absent in the logs of older programs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub worker: Option<String>,
}

impl Node {
    /// What tells it from all others: `desk`, or `desk/cuda:2`.
    pub fn place(&self) -> String {
        match &self.worker {
            Some(worker) => format!("{}/{worker}", self.name),
            None => self.name.clone(),
        }
    }
}

/// Steps of a run as columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Points {
    /// Step, counted from 1.
    pub step: Vec<u64>,
    /// Epochs done after the step, fractional.
    #[serde(with = "crate::number::columns")]
    pub epoch: Vec<f64>,
    /// Mean training loss of the step's batch.
    #[serde(with = "crate::number::columns")]
    pub loss: Vec<f64>,
    /// Learning rate of the step.
    #[serde(with = "crate::number::columns")]
    pub learning_rate: Vec<f64>,
    /// Euclidean norm of the gradient of all that trains, head included.
    #[serde(with = "crate::number::columns")]
    pub gradient_norm: Vec<f64>,
    /// Real tokens a second of the run's share of the step's time.
    #[serde(with = "crate::number::columns")]
    pub tokens_per_s: Vec<f64>,
    /// Seconds of training since the run started, evaluation and pauses not counted. Runs that train together share
    /// the time of a step by the products that each would need alone, so that the times of all runs add up.
    #[serde(with = "crate::number::columns")]
    pub elapsed_secs: Vec<f64>,
}

impl Points {
    /// Number of steps.
    pub fn len(&self) -> usize {
        self.step.len()
    }
    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.step.is_empty()
    }
    /// The last step alone: what a listener needs that follows a run's progress and not its curve.
    pub fn last(&self) -> Points {
        let column = |c: &[f64]| c.last().copied().into_iter().collect();
        Points {
            step: self.step.last().copied().into_iter().collect(),
            epoch: column(&self.epoch),
            loss: column(&self.loss),
            learning_rate: column(&self.learning_rate),
            gradient_norm: column(&self.gradient_norm),
            tokens_per_s: column(&self.tokens_per_s),
            elapsed_secs: column(&self.elapsed_secs),
        }
    }
    /// Appends another batch of columns.
    pub fn extend(&mut self, more: &Points) {
        let Points { step, epoch, loss, learning_rate, gradient_norm, tokens_per_s, elapsed_secs } = more;
        self.step.extend_from_slice(step);
        self.epoch.extend_from_slice(epoch);
        self.loss.extend_from_slice(loss);
        self.learning_rate.extend_from_slice(learning_rate);
        self.gradient_norm.extend_from_slice(gradient_norm);
        self.tokens_per_s.extend_from_slice(tokens_per_s);
        self.elapsed_secs.extend_from_slice(elapsed_secs);
    }
}

/// Scores on the development sets after an epoch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Epoch, counted from 1.
    pub epoch: u32,
    /// Steps done.
    pub step: u64,
    /// Every metric of the task on every development set, and the loss.
    pub scores: Vec<Score>,
    /// Seconds that the evaluation took; an equal share for each of the runs that were scored at once.
    pub elapsed_secs: f64,
}

/// How a run ended that trained to its end.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    /// The epoch best on the development set by the task's first metric; the earlier one wins a tie.
    pub best_epoch: u32,
    /// Its scores.
    pub metrics: Vec<Score>,
    /// The epoch after which it stopped, because its score had not become better for as many epochs as its `early_stopping` says;
    /// none where it took all of its steps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopped_after: Option<u32>,
    /// Whether every scalar outside the mask has the bits it had before.
    pub frozen_unchanged: bool,
    /// Seconds of training as [`Points::elapsed_secs`] counts them.
    pub elapsed_secs: f64,
    /// SHA-256 over the trained scalars, head included, little-endian f32, in hexadecimal.
    pub trained_sha256: String,
}

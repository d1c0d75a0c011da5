//! The lines of the append-only log. All that the page shows is folded from them, see [`crate::state`].

use crate::experiment::Experiment;
use crate::json::{Fields, FromJson, Misread, read_fields, serde_reads_json};
use crate::metric::Score;
use crate::plan::Plan;
use crate::run::{RunId, RunSpec};
use serde::Serialize;
use serde_json::Value;

/// An experiment's number: 1 is the first of a home folder.
///
/// In JSON it is a number, and as a key of a map that number's digits; either is read in either place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub struct ExperimentId(pub u64);

serde_reads_json!(ExperimentId);

impl FromJson for ExperimentId {
    fn from_json(value: Value) -> Result<Self, Misread> {
        let digits = || value.as_str().and_then(|digits| digits.parse().ok());
        value.as_u64().or_else(digits).map(ExperimentId).ok_or_else(|| Misread::new("no experiment's number"))
    }
}

impl std::fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// One line of the log.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Event {
    /// Its number, from 1, without gaps.
    pub seq: u64,
    /// When, in milliseconds since 1970.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub what: What,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum What {
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
        /// Which.
        run: RunId,
        /// What it is; its hash is `run`.
        spec: Box<RunSpec>,
        /// Scalars that train, head not counted.
        trainable: u64,
        /// Whether it trains whole matrices, so that it cannot train together with others.
        alone: bool,
    },
    /// A run that ended before its time waits for a device again: it goes on from its last checkpoint, and what
    /// the log holds of its curve and its scores stays.
    Continued {
        /// Which.
        run: RunId,
    },
    /// A device turned to these runs and is about to read their model and data. Should the program end while it reads,
    /// they were interrupted, and do not keep the runs behind them waiting.
    Preparing {
        /// Which.
        runs: Vec<RunId>,
    },
    /// A run began to train, or to go on.
    Started {
        /// Which.
        run: RunId,
        /// On what: `cpu`, `cuda:0`.
        device: String,
        /// Steps it will take.
        steps: u64,
        /// Training examples.
        train_examples: u64,
        /// Development examples of each set.
        eval_examples: Vec<u64>,
        /// What the user should know of model and data, such as texts that were cut: with one run of a gang.
        notes: Vec<String>,
        /// Runs that begin to train together, itself included: they share the time of each step. Absent in the logs of
        /// older programs, which gave every run the time of its whole gang.
        #[serde(skip_serializing_if = "Option::is_none")]
        together: Option<u32>,
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
        /// How.
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
        /// Which.
        run: RunId,
        /// How.
        #[serde(flatten)]
        outcome: Outcome,
    },
    /// A run ended by an error.
    Failed {
        /// Which.
        run: RunId,
        /// What was wrong, where, and what to do: `diverged at step 812: loss is not finite`.
        reason: String,
    },
    /// The user ended a run.
    Cancelled {
        /// Which.
        run: RunId,
    },
    /// The program had ended while the run trained.
    Interrupted {
        /// Which.
        run: RunId,
    },
    /// The user stopped the queue; the run that trains waits between two steps.
    Paused,
    /// The user let the queue go on.
    Resumed,
}

serde_reads_json!(Event);
serde_reads_json!(What);

impl FromJson for Event {
    fn from_json(value: Value) -> Result<Self, Misread> {
        let mut fields = Fields::of(value)?;
        Ok(Self { seq: fields.take("seq")?, at_ms: fields.take("at_ms")?, what: What::from_fields(fields)? })
    }
}

impl FromJson for What {
    fn from_json(value: Value) -> Result<Self, Misread> {
        Self::from_fields(Fields::of(value)?)
    }
}

impl What {
    fn from_fields(mut fields: Fields) -> Result<Self, Misread> {
        let kind: String = fields.take("event")?;
        Ok(match kind.as_str() {
            "created" => What::Created {
                experiment_id: fields.take("experiment_id")?,
                experiment: fields.take("experiment")?,
                runs: fields.take("runs")?,
                plan: fields.take("plan")?,
            },
            "queued" => What::Queued {
                run: fields.take("run")?,
                spec: fields.take("spec")?,
                trainable: fields.take("trainable")?,
                // Older programs trained every run alone.
                alone: fields.take_or("alone", true)?,
            },
            "continued" => What::Continued { run: fields.take("run")? },
            "preparing" => What::Preparing { runs: fields.take("runs")? },
            "started" => What::Started {
                run: fields.take("run")?,
                device: fields.take("device")?,
                steps: fields.take("steps")?,
                train_examples: fields.take("train_examples")?,
                eval_examples: fields.take("eval_examples")?,
                // Older programs kept them to themselves.
                notes: fields.take_or("notes", Vec::new())?,
                together: fields.take("together")?,
            },
            "points" => What::Points { run: fields.take("run")?, points: fields.rest()? },
            "evaluated" => What::Evaluated { run: fields.take("run")?, evaluation: fields.rest()? },
            "checkpointed" => What::Checkpointed {
                run: fields.take("run")?,
                step: fields.take("step")?,
                failure: fields.take("failure")?,
            },
            "finished" => What::Finished { run: fields.take("run")?, outcome: fields.rest()? },
            "failed" => What::Failed { run: fields.take("run")?, reason: fields.take("reason")? },
            "cancelled" => What::Cancelled { run: fields.take("run")? },
            "interrupted" => What::Interrupted { run: fields.take("run")? },
            "paused" => What::Paused,
            "resumed" => What::Resumed,
            other => return Err(Misread::new(format_args!("`{other}` is no event"))),
        })
    }
}

impl What {
    /// Its name on the wire and in the log: the value of `event`.
    pub fn kind(&self) -> &'static str {
        match self {
            What::Created { .. } => "created",
            What::Queued { .. } => "queued",
            What::Continued { .. } => "continued",
            What::Preparing { .. } => "preparing",
            What::Started { .. } => "started",
            What::Points { .. } => "points",
            What::Evaluated { .. } => "evaluated",
            What::Checkpointed { .. } => "checkpointed",
            What::Finished { .. } => "finished",
            What::Failed { .. } => "failed",
            What::Cancelled { .. } => "cancelled",
            What::Interrupted { .. } => "interrupted",
            What::Paused => "paused",
            What::Resumed => "resumed",
        }
    }

    /// The run it is about, if one.
    pub fn run(&self) -> Option<&RunId> {
        match self {
            What::Queued { run, .. }
            | What::Continued { run }
            | What::Started { run, .. }
            | What::Points { run, .. }
            | What::Evaluated { run, .. }
            | What::Checkpointed { run, .. }
            | What::Finished { run, .. }
            | What::Failed { run, .. }
            | What::Cancelled { run }
            | What::Interrupted { run } => Some(run),
            What::Created { .. } | What::Preparing { .. } | What::Paused | What::Resumed => None,
        }
    }
}

/// Steps of a run as columns of equal length.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
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

read_fields!(Points { step, epoch, loss, learning_rate, gradient_norm, tokens_per_s, elapsed_secs });

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
        self.step.extend_from_slice(&more.step);
        self.epoch.extend_from_slice(&more.epoch);
        self.loss.extend_from_slice(&more.loss);
        self.learning_rate.extend_from_slice(&more.learning_rate);
        self.gradient_norm.extend_from_slice(&more.gradient_norm);
        self.tokens_per_s.extend_from_slice(&more.tokens_per_s);
        self.elapsed_secs.extend_from_slice(&more.elapsed_secs);
    }
}

/// Scores on the development sets after an epoch.
#[derive(Clone, Debug, PartialEq, Serialize)]
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

read_fields!(Evaluation { epoch, step, scores, elapsed_secs });

/// How a run ended that trained to its end.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outcome {
    /// The epoch best on the development set by the task's first metric; the earlier one wins a tie.
    pub best_epoch: u32,
    /// Its scores.
    pub metrics: Vec<Score>,
    /// Whether every scalar outside the mask has the bits it had before.
    pub frozen_unchanged: bool,
    /// Seconds of training as [`Points::elapsed_secs`] counts them.
    pub elapsed_secs: f64,
    /// SHA-256 over the trained scalars, head included, little-endian f32, in hexadecimal.
    pub trained_sha256: String,
}

read_fields!(Outcome { best_epoch, metrics, frozen_unchanged, elapsed_secs, trained_sha256 });

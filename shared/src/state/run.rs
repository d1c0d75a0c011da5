//! A run as the log has it.

use crate::event::{Evaluation, Node, Outcome};
use crate::failure::FailureCause;
use crate::keep_weights::KeepWeights;
use crate::mask::is_default;
use crate::run::{RunSpec, RunStatus};
use serde::{Deserialize, Serialize};

/// A run and what became of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunState {
    /// What it is.
    pub spec: RunSpec,
    /// Where it stands.
    pub status: RunStatus,
    /// Scalars that train, head not counted.
    pub trainable: u64,
    /// Whether it trains whole matrices, so that it cannot train together with others.
    pub alone: bool,
    /// Where it trains or trained.
    pub device: Option<String>,
    /// The machine of it; none before it started, and where the log does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub node: Option<Node>,
    /// What the user should know of its model and data, if no other run of its gang says it.
    pub notes: Vec<String>,
    /// Runs with which it began to train, itself included; `None` before it started, and where the log does not say.
    pub together: Option<u32>,
    /// Steps it will take; 0 before it started.
    pub steps: u64,
    /// Steps done.
    pub step: u64,
    /// Seconds of training so far: its share where it trains together with others.
    pub elapsed_secs: f64,
    /// Training loss of the last step; `None` before the first.
    pub last_loss: Option<LastLoss>,
    /// When it started, in milliseconds since 1970.
    pub started_ms: Option<u64>,
    /// When it went on last, in milliseconds since 1970, if it ever did.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub went_on_ms: Option<u64>,
    /// When it ended, in milliseconds since 1970.
    pub ended_ms: Option<u64>,
    /// Scores after each epoch.
    pub evaluations: Vec<Evaluation>,
    /// How it ended, if it trained to its end.
    pub outcome: Option<Outcome>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
    /// By what it failed, if it did.
    #[serde(default, skip_serializing_if = "is_default")]
    pub failure_cause: FailureCause,
    /// Step of its last checkpoint, from which it goes on if it is interrupted.
    pub checkpoint: Option<u64>,
    /// Why no newer checkpoint could be written.
    pub checkpoint_failure: Option<String>,
    /// The rule by which its weights were dropped, if they were: it has finished, and all else that it left is there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub weights_dropped: Option<KeepWeights>,
    /// How it had finished before it was queued again for files that were gone. Were that cancelled, or did it fail, it has
    /// finished as before: its scores hold without its files.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Box<RunState>>,
    /// Whether other learning rates ended it.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retirement: Retirement,
}

/// Whether other learning rates ended a run, see [`crate::halving`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Retirement {
    /// They have not.
    #[default]
    None,
    /// It stands where they ended it.
    Retired {
        /// After which epoch.
        epoch: u32,
        /// How many were better.
        better: u32,
    },
    /// They had, and it was tried again: it trains to its end.
    Overruled,
}

/// A loss that may be not-a-number.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct LastLoss(#[serde(with = "crate::number")] pub f64);

impl RunState {
    pub(super) fn queued(spec: RunSpec, trainable: u64, alone: bool) -> Self {
        Self {
            spec,
            status: RunStatus::Queued,
            trainable,
            alone,
            device: None,
            node: None,
            notes: Vec::new(),
            together: None,
            steps: 0,
            step: 0,
            elapsed_secs: 0.0,
            last_loss: None,
            started_ms: None,
            went_on_ms: None,
            ended_ms: None,
            evaluations: Vec::new(),
            outcome: None,
            failure: None,
            failure_cause: FailureCause::Other,
            checkpoint: None,
            checkpoint_failure: None,
            weights_dropped: None,
            earlier: None,
            retirement: Retirement::None,
        }
    }

    /// It as it finished last, if it ever did.
    pub(super) fn finished(self) -> Option<Box<RunState>> {
        if self.status == RunStatus::Finished { Some(Box::new(self)) } else { self.earlier }
    }

    /// Share of its steps that it has taken, 0 to 1; all of a run that trained to its end.
    pub fn done(&self) -> f64 {
        match (self.status, self.steps) {
            (RunStatus::Finished, _) => 1.0,
            (_, 0) => 0.0,
            (_, steps) => (self.step as f64 / steps as f64).min(1.0),
        }
    }

    /// It is over.
    pub(super) fn end(&mut self, status: RunStatus, at_ms: u64) {
        self.status = status;
        self.ended_ms = Some(at_ms);
    }
}

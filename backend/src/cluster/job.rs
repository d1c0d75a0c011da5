//! A run on its way to a device, wherever that is.

use super::bracket::Bracket;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use tunemask_shared::event::Evaluation;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::{Arithmetic, RunId, RunSpec};

/// A run on its way to a device. A gang's jobs agree in all that decides what a batch is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Job {
    /// Its identity.
    pub(crate) run: RunId,
    /// What it is.
    pub(crate) spec: RunSpec,
    /// Scalars that train, head not counted.
    pub(crate) trainable: u64,
    /// Where its model lies.
    pub(crate) model: String,
    /// The delta that is applied to its model.
    pub(crate) delta: Option<PathBuf>,
    /// Where its data lie.
    pub(crate) data: Option<PathBuf>,
    /// Whether it trains whole matrices.
    pub(crate) alone: bool,
    /// The epoch that is reported of it.
    pub(crate) reported: ReportedEpoch,
    /// Seconds that it takes, its share of its gang's, as the machine that planned it expects it; 0 where nothing is known.
    #[serde(default)]
    pub(crate) expected_secs: f64,
    /// The learning rates that it is held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) bracket: Option<Bracket>,
    /// What the user should know of it.
    pub(crate) notes: Vec<String>,
    /// What the log holds of it.
    pub(crate) logged: Logged,
}

/// What the log holds of a run that goes on: it is not written again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Logged {
    /// Last step of its curve.
    pub(crate) step: u64,
    /// Its scores.
    pub(crate) evaluations: Vec<Evaluation>,
    /// Seconds of training up to that step.
    pub(crate) elapsed_secs: f64,
    /// Whose bits these are, where it is known: on another kind of machine the run starts anew.
    pub(crate) arithmetic: Option<Arithmetic>,
}

impl Logged {
    /// Whether what is logged can go on where this is computed.
    pub(crate) fn goes_on_with(&self, own: &Arithmetic) -> bool {
        self.step == 0 || self.arithmetic.as_ref().is_none_or(|logged| logged == own)
    }
}

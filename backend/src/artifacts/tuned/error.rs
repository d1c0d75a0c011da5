//! Why a run's tuned model cannot be had.

use crate::artifacts::ArtifactError;
use crate::model::ModelError;
use crate::store::StoreError;
use std::path::PathBuf;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::mask::MaskError;
use tunemask_shared::run::RunId;

/// Why a run's tuned model cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum TunedError {
    /// No run's id begins so.
    #[error("no run's id begins with `{wanted}`; {known}")]
    Unknown {
        /// What was asked for.
        wanted: String,
        /// The runs there are.
        known: String,
    },
    /// Several do.
    #[error("`{wanted}` is the beginning of {runs}; write more of it")]
    Ambiguous {
        /// What was asked for.
        wanted: String,
        /// The runs that begin so.
        runs: String,
    },
    /// It has not been trained to its end.
    #[error("run {run} {what}")]
    Unfinished {
        /// The run.
        run: RunId,
        /// Where it stands, and what to do.
        what: String,
    },
    /// Its file is gone.
    #[error(
        "{}: not found; only the log's record of run {run} is left. Run its experiment again to train it \
         again",
        path.display()
    )]
    NotKept {
        /// The run.
        run: RunId,
        /// Where its file was expected.
        path: PathBuf,
    },
    /// Its weights were dropped by a rule.
    #[error(
        "run {run} did not keep its weights, by keep_weights = \"{rule}\" of its experiment; to train it again, start the \
         experiment with keep_weights = \"all\""
    )]
    Dropped {
        /// The run.
        run: RunId,
        /// The rule of its experiment.
        rule: KeepWeights,
    },
    /// The run kept the scalars of another epoch.
    #[error(
        "run {run} kept the weights of its {kept} epoch, not of its {wanted} one: runs that train whole matrices keep \
         those that their experiment reports; use the {kept} one"
    )]
    OtherEpoch {
        /// The run.
        run: RunId,
        /// What was kept.
        kept: &'static str,
        /// What was asked for.
        wanted: &'static str,
    },
    /// The model is another one now.
    #[error("{source_name}: the model has changed since run {run} was trained on it; put the old one back")]
    Changed {
        /// The run.
        run: RunId,
        /// The model's name.
        source_name: String,
    },
    /// The file does not fit the run.
    #[error("the files of run {run} are incomplete: {found} scalars, but {expected} were trained")]
    Size {
        /// The run.
        run: RunId,
        /// In the file.
        found: usize,
        /// By the mask and the task.
        expected: usize,
    },
    /// The log cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read.
    #[error(transparent)]
    Artifact(#[from] ArtifactError),
    /// The model cannot be read.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The mask does not fit the model.
    #[error(transparent)]
    Mask(#[from] MaskError),
}

impl TunedError {
    /// A run that did not keep the scalars of the epoch that is wanted.
    pub(super) fn other_epoch(run: RunId, wanted: ReportedEpoch) -> Self {
        let (kept, wanted) = match wanted {
            ReportedEpoch::Best => ("last", "best"),
            ReportedEpoch::Last => ("best", "last"),
        };
        Self::OtherEpoch { run, kept, wanted }
    }
}

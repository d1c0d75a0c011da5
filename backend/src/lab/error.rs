//! What goes wrong in the lab, by the reader who is told.
//!
//! [`LabError`] is what a caller of the lab gets: it was not done. `PrepareError` ends runs before their first step, and
//! becomes their last line in the log. What goes wrong while a gang steps is the engine's `EngineError`: it ends runs, or
//! makes their gang smaller, or the queue wait.

use crate::artifacts::ArtifactError;
use crate::cluster::ClusterError;
use crate::data::DataError;
use crate::model::ModelError;
use crate::store::StoreError;
use indicatif::HumanBytes;
use std::path::PathBuf;
use std::sync::Arc;
use tunemask_engine::Precision;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::FieldError;
use tunemask_shared::mask::MaskError;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// Why the lab does not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum LabError {
    /// The log cannot be opened or written. Nothing trains from then on.
    #[error(transparent)]
    Store(#[from] Arc<StoreError>),
    /// The experiment cannot be run.
    #[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
    Invalid(Vec<FieldError>),
    /// The disk is too full for what the runs would leave.
    #[error(
        "the runs need {} on the disk of {}, including checkpoints, but {} are free; free some space, ask \
         for fewer runs, or choose another folder with --home", size(*needed), home.display(), size(*free)
    )]
    Room {
        /// The home folder.
        home: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// A plan's folder cannot be made or used.
    #[error("{0}")]
    Plan(Arc<ClusterError>),
    /// What runs left cannot be looked at.
    #[error("{0}")]
    Files(Arc<ArtifactError>),
    /// No such run was ever queued here.
    #[error("no run {0} is known here; reload to see those that are")]
    UnknownRun(RunId),
    /// There is no such experiment.
    #[error("there is no experiment {0}")]
    UnknownExperiment(ExperimentId),
    /// Some of its runs are queued or train.
    #[error("{0} of its runs are not over; cancel them first")]
    NotOver(usize),
    /// The program is about to end.
    #[error("tunemask is shutting down; start it again")]
    Stopped,
    /// The system gave no thread.
    #[error("the system cannot start a thread: {0}")]
    Thread(Arc<std::io::Error>),
}

impl From<ClusterError> for LabError {
    fn from(error: ClusterError) -> Self {
        Self::Plan(Arc::new(error))
    }
}

impl From<StoreError> for LabError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

impl From<ArtifactError> for LabError {
    fn from(error: ArtifactError) -> Self {
        Self::Files(Arc::new(error))
    }
}

/// Why runs cannot begin.
#[derive(Debug, thiserror::Error)]
pub(super) enum PrepareError {
    /// They were begun by a program that computes otherwise.
    #[error(
        "another version of tunemask began it, and this version's results differ; start its experiment \
         again, and it becomes a new run"
    )]
    OtherVersion,
    /// They were begun in another precision than the device computes in.
    #[error(
        "it began with {} and this program computes with {}; start it with {} to continue",
        wanted.name(), own.name(), dtype(*wanted)
    )]
    OtherPrecision {
        /// The runs'.
        wanted: Precision,
        /// The device's.
        own: Precision,
    },
    /// The model is another one than when they were queued.
    #[error("the model {0} has changed since this run was queued; start a new experiment")]
    ModelChanged(String),
    /// The data are others than when they were queued.
    #[error("the data of {} has changed since this run was queued; start a new experiment", .0.title())]
    DataChanged(Task),
    /// The model cannot be used.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// The data cannot be read.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The mask does not fit the model.
    #[error(transparent)]
    Mask(#[from] MaskError),
}

fn size(bytes: u64) -> HumanBytes {
    HumanBytes(bytes)
}

/// What asks for a precision on the command line.
fn dtype(precision: Precision) -> &'static str {
    match precision {
        Precision::F32 => "--dtype f32",
        Precision::Tf32 => "--dtype tf32",
        Precision::Bf16 => "--dtype bf16 on a GPU",
        Precision::FrozenBf16 => "--dtype bf16 on the processor",
    }
}

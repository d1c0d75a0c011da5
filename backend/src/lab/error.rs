use crate::store::StoreError;
use indicatif::HumanBytes;
use std::path::PathBuf;
use std::sync::Arc;
use tunemask_shared::run::RunId;
use tunemask_shared::validation::FieldError;

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
        "the runs would leave {} on the disk of {}, with their checkpoints, where {} are free; free some space, ask for \
         fewer runs, or choose another folder with --home", size(*needed), home.display(), size(*free)
    )]
    Room {
        /// The home folder.
        home: PathBuf,
        /// Bytes that are needed.
        needed: u64,
        /// Bytes that are free.
        free: u64,
    },
    /// What runs left cannot be looked at.
    #[error("{0}")]
    Files(String),
    /// No such run was ever queued here.
    #[error("no run {0} is known here; reload to see those that are")]
    UnknownRun(RunId),
    /// The program is about to end.
    #[error("tunemask is shutting down; start it again")]
    Stopped,
    /// The system gave no thread.
    #[error("the system starts no thread: {0}")]
    Thread(String),
}

impl From<StoreError> for LabError {
    fn from(error: StoreError) -> Self {
        Self::Store(Arc::new(error))
    }
}

fn size(bytes: u64) -> HumanBytes {
    HumanBytes(bytes)
}

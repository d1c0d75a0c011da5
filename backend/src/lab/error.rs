use crate::store::StoreError;
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

//! Why a run's model cannot be exported.

use crate::model::ModelError;
use tunemask_engine::EngineError;
use tunemask_shared::run::RunId;

/// Why a run's model cannot be exported.
#[derive(Debug, thiserror::Error)]
pub enum ExportError {
    /// It cannot be written, or not be read again.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// It cannot be scored.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// What was written is not what the run scored.
    #[error("the exported model does not score what run {run} scored: {what}; nothing was left")]
    Differs {
        /// The run.
        run: RunId,
        /// In what.
        what: String,
    },
}

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
    /// A run of LoRA whose model is more than its base and what LoRA added.
    #[error(
        "run {0} has changed tensors of its base model, by a delta applied to it or by pooler_trains, and an adapter \
         holds only what LoRA added; leave --delta out to write the whole model"
    )]
    NotAnAdapter(RunId),
    /// What was written is not what the run scored.
    #[error("the exported model does not score what run {run} scored: {what}; nothing was left")]
    Differs {
        /// The run.
        run: RunId,
        /// In what.
        what: String,
    },
}

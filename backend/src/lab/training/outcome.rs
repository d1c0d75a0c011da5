//! How a round of a gang ends.

use tunemask_engine::EngineError;

/// How a round ended.
#[derive(Debug)]
pub(super) enum StepOutcome {
    /// The next may follow.
    Continue,
    /// The device fails, or has no room: the gang cannot go on as it is.
    GangFailed(EngineError),
    /// The program ends.
    Shutdown,
}

impl From<EngineError> for StepOutcome {
    fn from(error: EngineError) -> Self {
        Self::GangFailed(error)
    }
}

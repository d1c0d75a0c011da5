//! Why a gang steps no further.

use crate::lab::LabError;
use tunemask_engine::EngineError;

/// Why a gang steps no further.
#[derive(Debug)]
pub(super) enum Stop {
    /// The device fails, or has no room: the gang cannot go on as it is.
    Failed(EngineError),
    /// The program ends.
    Shutdown,
    /// The log cannot be written.
    Log(LabError),
}

impl From<EngineError> for Stop {
    fn from(error: EngineError) -> Self {
        Self::Failed(error)
    }
}

impl From<LabError> for Stop {
    fn from(error: LabError) -> Self {
        Self::Log(error)
    }
}

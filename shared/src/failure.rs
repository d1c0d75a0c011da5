//! By what runs fail, where that decides what becomes of them. What a reader is told is a sentence beside it.

use serde::{Deserialize, Serialize};

/// By what a run failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureCause {
    /// What may be gone at the next try: a file, a disk, a device. The lines of older programs say no more.
    #[default]
    Other,
    /// Its loss or its gradient was not finite. It would be again: a run is a function of what it is.
    Diverged,
}

//! Why what a run has left on the disk cannot be written or read.

use crate::files::{FileError, why_not_written};
use crate::tensors::TensorsError;
use std::path::{Path, PathBuf};

/// Why what a run has become cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It cannot be written.
    #[error("{}: {}; see that the disk has room and the folder can be written to", path.display(), why_not_written(cause))]
    Io {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It is not what was written.
    #[error("{}: {why}; delete it to train the run again", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

impl From<TensorsError> for ArtifactError {
    fn from(error: TensorsError) -> Self {
        match error {
            TensorsError::File(error) => Self::File(error),
            // The folder: what keeps one run's file from being written keeps all of them, for one reason that is told once.
            TensorsError::Io { path, cause } => {
                let path = path.parent().map(Path::to_owned).unwrap_or(path);
                Self::Io { path, cause }
            }
            TensorsError::Damaged { path, why } => Self::Damaged { path, why },
        }
    }
}

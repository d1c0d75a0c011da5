//! Files of named tensors: written whole or not at all, read tensor by tensor.
//!
//! The format is safetensors. A reader looks at the header alone until a tensor is asked for, so that what a file
//! of gigabytes says of itself costs nothing. In reading order:

/// A file that is whole at every moment.
mod replace;
/// Its checksums.
mod seal;
/// A file on its way to the disk.
mod write;
/// A file that is there.
mod read;
/// A file without some of its tensors.
mod copy;
#[cfg(test)]
mod tests;

pub(crate) use read::TensorReader;
pub(crate) use replace::{replace, replace_with, sweep, sync};
pub(crate) use write::{TensorWriter, serialize};

use crate::files::FileError;
use std::path::PathBuf;

/// Why a file of tensors cannot be written or read.
#[derive(Debug, thiserror::Error)]
pub enum TensorsError {
    /// It cannot be read.
    #[error(transparent)]
    File(#[from] FileError),
    /// It cannot be written.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// It is not what was expected.
    #[error("{}: {why}", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        why: String,
    },
}

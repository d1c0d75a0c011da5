//! Why a file of PyTorch is not read.

use crate::files::FileError;
use crate::model::ModelError;
use std::io;
use std::path::Path;

/// Why a file is not read; the path is not in it.
pub(super) enum Problem {
    Io(io::Error),
    What(String),
}

impl From<io::Error> for Problem {
    fn from(cause: io::Error) -> Self {
        Self::Io(cause)
    }
}

impl From<String> for Problem {
    fn from(what: String) -> Self {
        Self::What(what)
    }
}

impl From<&str> for Problem {
    fn from(what: &str) -> Self {
        Self::What(what.into())
    }
}

impl Problem {
    /// The same of a file.
    pub(super) fn in_file(self, path: &Path) -> ModelError {
        match self {
            Self::Io(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
                ModelError::Archive { path: path.to_owned(), why: "truncated; copy it again".into() }
            }
            Self::Io(cause) => FileError::new(path, cause).into(),
            Self::What(why) => ModelError::Archive { path: path.to_owned(), why },
        }
    }
}

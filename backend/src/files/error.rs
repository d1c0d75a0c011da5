//! Why a file is not read.

use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

/// Why a file is not read. Every variant names the file.
#[derive(Debug, thiserror::Error)]
pub enum FileError {
    /// There is none.
    #[error("{}: there is no such file", .0.display())]
    Missing(PathBuf),
    /// The system does not let this user read it.
    #[error("{}: this user may not read it; change its permissions or those of a folder above it", .0.display())]
    Forbidden(PathBuf),
    /// Not a regular file.
    #[error("{}: is {what}; a file is needed", path.display())]
    Irregular {
        /// What was named.
        path: PathBuf,
        /// A folder, a pipe, a device.
        what: &'static str,
    },
    /// A link that is not followed.
    #[error(
        "{}: a link by another user, to a file that they may not be allowed to read; copy the file there \
         instead",
        .0.display()
    )]
    Link(PathBuf),
    /// More than is read of such a file.
    #[error("{}: larger than {} MiB, the most that is read of such a file", path.display(), most >> 20)]
    Large {
        /// The file.
        path: PathBuf,
        /// The most bytes that are read.
        most: u64,
    },
    /// A text in another encoding, or no text.
    #[error("{}, line {line}: not UTF-8; save the file as UTF-8", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
        /// From 1.
        line: usize,
    },
    /// Something was saved in its place.
    #[error("{}: {what}", path.display())]
    StandIn {
        /// The file.
        path: PathBuf,
        /// What it is, and what to do.
        what: &'static str,
    },
    /// The system refused.
    #[error("{}: {cause}", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
}

impl FileError {
    /// Tells what the system said about a file.
    pub(crate) fn new(path: &Path, cause: io::Error) -> Self {
        let path = path.to_owned();
        match cause.kind() {
            io::ErrorKind::NotFound => Self::Missing(path),
            io::ErrorKind::PermissionDenied => Self::Forbidden(path),
            _ => Self::Io { path, cause },
        }
    }

    /// The file.
    pub(crate) fn path_mut(&mut self) -> &mut PathBuf {
        match self {
            Self::Missing(path) | Self::Forbidden(path) | Self::Link(path) => path,
            Self::Irregular { path, .. } | Self::Large { path, .. } | Self::NotText { path, .. } => path,
            Self::StandIn { path, .. } | Self::Io { path, .. } => path,
        }
    }
}

/// # Errors
/// Of what is not a regular file.
pub(super) fn regular(path: &Path, metadata: &Metadata) -> Result<(), FileError> {
    if metadata.is_file() {
        return Ok(());
    }
    #[cfg(unix)]
    let piped = {
        use std::os::unix::fs::FileTypeExt;
        metadata.file_type().is_fifo() || metadata.file_type().is_socket()
    };
    #[cfg(not(unix))]
    let piped = false;
    let what = match () {
        () if metadata.is_dir() => "a folder",
        () if piped => "a pipe",
        () => "a device",
    };
    Err(FileError::Irregular { path: path.to_owned(), what })
}

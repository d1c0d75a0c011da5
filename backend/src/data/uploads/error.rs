//! Why an upload is not kept.

use crate::data::DataError;
use crate::files;
use std::io;
use std::path::PathBuf;
use tunemask_shared::dataset::MAX_UPLOAD_FILES;

/// Why an upload is not kept; each in one sentence, which the page shows.
#[derive(Debug, thiserror::Error)]
pub(crate) enum UploadError {
    /// No file of rows at all.
    #[error("no file of rows came; choose one at least (.csv, .tsv, .json, .jsonl or .parquet)")]
    NoFile,
    /// Too many.
    #[error(
        "more than {MAX_UPLOAD_FILES} files; choose fewer, or name a folder on the server's machine as the data folder"
    )]
    Many,
    /// Too large.
    #[error(
        "the files have more than {}, the most that an upload may have; copy them to the server's machine and name their \
         folder as the data folder",
        size(*most)
    )]
    Large {
        /// The most bytes that are taken.
        most: u64,
    },
    /// Two of the same name.
    #[error("two of the files are called {0}; rename one of them")]
    Twice(String),
    /// No room on the disk.
    #[error("the files need {} in {}, which has {}; make room there", size(*needed), folder.display(), size(*free))]
    Room {
        /// Bytes that the files need.
        needed: u64,
        /// Bytes that are free there.
        free: u64,
        /// The folder on that disk.
        folder: PathBuf,
    },
    /// The disk does not take it.
    #[error("{}: {}", path.display(), files::why_not_written(cause))]
    Write {
        /// The file or folder.
        path: PathBuf,
        /// What the system says.
        cause: io::Error,
    },
    /// The bytes stopped before the end.
    #[error("the upload broke off; nothing of it is kept")]
    Broken,
    /// Files that cannot be read as rows.
    #[error(transparent)]
    Data(DataError),
    /// What is kept of the same files is not what it was.
    #[error("{}: these files were uploaded before, and have been changed there since; delete that folder", .0.display())]
    Altered(PathBuf),
}

/// Bytes as the page and the documentation say them: `1 GiB`.
fn size(bytes: u64) -> String {
    const MIB: u64 = 1 << 20;
    const GIB: u64 = 1 << 30;
    match bytes {
        0..MIB => format!("{} KiB", bytes.div_ceil(1024)),
        MIB..GIB => format!("{} MiB", bytes.div_ceil(MIB)),
        _ if bytes.is_multiple_of(GIB) => format!("{} GiB", bytes / GIB),
        _ => format!("{:.1} GiB", bytes as f64 / GIB as f64),
    }
}

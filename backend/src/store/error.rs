use rusqlite::ErrorCode;
use std::path::{Path, PathBuf};

/// Why the log cannot be opened, written or read.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The system names no folder for a program's data.
    #[error("no home folder is known; name one with --home or TUNEMASK_HOME")]
    NoHome,
    /// The home folder cannot be made or written to.
    #[error("{path}: {cause}; choose a folder that can be written to with --home or TUNEMASK_HOME")]
    Home {
        /// The folder, or the file in it.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// Another program has the lock.
    #[error("another tunemask works in {0}; stop it, or choose another folder with --home")]
    Locked(PathBuf),
    /// There is nothing to read.
    #[error("{0} holds no runs yet; run an experiment first, or name its folder with --home")]
    Empty(PathBuf),
    /// No room is left.
    #[error(
        "the disk that holds {0} is full; free some space and start tunemask again: runs that trained \
             will be shown as interrupted and can be tried again"
    )]
    Full(PathBuf),
    /// The file is no database or is damaged.
    #[error(
        "{path} is damaged ({detail}); restore a copy, or move it and the files beside it away to begin anew"
    )]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        detail: String,
    },
    /// The file is another program's.
    #[error("{0} is another program's database; choose another folder with --home")]
    Foreign(PathBuf),
    /// The file was written by a later version.
    #[error("{path} has layout {found}, this tunemask knows layouts up to {known}; use a newer tunemask")]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its layout.
        found: i64,
        /// The last one known here.
        known: i64,
    },
    /// A line of the log cannot be read, or one is missing.
    #[error("{path}: event {seq}: {detail}; restore a copy, or move the file away to begin anew")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number.
        seq: u64,
        /// What is wrong.
        detail: String,
    },
    /// Anything else that SQLite says.
    #[error("{path}: {cause}")]
    Database {
        /// The file.
        path: PathBuf,
        /// What SQLite says.
        cause: rusqlite::Error,
    },
}

impl StoreError {
    /// Sorts what SQLite says about the file by what its user can do.
    pub(super) fn sort(path: &Path, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(path),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, detail: cause.to_string() }
            }
            _ => Self::Database { path, cause },
        }
    }
}

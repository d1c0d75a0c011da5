//! What can go wrong, and what to do.

use super::holder::Holder;
use rusqlite::ErrorCode;
use rusqlite::ffi::SQLITE_IOERR_WRITE;
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
    #[error("another tunemask works in {home}{holder}; stop it, or choose another folder with --home")]
    Locked {
        /// The folder.
        home: PathBuf,
        /// Who it is, as far as it says so.
        holder: Holder,
    },
    /// The file system has no locks.
    #[error(
        "{path} cannot be locked ({cause}): its file system has no locks, and two programs could write there at once; choose a \
         folder on a disk of this machine with --home"
    )]
    NoLocks {
        /// The lock's file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
    },
    /// There is nothing to read.
    #[error("{0} holds no runs yet; run an experiment first, or name its folder with --home")]
    Empty(PathBuf),
    /// No room is left, or none that this user may have.
    #[error("no room is left for {0}: the disk is full, or a quota is used up; free some space")]
    Full(PathBuf),
    /// Another program has the file.
    #[error("{0} is locked by another program; close that program, or end what it does with the file")]
    Busy(PathBuf),
    /// What is written to is not what the name leads to any more.
    #[error(
        "{0} was deleted, moved or replaced while tunemask worked with it: nothing more can be saved \
         there; put it back if you can, and start tunemask again"
    )]
    Gone(PathBuf),
    /// Lines stand beside the file that nothing can be read from where nothing can be written.
    #[error(
        "{0} cannot be read where nothing can be written: a program that was killed left lines in the file beside it; \
         copy the folder to where you can write, and name the copy with --home"
    )]
    ReadOnly(PathBuf),
    /// The file is no database or is damaged.
    #[error(
        "{path} is damaged ({detail}); restore a copy, or move it and the files beside it away to start \
         over"
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
    #[error("{path}: event {seq}: {detail}; restore a copy, or move the file away to start over")]
    Line {
        /// The file.
        path: PathBuf,
        /// The line's number.
        seq: u64,
        /// What is wrong.
        detail: String,
    },
    /// A worker's segment cannot be written.
    #[error("{path}: {cause}; see that the plan's folder is there and can be written to")]
    Segment {
        /// The file.
        path: PathBuf,
        /// What the system says.
        cause: std::io::Error,
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
    /// Whether it may pass without tunemask being started anew.
    pub fn may_pass(&self) -> bool {
        matches!(self, Self::Full(_) | Self::Busy(_))
    }

    /// Sorts what the system says about a segment by what its user can do.
    pub(crate) fn of_segment(path: &Path, cause: std::io::Error) -> Self {
        use std::io::ErrorKind::{QuotaExceeded, StorageFull};
        let path = path.to_owned();
        match cause.kind() {
            StorageFull | QuotaExceeded => Self::Full(path),
            _ => Self::Segment { path, cause },
        }
    }

    /// Sorts what SQLite says about the file by what its user can do.
    pub(super) fn classify(path: &Path, cause: rusqlite::Error) -> Self {
        let path = path.to_owned();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full(path),
            // A write that a quota or a limit refused. After a sync that failed nobody knows what is on the disk.
            Some(ErrorCode::SystemIoFailure) if extended(&cause) == Some(SQLITE_IOERR_WRITE) => {
                Self::Full(path)
            }
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Busy(path),
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => {
                Self::Damaged { path, detail: cause.to_string() }
            }
            _ => Self::Database { path, cause },
        }
    }
}

fn extended(cause: &rusqlite::Error) -> Option<i32> {
    cause.sqlite_error().map(|error| error.extended_code)
}

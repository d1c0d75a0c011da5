//! Where the file lies, and who may write to it.

use super::holder::Holder;
use super::presence::Presence;
use super::private::{make_private, open_private};
use super::{StoreError, mount};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};

/// The database's name in a home folder.
pub const FILE_NAME: &str = "tunemask.sqlite3";

const LOCK_NAME: &str = "tunemask.lock";

/// The home folder if none is named: `$TUNEMASK_HOME`, else `tunemask` in the user's data folder.
///
/// # Errors
/// The system names no data folder.
pub fn default_home() -> Result<PathBuf, StoreError> {
    match std::env::var_os("TUNEMASK_HOME").filter(|home| !home.is_empty()) {
        Some(home) => Ok(home.into()),
        None => dirs::data_dir().map(|data| data.join("tunemask")).ok_or(StoreError::NoHome),
    }
}

/// Whether the file system, and not this file, is what cannot be locked: Lustre without `flock`, some NFS.
fn has_no_locks(cause: &std::io::Error) -> bool {
    #[cfg(unix)]
    {
        use rustix::io::Errno;
        let code = cause.raw_os_error();
        [Errno::NOSYS, Errno::NOLCK, Errno::OPNOTSUPP].iter().any(|errno| code == Some(errno.raw_os_error()))
    }
    #[cfg(not(unix))]
    {
        cause.kind() == std::io::ErrorKind::Unsupported
    }
}

/// The right to write in a home folder. The system takes it back however the program ends.
#[derive(Debug)]
pub(super) struct HomeLock {
    _file: File,
    path: PathBuf,
}

impl HomeLock {
    /// Makes the folder if need be, for its user alone, and takes its lock.
    pub(super) fn take(home: &Path) -> Result<Self, StoreError> {
        make_private(home).map_err(|cause| StoreError::Home { path: home.to_owned(), cause })?;
        let path = home.join(LOCK_NAME);
        let failed = |cause| StoreError::Home { path: path.clone(), cause };
        let file = open_private(&path).map_err(failed)?;
        match file.try_lock() {
            Ok(()) => {
                let before = Holder::read(&path);
                if before.is_elsewhere() && mount::is_shared(home) {
                    tracing::warn!(
                        "{} was used by another machine before{before}; if that tunemask still works, stop one of the two: \
                         some file systems do not lock between machines",
                        home.display()
                    );
                }
                if let Err(error) = Holder::write(&file) {
                    // A full disk is no reason to stay away from what is there: it is a word for people.
                    tracing::warn!("{} does not say who has it: {error}", path.display());
                }
                Ok(Self { _file: file, path })
            }
            Err(TryLockError::WouldBlock) => {
                Err(StoreError::Locked { home: home.to_owned(), holder: Holder::read(&path) })
            }
            Err(TryLockError::Error(cause)) if has_no_locks(&cause) => {
                Err(StoreError::NoLocks { path, cause })
            }
            Err(TryLockError::Error(cause)) => Err(failed(cause)),
        }
    }

    /// Its file and the log's, as they are now.
    pub(super) fn presence(&self, log: &Path) -> Presence {
        let beside = |ending: &str| log.with_file_name(format!("{FILE_NAME}{ending}"));
        Presence::from_files([self.path.clone(), log.to_owned(), beside("-wal")])
    }
}

//! One file at a time, among all programs that use the cache, Python's among them: all take the same locks.

use std::fs::{File, OpenOptions, TryLockError};
use std::path::Path;

/// A lock that is held until it is dropped.
#[derive(Debug)]
pub(super) struct Lock(#[allow(dead_code, reason = "it is held")] File);

/// Takes a lock, and says so if it has to wait. `None` where there can be none, on a disk without locks or one of another user: the
/// names of files that are being written keep writers apart there.
pub(super) fn lock(path: &Path, waits: impl FnOnce()) -> Option<Lock> {
    std::fs::create_dir_all(path.parent()?).ok()?;
    let file = OpenOptions::new().create(true).truncate(false).write(true).open(path).ok()?;
    match file.try_lock() {
        Ok(()) => Some(Lock(file)),
        Err(TryLockError::WouldBlock) => {
            waits();
            file.lock().ok()?;
            Some(Lock(file))
        }
        Err(TryLockError::Error(_)) => None,
    }
}

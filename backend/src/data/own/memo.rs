//! Tasks of folders whose files have not changed since they were read.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;
use tunemask_shared::task::Task;

/// The files of a folder and of those in it, with what changes when they do.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Signature(Vec<(PathBuf, u64, Option<SystemTime>, i128)>);

/// Folders that are remembered.
const MOST: usize = 64;

static KNOWN: Mutex<Vec<(Signature, Task)>> = Mutex::new(Vec::new());

impl Signature {
    pub(super) fn of(folder: &Path) -> Self {
        let mut files = Vec::new();
        add(folder, &mut files, 1);
        files.sort();
        Self(files)
    }
}

fn add(folder: &Path, files: &mut Vec<(PathBuf, u64, Option<SystemTime>, i128)>, deeper: usize) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        // Of what a link leads to, not of the link.
        let Ok(metadata) = fs::metadata(entry.path()) else { continue };
        if metadata.is_dir() && deeper > 0 {
            add(&entry.path(), files, deeper - 1);
        } else if metadata.is_file() {
            files.push((entry.path(), metadata.len(), metadata.modified().ok(), changed(&metadata)));
        }
    }
}

/// When the file was changed, which nobody sets back.
#[cfg(unix)]
fn changed(metadata: &fs::Metadata) -> i128 {
    use std::os::unix::fs::MetadataExt;
    i128::from(metadata.ctime()) * 1_000_000_000 + i128::from(metadata.ctime_nsec())
}

#[cfg(not(unix))]
fn changed(_: &fs::Metadata) -> i128 {
    0
}

/// The task that was found of these files.
pub(super) fn known(signature: &Signature) -> Option<Task> {
    let known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    known.iter().find(|(files, _)| files == signature).map(|(_, task)| task.clone())
}

/// Remembers a task.
pub(super) fn keep(signature: Signature, task: &Task) {
    let mut known = KNOWN.lock().unwrap_or_else(PoisonError::into_inner);
    if known.len() == MOST {
        known.remove(0);
    }
    known.push((signature, task.clone()));
}

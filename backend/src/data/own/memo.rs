//! What was read of folders whose files have not changed since: their tasks, and for a while their records.
//!
//! A program that trains asks for them one after the other: which task it is, what its records are known by, how many they are,
//! and at last their tokens. A file of a million rows is read once for all of these.

use crate::data::record::TaskRecords;
use std::fs;
use std::path::{self, Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;
use tunemask_shared::task::Task;

/// The files of a folder, of the one that has its data, and of those in them, with what changes when they do.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Signature(Vec<(PathBuf, u64, Option<SystemTime>, i128)>);

/// What was read of a folder.
#[derive(Clone)]
pub(super) struct Read {
    pub task: Task,
    pub records: Arc<TaskRecords>,
}

/// Folders whose tasks are remembered.
const MAX_FOLDERS: usize = 64;
/// Bytes of files whose records are kept in memory; records take about as much. What is larger is read again.
const KEPT: u64 = 512 << 20;

struct Memory {
    tasks: Vec<(Signature, Task)>,
    /// Those that were read last behind the others.
    records: Vec<(Signature, Read)>,
}

static MEMORY: Mutex<Memory> = Mutex::new(Memory::EMPTY);

fn memory() -> MutexGuard<'static, Memory> {
    MEMORY.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Memory {
    const EMPTY: Self = Self { tasks: Vec::new(), records: Vec::new() };

    fn task(&self, signature: &Signature) -> Option<Task> {
        self.tasks.iter().find(|(files, _)| files == signature).map(|(_, task)| task.clone())
    }

    fn records(&self, signature: &Signature) -> Option<Read> {
        self.records.iter().find(|(files, _)| files == signature).map(|(_, read)| read.clone())
    }

    fn keep(&mut self, signature: Signature, read: &Read) {
        let Self { tasks, records } = self;
        tasks.retain(|(files, _)| *files != signature);
        if tasks.len() == MAX_FOLDERS {
            tasks.remove(0);
        }
        tasks.push((signature.clone(), read.task.clone()));
        records.retain(|(files, _)| *files != signature);
        if signature.bytes() <= KEPT {
            records.push((signature, read.clone()));
        }
        while records.iter().map(|(files, _)| files.bytes()).sum::<u64>() > KEPT {
            records.remove(0);
        }
    }
}

impl Signature {
    pub(super) fn of(folders: [&Path; 2]) -> Self {
        let mut files = Vec::new();
        for folder in folders {
            // However it is named: the queue knows folders by their whole paths.
            add(&path::absolute(folder).unwrap_or_else(|_| folder.to_owned()), &mut files, 1);
        }
        files.sort();
        files.dedup();
        Self(files)
    }

    fn bytes(&self) -> u64 {
        self.0.iter().map(|(_, bytes, ..)| bytes).sum()
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
pub(super) fn task(signature: &Signature) -> Option<Task> {
    memory().task(signature)
}

/// What was read of these files, if it is still in memory.
pub(super) fn records(signature: &Signature) -> Option<Read> {
    memory().records(signature)
}

/// Remembers what was read.
pub(super) fn keep(signature: Signature, read: &Read) {
    memory().keep(signature, read);
}

/// Gives the memory of records back.
pub(crate) fn forget_records() {
    memory().records.clear();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_kept_as_far_as_there_is_room() {
        let files = |name: &str, bytes| Signature(vec![(PathBuf::from(name), bytes, None, 0)]);
        let records = TaskRecords { sets: Vec::new(), fingerprint: String::new(), notes: Vec::new() };
        let read = Read { task: Task::rte(), records: Arc::new(records) };
        let mut memory = Memory::EMPTY;
        let half = KEPT / 2;
        memory.keep(files("a", half), &read);
        memory.keep(files("b", half), &read);
        let found = memory.records(&files("a", half)).unwrap();
        assert!(Arc::ptr_eq(&found.records, &read.records));
        // The one that was read first goes, its task stays; a file that has changed is another.
        memory.keep(files("c", 1), &read);
        let is_here = |memory: &Memory, name, bytes| memory.records(&files(name, bytes)).is_some();
        assert!(!is_here(&memory, "a", half) && is_here(&memory, "b", half) && is_here(&memory, "c", 1));
        assert!(memory.task(&files("a", half)).is_some() && memory.task(&files("c", 2)).is_none());
        // What is too large leaves the others where they are.
        memory.keep(files("d", KEPT + 1), &read);
        assert!(!is_here(&memory, "d", KEPT + 1) && is_here(&memory, "b", half));
        memory.keep(files("b", half), &read);
        assert_eq!(memory.records.len(), 2);
    }
}

//! GLUE and CoNLL-2003 as the Hugging Face hub publishes them: parquet files of tokens or texts with numbered labels.
//!
//! A folder is a snapshot of the repository, or any that holds its files: `rte/train-00000-of-00001.parquet`,
//! `conll2003/train/0000.parquet`, `rte/train.parquet`. Labels are mapped by the names that the files give their numbers;
//! rows whose label is withheld (−1, or none) are skipped and counted. A run on these files is the run on GLUE's own,
//! where `identity.rs` can tell that they are the same.
//!
//! In reading order:

/// What a label's cell says.
mod labels;
/// Texts and their labels.
mod texts;
/// Words and their tags.
mod words;
/// Which data these are.
mod identity;
#[cfg(test)]
mod tests;

use super::DataError;
use super::columns::labels_note;
use super::frame::Frame;
use super::parts::{parts, usual};
use super::record::{RecordSet, TaskRecords, sets_of};
use super::report::Skipped;
use std::path::{Path, PathBuf};
use tunemask_shared::task::{ColumnTask, Source, Task};

/// What is said of a row whose label is not published.
const WITHHELD: &str = "label withheld";

/// The task that a folder holds: with labels of its own where its training set has others than the known task.
///
/// # Errors
/// A training set that is damaged, or without the task's columns.
pub(super) fn task(columns: ColumnTask, folder: &Path) -> Result<Task, DataError> {
    let files = parts(folder, "train")?;
    let frame = Frame::read(&files, &|_| ())?;
    let known = Task::from(columns);
    let own = words::labels(columns, &frame, files.first().map_or(folder, PathBuf::as_path))?;
    let own = own.and_then(|labels| known.with_labels(labels).ok());
    Ok(own.unwrap_or(known))
}

/// A task's records, from its folder.
///
/// # Errors
/// A set without a file; a file that is damaged, or without the task's columns; a row that cannot be understood.
pub(super) fn read(task: &Task, folder: &Path) -> Result<TaskRecords, DataError> {
    let (mut sets, mut notes) = (Vec::new(), Vec::new());
    if let Source::Columns(columns) = task.source() {
        notes.extend(labels_note(columns, task.kind().labels()));
    }
    for (number, set) in sets_of(task).iter().enumerate() {
        let files = parts(folder, set)?;
        if files.is_empty() {
            let why = format!("no {} in it", usual(set));
            if number < 2 {
                return Err(DataError::Unreadable { path: folder.to_owned(), why });
            }
            notes.push(format!("{why}; {set} is not evaluated"));
            sets.push(RecordSet { name: set.clone(), ..RecordSet::default() });
            continue;
        }
        sets.push(records(task, set, &files, &mut notes)?);
    }
    let fingerprint = identity::fingerprint(task, &sets);
    Ok(TaskRecords { sets, fingerprint, notes })
}

fn records(
    task: &Task,
    set: &str,
    files: &[PathBuf],
    notes: &mut Vec<String>,
) -> Result<RecordSet, DataError> {
    let frame = Frame::read(files, &|_| ())?;
    let first = files.first().map(PathBuf::as_path).unwrap_or(Path::new(""));
    let mut skipped = Vec::new();
    let records = match task.source() {
        Source::Columns(columns) => {
            words::records(columns, task.kind().labels(), &frame, first, &mut skipped)
        }
        Source::Glue(glue) => texts::records(glue, &frame, first, &mut skipped, notes),
        Source::BuiltIn(_) | Source::Own => Ok(Vec::new()),
    }?;
    if records.is_empty() {
        let withheld = skipped.iter().any(|Skipped { reason, .. }| reason == WITHHELD);
        let why =
            if withheld { "every label in it is withheld (-1); is this a test set?" } else { "no examples" };
        return Err(DataError::Unreadable { path: first.to_owned(), why: why.to_owned() });
    }
    Ok(RecordSet { name: set.to_owned(), records, skipped })
}

/// SHA-256 over what the files hold, or over GLUE's own files where they hold the same.
///
/// # Errors
/// As [`read`].
pub(super) fn fingerprint(task: &Task, folder: &Path) -> Result<String, DataError> {
    read(task, folder).map(|read| read.fingerprint)
}

//! Files of words with their tags: a word a line, columns apart by blanks or tabs, an empty line after a sentence.
//!
//! CoNLL-2003's have the word first and its entity last, in IOB1 or IOB2; the Penn Treebank's have the part of speech
//! second. In reading order:

/// Entities in IOB1 or IOB2.
mod iob;
/// Parts of speech.
mod penn;
/// Sentences of a file.
mod sentences;

use super::DataError;
use super::folders::{self, File, digest};
use super::record::{Input, Record, RecordSet, TaskRecords};
use super::report::Skipped;
use super::table::Table;
use sentences::{Sentence, sentences};
use std::path::Path;
use tunemask_shared::task::{Kind, Task};

/// SHA-256 over a task's files.
///
/// # Errors
/// No folder of the task; a file that is missing or unreadable.
pub(super) fn fingerprint(task: Task, data: &Path) -> Result<String, DataError> {
    files(task, data).map(|files| digest(&files))
}

/// A task's records.
///
/// # Errors
/// A file that is missing, empty or not UTF-8; a line that cannot be understood.
pub(super) fn read(task: Task, data: &Path) -> Result<TaskRecords, DataError> {
    let files = files(task, data)?;
    let mut notes = Vec::new();
    let sets = files.iter().map(|file| records(task, file, &mut notes)).collect::<Result<_, _>>()?;
    Ok(TaskRecords { sets, fingerprint: digest(&files), notes })
}

fn files(task: Task, data: &Path) -> Result<Vec<File>, DataError> {
    let folder = folders::folder(task, data)?;
    ["train"].iter().chain(task.development_sets()).map(|set| folders::open(task, &folder, set)).collect()
}

fn records(task: Task, file: &File, notes: &mut Vec<String>) -> Result<RecordSet, DataError> {
    let table = Table::new(&file.path, &file.bytes)?;
    let mut set = RecordSet { name: file.set.to_owned(), ..RecordSet::default() };
    let mut sentences = sentences(&table)?;
    if task == Task::Pos {
        sentences = penn::without_traces(sentences, &mut set.skipped);
    } else {
        notes.extend(iob::note(&file.path, &sentences));
    }
    let names = match task.kind() {
        Kind::Tagging(names) => names,
        _ => &[],
    };
    for (index, sentence) in (0..).zip(sentences) {
        let targets = targets(task, names, &table, &sentence)?;
        let words = sentence.rows.iter().map(|row| row.word().to_owned()).collect();
        set.records.push(Record { input: Input::Words(words), targets, index });
    }
    if set.records.is_empty() { Err(DataError::Empty(file.path.clone())) } else { Ok(set) }
}

/// The number of each word's label.
fn targets(
    task: Task,
    names: &[&str],
    table: &Table<'_>,
    sentence: &Sentence<'_>,
) -> Result<Vec<f32>, DataError> {
    let labels: Vec<String> = if task == Task::Pos {
        sentence.rows.iter().map(|row| penn::label(row.second()).to_owned()).collect()
    } else {
        iob::second_form(&sentence.rows.iter().map(|row| row.last()).collect::<Vec<_>>())
    };
    let number = |(row, label): (&sentences::Row<'_>, String)| {
        let place = names.iter().position(|name| *name == label);
        place.map(|p| p as f32).ok_or_else(|| {
            let (found, expected) = match task {
                Task::Pos => (row.second(), "one of the Penn Treebank's, such as NN or VBD"),
                _ => (row.last(), "O, or B- or I- with PER, ORG, LOC or MISC"),
            };
            let found = super::table::shortened(found);
            table.error(row.line, format!("the tag is `{found}`; expected {expected}"))
        })
    };
    sentence.rows.iter().zip(labels).map(number).collect()
}

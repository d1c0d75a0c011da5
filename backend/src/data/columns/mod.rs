//! Files of words with their tags: a word a line, columns apart by blanks or tabs, an empty line after a sentence.
//!
//! CoNLL-2003's have the word first and its entity last, the Penn Treebank's the part of speech second; a number of the
//! word may stand before it. CoNLL-U has its own columns. In reading order:

/// A sentence.
mod sentence;
/// Schemes of tags for entities.
mod scheme;
/// Lines cut into columns.
mod lines;
/// Which column holds what.
mod layout;
/// Parts of speech.
mod penn;
/// Sentences of a file.
mod sentences;

use super::DataError;
use super::folders::{self, File, digest};
use super::record::{Input, Record, RecordSet, TaskRecords, sets_of};
use super::report::Skipped;
use super::table::Table;
use sentence::{Row, Sentence};
use sentences::{Found, sentences};
use std::path::Path;
use tunemask_shared::task::{ColumnTask, Source};

/// SHA-256 over a task's files.
///
/// # Errors
/// No folder of the task; a file that is missing or unreadable.
pub(super) fn fingerprint(task: ColumnTask, data: &Path) -> Result<String, DataError> {
    files(task, data).map(|files| digest(&files))
}

/// A task's records, by its labels.
///
/// # Errors
/// A file that is missing, empty or not UTF-8; a line that cannot be understood.
pub(super) fn read(task: ColumnTask, labels: &[String], data: &Path) -> Result<TaskRecords, DataError> {
    let files = files(task, data)?;
    let mut notes = Vec::new();
    let sets = files.iter().map(|file| records(task, labels, file, &mut notes)).collect::<Result<_, _>>()?;
    Ok(TaskRecords { sets, fingerprint: digest(&files), notes })
}

fn files(task: ColumnTask, data: &Path) -> Result<Vec<File>, DataError> {
    let source = Source::Columns(task);
    let folder = folders::folder(source, data)?;
    sets_of(&task.into()).iter().map(|set| folders::open(source, &folder, set)).collect()
}

fn records(
    task: ColumnTask,
    labels: &[String],
    file: &File,
    notes: &mut Vec<String>,
) -> Result<RecordSet, DataError> {
    let table = Table::new(&file.path, &file.bytes)?;
    let mut set = RecordSet { name: file.set.clone(), ..RecordSet::default() };
    let Found { mut sentences, note } = sentences(task, &table, &mut set.skipped)?;
    notes.extend(note.map(|note| format!("{}: {note}", file.name())));
    if task == ColumnTask::Pos {
        sentences = penn::without_traces(sentences, &mut set.skipped);
    } else {
        notes.extend(scheme::note(&file.path, &sentences));
    }
    for (index, sentence) in (0..).zip(sentences) {
        let targets = targets(task, labels, &table, &sentence)?;
        let words = sentence.rows.iter().map(|row| row.word.to_owned()).collect();
        set.records.push(Record { input: Input::Words(words), targets, index });
    }
    if set.records.is_empty() { Err(DataError::Empty(file.path.clone())) } else { Ok(set) }
}

/// Parts of speech that only the Universal Dependencies have.
const UNIVERSAL: [&str; 14] = [
    "NOUN", "VERB", "ADJ", "ADV", "ADP", "PROPN", "PRON", "AUX", "PUNCT", "NUM", "PART", "SCONJ", "CCONJ",
    "INTJ",
];

/// The number of each word's label.
fn targets(
    task: ColumnTask,
    names: &[String],
    table: &Table<'_>,
    sentence: &Sentence<'_>,
) -> Result<Vec<f32>, DataError> {
    let labels: Vec<String> = if task == ColumnTask::Pos {
        sentence.rows.iter().map(|row| penn::label(row.tag).to_owned()).collect()
    } else {
        scheme::second_form(&sentence.rows.iter().map(|row| row.tag).collect::<Vec<_>>())
    };
    let number = |(row, label): (&Row<'_>, String)| {
        let place = names.iter().position(|name| *name == label);
        place.map(|p| p as f32).ok_or_else(|| {
            let expected = match (task, scheme::kind(row.tag)) {
                (ColumnTask::Pos, _) if UNIVERSAL.contains(&row.tag) => {
                    "one of the Penn Treebank's, such as NN or VBD; this is one of the Universal Dependencies'"
                }
                (ColumnTask::Pos, _) => "one of the Penn Treebank's, such as NN or VBD",
                (ColumnTask::Ner, Some(_)) => "an entity of CoNLL-2003's types: PER, ORG, LOC or MISC",
                (ColumnTask::Ner, None) => "O, or B- or I- with PER, ORG, LOC or MISC (or IOBES's and BILOU's letters)",
            };
            let found = super::table::shortened(row.tag);
            table.error(row.line, format!("the tag is `{found}`; expected {expected}"))
        })
    };
    sentence.rows.iter().zip(labels).map(number).collect()
}

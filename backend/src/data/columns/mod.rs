//! Files of words with their tags: one word per line, columns apart by blanks or tabs, an empty line after a sentence.
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
/// The labels of a folder.
mod tags;
/// Sentences of a file.
mod sentences;

use super::DataError;
use super::folders::{self, File, digest};
use super::record::{Input, Record, RecordSet, TaskRecords, sets_of};
use super::report::Skipped;
use super::table::Table;
pub(super) use lines::is_document as document_mark;
pub(super) use scheme::second_form;
use sentence::{Row, Sentence};
use sentences::{Found, sentences};
use std::path::Path;
pub(super) use tags::{note as labels_note, own_labels, spelled, unknown as unknown_tag};
use tunemask_shared::task::{ColumnTask, Source, Task};

/// SHA-256 over a task's files.
///
/// # Errors
/// No folder of the task; a file that is missing or unreadable.
pub(super) fn fingerprint(task: ColumnTask, data: &Path) -> Result<String, DataError> {
    files(task, data).map(|files| digest(&files))
}

/// The task that a folder holds: with labels of its own where its training file has others than the known task. A training file
/// that cannot be understood says nothing of them: what is wrong is told when it is read.
///
/// # Errors
/// No folder of the task; a training file that is missing or unreadable.
pub(super) fn task(task: ColumnTask, data: &Path) -> Result<Task, DataError> {
    let source = Source::Columns(task);
    let file = folders::open(source, &folders::folder(source, data)?, "train")?;
    let labels = Table::new(&file.path, &file.bytes).and_then(|table| {
        let found = sentences(task, &table, &mut Vec::new())?;
        let sentences = words_of(task, found.sentences, &mut Vec::new());
        let tags = sentences.iter().flat_map(|sentence| &sentence.rows).map(|row| row.tag);
        Ok(own_labels(task, tags))
    });
    let known = Task::from(task);
    let own = labels.ok().flatten().and_then(|labels| known.with_labels(labels).ok());
    Ok(own.unwrap_or(known))
}

/// The sentences without what is not a word.
fn words_of<'a>(
    task: ColumnTask,
    sentences: Vec<Sentence<'a>>,
    skipped: &mut Vec<Skipped>,
) -> Vec<Sentence<'a>> {
    match task {
        ColumnTask::Pos => penn::without_traces(sentences, skipped),
        ColumnTask::Ner => sentences,
    }
}

/// A task's records, by its labels.
///
/// # Errors
/// A file that is missing, empty or not UTF-8; a line that cannot be understood.
pub(super) fn read(task: ColumnTask, labels: &[String], data: &Path) -> Result<TaskRecords, DataError> {
    let files = files(task, data)?;
    let mut notes = Vec::new();
    notes.extend(labels_note(task, labels));
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
    let Found { sentences, note } = sentences(task, &table, &mut set.skipped)?;
    let sentences = words_of(task, sentences, &mut set.skipped);
    notes.extend(note.map(|note| format!("{}: {note}", file.name())));
    if task == ColumnTask::Ner {
        notes.extend(scheme::note(&file.path, &sentences));
    }
    for (index, sentence) in (0..).zip(sentences) {
        let targets = targets(task, labels, &table, &sentence)?;
        let words = sentence.rows.iter().map(|row| row.word.to_owned()).collect();
        set.records.push(Record { input: Input::Words(words), targets, index });
    }
    if set.records.is_empty() { Err(DataError::Empty(file.path.clone())) } else { Ok(set) }
}

/// Whether a tag is an entity's, in whichever scheme.
pub(super) fn is_entity_tag(tag: &str) -> bool {
    scheme::kind(tag).is_some()
}

/// The number of each word's label.
fn targets(
    task: ColumnTask,
    names: &[String],
    table: &Table<'_>,
    sentence: &Sentence<'_>,
) -> Result<Vec<f32>, DataError> {
    let tags: Vec<&str> = sentence.rows.iter().map(|row| row.tag).collect();
    let number = |(row, label): (&Row<'_>, String)| {
        let place = names.iter().position(|name| *name == label);
        place.map(|p| p as f32).ok_or_else(|| table.error(row.line, unknown_tag(task, names, row.tag)))
    };
    sentence.rows.iter().zip(spelled(task, names, &tags)).map(number).collect()
}

//! Sentences of a file.

use super::layout::Layout;
use super::lines::{Shape, is_id, lines};
use super::sentence::{Row, Sentence};
use super::{DataError, Table};
use crate::data::report::Skipped;
use tunemask_shared::task::ColumnTask;
use tunemask_shared::text::count;

/// What a file holds.
pub(super) struct Found<'a> {
    /// None is empty.
    pub sentences: Vec<Sentence<'a>>,
    /// What of its columns the user should know.
    pub note: Option<String>,
}

/// The sentences of a file. Lines that mark a document, comments before a sentence, and the multiword ranges and empty
/// nodes of CoNLL-U are no words.
///
/// # Errors
/// A line without a tag, or with more or fewer columns than most of the file's; columns of which it cannot be told
/// which holds the words.
pub(super) fn sentences<'a>(
    task: ColumnTask,
    table: &Table<'a>,
    skipped: &mut Vec<Skipped>,
) -> Result<Found<'a>, DataError> {
    let shape = Shape::from_table(table);
    let mut lines = lines(task, table, &shape);
    if shape.numbers_words() {
        lines.retain(|line| {
            let reason = match line.columns.first() {
                Some(id) if is_id(id, '-') => "ranges of words written as one, whose words follow",
                Some(id) if is_id(id, '.') => "empty nodes, not words",
                _ => return true,
            };
            Skipped::count(skipped, line.number, reason);
            false
        });
    }
    let expected = shape.columns;
    for line in &lines {
        let found = line.columns.len();
        if found != expected {
            let why = format!("{}; expected {expected}: a word and its tags", count(found, "column"));
            return Err(table.error(line.number, why));
        }
    }
    let layout = Layout::find(task, table, &shape, &lines)?;
    let mut done: Vec<Sentence<'a>> = Vec::new();
    for line in lines {
        let row = Row { line: line.number, word: line.columns[layout.word], tag: layout.tag(&line) };
        match done.last_mut() {
            Some(sentence) if !line.first => sentence.rows.push(row),
            _ => done.push(Sentence { rows: vec![row] }),
        }
    }
    Ok(Found { sentences: done, note: layout.note })
}

//! Sentences of a file.

use super::{DataError, Table};

/// A word's line.
#[derive(Clone, Debug)]
pub(super) struct Row<'a> {
    /// From 1.
    pub line: usize,
    columns: Vec<&'a str>,
}

impl<'a> Row<'a> {
    pub(super) fn word(&self) -> &'a str {
        self.columns[0]
    }
    pub(super) fn second(&self) -> &'a str {
        self.columns[1]
    }
    pub(super) fn last(&self) -> &'a str {
        self.columns[self.columns.len() - 1]
    }
}

/// Words up to an empty line.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence<'a> {
    pub rows: Vec<Row<'a>>,
}

/// Begins a line that stands for the beginning of a document.
const DOCUMENT: &str = "-DOCSTART-";

/// The sentences of a file, none empty; lines that mark a document are no words.
///
/// # Errors
/// A line without a tag, or with more or fewer columns than the file's first.
pub(super) fn sentences<'a>(table: &Table<'a>) -> Result<Vec<Sentence<'a>>, DataError> {
    let mut done = Vec::new();
    let mut current = Sentence::default();
    let mut count = None;
    let mut last = 0;
    for (line, text) in table.lines() {
        // Only blanks and tabs: other white space may be a word's.
        let columns: Vec<&str> = text.split([' ', '\t']).filter(|c| !c.is_empty()).collect();
        // Empty lines are not among the table's.
        let after_gap = line > last + 1;
        last = line;
        if (after_gap || columns.is_empty() || columns[0].starts_with(DOCUMENT)) && !current.rows.is_empty() {
            done.push(std::mem::take(&mut current));
        }
        if columns.is_empty() || columns[0].starts_with(DOCUMENT) {
            continue;
        }
        let expected = *count.get_or_insert(columns.len().max(2));
        if columns.len() != expected {
            let why = format!("{} columns; expected {expected}: a word and its tags", columns.len());
            return Err(table.error(line, why));
        }
        current.rows.push(Row { line, columns });
    }
    if !current.rows.is_empty() {
        done.push(current);
    }
    Ok(done)
}

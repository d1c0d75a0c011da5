//! Files of rows as columns of cells: CSV, TSV, JSON, JSON Lines and parquet, read to one form.
//!
//! A cell is a text, a list of texts, or missing; numbers and truth values are kept as they are spelled, parquet's in
//! the shortest decimal text that gives them back, so that every form of the same data is the same frame. Files are
//! read as streams and kept column by column: memory is about the size of the cells. Several files (the shards of a
//! set) are one frame, joined by the names of their columns. Nothing is dropped: a row that cannot be read is an error
//! that names file and line, or row where a file has no lines.
//!
//! In reading order:

/// Texts one behind the other.
mod texts;
/// A column.
mod column;
/// What kind of value a cell spells.
mod cell_type;
/// A frame while its rows come.
mod builder;
/// Bounds on what is read for one row.
mod bounded;
/// What is no file of rows.
mod foreign;
/// CSV and TSV.
mod delimited;
/// JSON and JSON Lines.
mod json;
/// Parquet.
mod parquet;
#[cfg(test)]
mod tests;

pub(crate) use cell_type::CellType;
pub(crate) use column::Column;
pub(crate) use foreign::unreadable;

use super::DataError;
use builder::Builder;
use std::path::{Path, PathBuf};

/// The endings of files that can be read, without the dot.
pub(crate) const ENDINGS: [&str; 6] = ["csv", "tsv", "json", "jsonl", "ndjson", "parquet"];

/// Hears how many bytes have been read so far.
pub(crate) type Watch<'a> = &'a dyn Fn(u64);

/// Rows of one or several files, as columns of equal length.
#[derive(Debug, Default)]
pub(crate) struct Frame {
    /// In the order in which the first file has them.
    pub columns: Vec<Column>,
    files: Vec<File>,
    /// The line of each row, from 1; empty while rows have no lines.
    lines: Vec<u32>,
    /// Files of TSV whose quotes were taken off though the header has none.
    unquoted: Vec<PathBuf>,
}

/// What a row of a file is found by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum KnownBy {
    /// Its line, as in a file of text.
    Line,
    /// Its number: the file has no lines, or several rows in one.
    Row,
}

/// A file of a frame.
#[derive(Debug)]
struct File {
    path: PathBuf,
    /// The place of its first row.
    first: usize,
    known_by: KnownBy,
}

impl Frame {
    /// Reads files, one behind the other.
    ///
    /// # Errors
    /// A file that is missing, has an unknown ending, is something else than its ending says or is damaged; one without rows; a row with more or fewer cells
    /// than the header; text that is not UTF-8; a file without a column that the first one has.
    pub(crate) fn read(paths: &[PathBuf], watch: Watch<'_>) -> Result<Self, DataError> {
        let mut builder = Builder::default();
        let mut done = 0;
        for path in paths {
            let so_far = |bytes: u64| watch(done + bytes);
            let read = match ending(path).as_deref() {
                Some("csv") => delimited::read(path, b',', &mut builder, &so_far),
                Some("tsv") => delimited::read(path, b'\t', &mut builder, &so_far),
                Some("json") => json::read(path, &mut builder, &so_far),
                Some("jsonl" | "ndjson") => json::read_lines(path, &mut builder, &so_far),
                Some("parquet") => parquet::read(path, &mut builder, &so_far),
                other => return Err(unreadable(path, other)),
            };
            if let Err(error) = read {
                // A file that can be read is opened once.
                foreign::check(path)?;
                return Err(error);
            }
            done += std::fs::metadata(path).map_or(0, |m| m.len());
        }
        Ok(builder.finish())
    }

    /// Files of TSV that are quoted as CSV is, by pandas for example, and whose quotes were taken off.
    pub(crate) fn unquoted(&self) -> &[PathBuf] {
        &self.unquoted
    }

    /// How many rows it has.
    pub(crate) fn rows(&self) -> usize {
        self.columns.first().map_or(0, Column::rows)
    }

    /// The column of this name.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Where a row stands, for a report: its line, or its number where the file has no lines; both from 1.
    pub(crate) fn line(&self, row: usize) -> usize {
        match self.file(row) {
            Some(File { known_by: KnownBy::Line, .. }) => {
                self.lines.get(row).map_or(0, |&line| line as usize)
            }
            Some(File { known_by: KnownBy::Row, first, .. }) => row - first + 1,
            None => 0,
        }
    }

    /// An error at a row.
    pub(crate) fn error(&self, row: usize, why: impl Into<String>) -> DataError {
        let (why, number) = (why.into(), self.line(row));
        match self.file(row) {
            Some(File { path, known_by: KnownBy::Line, .. }) => {
                DataError::Line { path: path.clone(), line: number, why }
            }
            Some(File { path, known_by: KnownBy::Row, .. }) => {
                DataError::Row { path: path.clone(), row: number, why }
            }
            None => DataError::Unreadable { path: PathBuf::new(), why },
        }
    }

    /// Where a row stands, for a sentence about it: `train.csv, line 3`.
    pub(crate) fn place(&self, row: usize) -> String {
        let Some(file) = self.file(row) else { return String::new() };
        let name = file.path.file_name().unwrap_or_default().to_string_lossy();
        let what = match file.known_by {
            KnownBy::Line => "line",
            KnownBy::Row => "row",
        };
        format!("{name}, {what} {}", self.line(row))
    }

    fn file(&self, row: usize) -> Option<&File> {
        self.files.iter().rev().find(|file| file.first <= row)
    }

    /// The names of its columns, for an error.
    pub(crate) fn found(&self) -> String {
        let names = self.columns.iter().take(20);
        names.map(|c| format!("`{}`", super::table::shortened(&c.name))).collect::<Vec<_>>().join(", ")
    }
}

/// A file's ending in lower case.
pub(crate) fn ending(path: &Path) -> Option<String> {
    path.extension().and_then(|e| e.to_str()).map(str::to_lowercase)
}

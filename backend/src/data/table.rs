//! A file's text in lines.
//!
//! Lines end at `\n` alone: control characters and Unicode's other line ends stand inside GLUE's sentences.

use super::DataError;
use crate::files;
use std::path::{Path, PathBuf};

/// A file's text, checked to be UTF-8, its byte-order mark taken off.
pub(super) struct Table<'a> {
    path: PathBuf,
    text: &'a str,
}

impl<'a> Table<'a> {
    /// A table over a file's bytes; `path` is what errors name.
    ///
    /// # Errors
    /// Bytes that are not UTF-8.
    pub(super) fn new(path: &Path, bytes: &'a [u8]) -> Result<Self, DataError> {
        let bytes = files::unmarked(bytes);
        let text = std::str::from_utf8(bytes).map_err(|e| {
            let at = e.valid_up_to();
            let line = 1 + bytes[..at].iter().filter(|&&b| b == b'\n').count();
            let why = format!("the byte 0x{:02x} is not UTF-8; save the file as UTF-8", bytes[at]);
            DataError::Line { path: path.to_owned(), line, why }
        })?;
        let long = (1..).zip(text.split('\n')).find(|(_, line)| line.len() > files::LINE);
        if let Some((line, _)) = long {
            let why = format!("longer than {} KiB; is this a file of lines?", files::LINE >> 10);
            return Err(DataError::Line { path: path.to_owned(), line, why });
        }
        Ok(Self { path: path.to_owned(), text })
    }

    /// All of it.
    pub(super) fn text(&self) -> &'a str {
        self.text
    }

    /// Lines with their numbers, from 1; none that is empty.
    pub(super) fn lines(&self) -> impl Iterator<Item = (usize, &'a str)> {
        let lines = self.text.split('\n').map(|l| l.strip_suffix('\r').unwrap_or(l));
        (1..).zip(lines).filter(|(_, line)| !line.is_empty())
    }

    /// An error at a line.
    pub(super) fn error(&self, line: usize, why: impl Into<String>) -> DataError {
        DataError::Line { path: self.path.clone(), line, why: why.into() }
    }
}

/// A cell's beginning, for an error.
pub(super) fn shortened(cell: &str) -> String {
    const LONGEST: usize = 40;
    if cell.chars().count() <= LONGEST {
        return cell.to_owned();
    }
    cell.chars().take(LONGEST).chain(['…']).collect()
}

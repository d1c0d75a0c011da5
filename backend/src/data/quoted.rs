//! Whether a file of tab-separated columns is quoted.
//!
//! GLUE's own files quote nothing: a `"` is a character like any other, and many stand alone. pandas and Python's `csv`
//! quote as CSV does: a cell that holds a `"` stands in quotes, and each of its own is doubled. Read as it stands such
//! a text would be another one than was written.

use crate::files::{self, FileError};
use std::io::{BufRead, BufReader};
use std::path::Path;

/// Whether every `"` of a text quotes, and that can be seen: by one that is doubled inside quotes, by a cell that goes
/// on behind a tab or a line's end, or by a header in quotes.
pub(super) fn is_quoted(text: &str) -> bool {
    let mut quotes = Quotes::default();
    quotes.read(text.as_bytes());
    quotes.all_quote()
}

/// What is said of a file whose quotes were taken off.
pub(super) fn unquoted(name: &str) -> String {
    format!("{name} is quoted as CSV is, by pandas for example; the quotes were taken off")
}

/// The same of a file, which is read as a stream.
///
/// # Errors
/// It cannot be read.
pub(super) fn is_file_quoted(path: &Path) -> Result<bool, FileError> {
    let (file, _) = files::open(path)?;
    let mut source = BufReader::with_capacity(1 << 16, file);
    let mut quotes = Quotes::default();
    loop {
        let bytes = source.fill_buf().map_err(|cause| FileError::new(path, cause))?;
        if bytes.is_empty() {
            return Ok(quotes.all_quote());
        }
        quotes.read(bytes);
        let length = bytes.len();
        source.consume(length);
    }
}

/// Where in a cell the reader is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Place {
    /// Before its first byte.
    #[default]
    Start,
    /// In one without quotes.
    Plain,
    /// Inside quotes.
    Quoted,
    /// Behind a `"` inside quotes, which ends them or is the first of two.
    Closing,
    /// Behind a carriage return that follows the quotes.
    Return,
}

/// What the quotes of a file show while it is read.
#[derive(Debug, Default)]
struct Quotes {
    place: Place,
    /// There is one.
    any: bool,
    /// One stands where it cannot quote, or a line has more or fewer cells than the first.
    refuted: bool,
    doubled: bool,
    /// A cell goes on behind a tab or a line's end.
    goes_on: bool,
    /// Cells of this line that have ended, and of the header.
    cells: usize,
    columns: Option<usize>,
    /// A cell of the header has no quotes.
    plain_header: bool,
    lines: Lines,
}

impl Quotes {
    fn read(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            self.lines.read(byte);
            self.any |= byte == b'"';
            if !self.refuted {
                self.take(byte);
            }
        }
    }

    fn take(&mut self, byte: u8) {
        self.place = match (self.place, byte) {
            (Place::Start | Place::Plain | Place::Closing | Place::Return, b'\t' | b'\n') => {
                self.cell();
                if byte == b'\n' {
                    self.line();
                }
                Place::Start
            }
            (Place::Start, b'"') => Place::Quoted,
            (Place::Start | Place::Plain, byte) => {
                self.refuted |= byte == b'"';
                Place::Plain
            }
            (Place::Quoted, b'"') => Place::Closing,
            (Place::Quoted, byte) => {
                self.goes_on |= matches!(byte, b'\t' | b'\n');
                Place::Quoted
            }
            (Place::Closing, b'"') => {
                self.doubled = true;
                Place::Quoted
            }
            (Place::Closing, b'\r') => Place::Return,
            (Place::Closing | Place::Return, _) => {
                self.refuted = true;
                Place::Plain
            }
        };
    }

    /// A cell has ended.
    fn cell(&mut self) {
        self.cells += 1;
        if self.columns.is_none() {
            self.plain_header |= matches!(self.place, Place::Start | Place::Plain);
        }
    }

    /// A line has ended, which may be an empty one.
    fn line(&mut self) {
        let cells = std::mem::take(&mut self.cells);
        let columns = *self.columns.get_or_insert(cells);
        self.refuted |= cells != columns && cells > 1;
    }

    /// Whether every quote of what was read quotes, and that can be seen.
    fn all_quote(mut self) -> bool {
        self.refuted |= self.place == Place::Quoted;
        if self.cells > 0 || self.place != Place::Start {
            self.cell();
            self.line();
        }
        // Where the lines are rows as they stand, the quotes may be a text's.
        let sure = self.doubled || !self.plain_header || (self.goes_on && !self.lines.are_rows());
        self.any && !self.refuted && sure
    }
}

/// The lines of a file as they stand, whatever its quotes.
#[derive(Debug, Default)]
struct Lines {
    /// Tabs of this line so far.
    tabs: usize,
    /// This line has something in it.
    is_row: bool,
    /// Tabs of the first that has.
    first: Option<usize>,
    differ: bool,
}

impl Lines {
    fn read(&mut self, byte: u8) {
        match byte {
            b'\n' => self.end(),
            b'\r' => {}
            _ => {
                self.tabs += usize::from(byte == b'\t');
                self.is_row = true;
            }
        }
    }

    fn end(&mut self) {
        let tabs = std::mem::take(&mut self.tabs);
        if std::mem::take(&mut self.is_row) {
            self.differ |= *self.first.get_or_insert(tabs) != tabs;
        }
    }

    /// Whether each line has as many cells as the first.
    fn are_rows(&mut self) -> bool {
        self.end();
        !self.differ
    }
}

#[cfg(test)]
mod tests {
    use super::{is_file_quoted, is_quoted};

    #[test]
    fn quotes_that_quote_are_told_from_those_that_stand_in_a_text() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a.tsv");
        let both = |text: &str| {
            std::fs::write(&file, text).unwrap();
            let found = is_quoted(text);
            assert_eq!(is_file_quoted(&file).unwrap(), found, "{text:?}");
            found
        };
        let quoted = [
            "a\tb\n\"he said \"\"no\"\"\"\t1\nplain\t0\n",
            "a\tb\r\n\"\"\"x\"\"\"\t1\r\n",
            "\"a\"\t\"b\"\n\"x\"\t\"1\"\n",
            "\"a\"\t\"b\"\r\n\"x\"\t\"1\"\r\n\r\n",
            "a\tb\n\"two\nlines\"\t1\n",
            "a\tb\n\"a\ttab\"\t1",
            "a\tb\n1\t\"a\ttab\"",
        ];
        for text in quoted {
            assert!(both(text), "{text:?}");
        }
        let plain = [
            "",
            "a\tb\nx\t1\n",
            // A whole text in quotes: written by pandas they would be doubled.
            "a\tb\n\"x\"\t1\n",
            "a\tb\n\" x\t1\n",
            "a\tb\nhe said \"no\"\t1\n\"he said \"\"no\"\"\"\t1\n",
            "a\tb\n\"\"x\"\"\t1\n",
            "a\tb\n\"he\" said\t1\n",
            "a\tb\n\"x\t1\ny\"\t0\n",
            "a\tb\n\"",
        ];
        for text in plain {
            assert!(!both(text), "{text:?}");
        }
    }
}

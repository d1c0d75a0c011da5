//! Rows of cells, in whichever form a file has them.

use super::DataError;
use super::quoted::is_quoted;
use super::table::{Table, shortened};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::path::Path;

/// A file's form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// Cells between tabs, nothing quoted: GLUE's own.
    Plain,
    /// Cells between these, quoted where they must be.
    Quoted(u8),
    /// One object per line.
    JsonLines,
}

/// What the first line of a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FirstLine {
    /// Names of columns.
    Header,
    /// A row like the others.
    Row,
}

/// A file as rows of cells.
pub(super) struct Sheet<'a> {
    table: Table<'a>,
    form: Form,
    /// The first row: names of columns, unless a file has none.
    pub header: Vec<String>,
    /// Its line, from 1.
    pub header_line: usize,
}

/// A row: its line, from 1, and its cells.
pub(super) type Row<'a> = (usize, Vec<Cow<'a, str>>);

type Rows<'a> = Box<dyn Iterator<Item = Result<Row<'a>, DataError>> + 'a>;

impl<'a> Sheet<'a> {
    /// A sheet over a file's bytes; its form by the ending of `path`.
    ///
    /// # Errors
    /// Bytes that are not UTF-8; a file without rows; a first line of JSON Lines that is no object.
    pub(super) fn new(path: &Path, bytes: &'a [u8]) -> Result<Self, DataError> {
        let table = Table::new(path, bytes)?;
        let form = match path.extension().and_then(|e| e.to_str()) {
            Some("csv") => Form::Quoted(b','),
            Some("json" | "jsonl") => Form::JsonLines,
            _ if is_quoted(table.text()) => Form::Quoted(b'\t'),
            _ => Form::Plain,
        };
        let mut sheet = Self { table, form, header: Vec::new(), header_line: 1 };
        let empty = || DataError::Empty(path.to_owned());
        (sheet.header_line, sheet.header) = match form {
            Form::JsonLines => {
                let (line, text) = sheet.table.lines().next().ok_or_else(empty)?;
                (line, object(&sheet.table, line, text)?.into_iter().map(|(name, _)| name).collect())
            }
            _ => {
                let (line, cells) = sheet.all().next().ok_or_else(empty)??;
                (line, cells.iter().map(|cell| cell.trim().to_owned()).collect())
            }
        };
        Ok(sheet)
    }

    /// Whether quotes were taken off cells between tabs, where GLUE's own files have none.
    pub(super) fn was_quoted(&self) -> bool {
        self.form == Form::Quoted(b'\t')
    }

    /// The rows below the header, or all of them.
    pub(super) fn rows(&self, first_line: FirstLine) -> Rows<'_> {
        match (first_line, self.form) {
            (FirstLine::Header, Form::Plain | Form::Quoted(_)) => Box::new(self.all().skip(1)),
            // The names of an object's fields stand in every line of it.
            (FirstLine::Header, Form::JsonLines) | (FirstLine::Row, _) => self.all(),
        }
    }

    fn all(&self) -> Rows<'_> {
        let table = &self.table;
        match self.form {
            Form::Plain => {
                let cells = |text: &'a str| text.split('\t').map(Cow::Borrowed).collect();
                Box::new(table.lines().map(move |(line, text)| Ok((line, cells(text)))))
            }
            Form::Quoted(delimiter) => {
                let mut reader = csv::ReaderBuilder::new();
                reader.delimiter(delimiter).has_headers(false).flexible(true);
                // A carriage return alone may stand inside a text.
                reader.terminator(csv::Terminator::Any(b'\n'));
                let records = reader.from_reader(table.text().as_bytes()).into_records();
                let rows = records.map(|record| match record {
                    Ok(record) => Ok(cells(&record)),
                    Err(error) => {
                        let line = error.position().map_or(1, |p| p.line() as usize);
                        Err(table.error(line, format!("it cannot be read as CSV: {error}")))
                    }
                });
                Box::new(
                    rows.filter(
                        |row| !matches!(row, Ok((_, cells)) if cells.len() == 1 && cells[0].is_empty()),
                    ),
                )
            }
            Form::JsonLines => Box::new(table.lines().map(|(line, text)| {
                let mut object = object(table, line, text)?;
                let cells = self.header.iter().map(|name| match object.remove(name) {
                    Some(Value::String(text)) => Ok(Cow::Owned(text)),
                    Some(value @ (Value::Number(_) | Value::Bool(_))) => Ok(Cow::Owned(value.to_string())),
                    Some(Value::Null) => Ok(Cow::Borrowed("")),
                    Some(_) => {
                        Err(table.error(line, format!("`{}` is neither text nor number", shortened(name))))
                    }
                    None => {
                        Err(table.error(line, format!("no `{}`, which the first line has", shortened(name))))
                    }
                });
                Ok((line, cells.collect::<Result<_, _>>()?))
            })),
        }
    }

    /// An error at a line.
    pub(super) fn error(&self, line: usize, why: impl Into<String>) -> DataError {
        self.table.error(line, why)
    }

    /// The names of the columns, for an error.
    pub(super) fn found(&self) -> String {
        let found = self.header.iter().take(20).map(|name| format!("`{}`", shortened(name)));
        found.collect::<Vec<_>>().join(", ")
    }
}

fn cells(record: &csv::StringRecord) -> Row<'static> {
    let line = record.position().map_or(1, |p| p.line() as usize);
    let mut cells: Vec<Cow<'static, str>> = record.iter().map(|cell| Cow::Owned(cell.to_owned())).collect();
    if let Some(Cow::Owned(last)) = cells.last_mut()
        && last.ends_with('\r')
    {
        last.pop();
    }
    (line, cells)
}

fn object(table: &Table<'_>, line: usize, text: &str) -> Result<Map<String, Value>, DataError> {
    serde_json::from_str(text).map_err(|error| {
        let why = if text.trim_start().starts_with('[') {
            "a list; write one object per line (JSON Lines), without the brackets and commas around them"
                .to_owned()
        } else {
            format!("not an object; each line must hold one: {error}")
        };
        table.error(line, why)
    })
}

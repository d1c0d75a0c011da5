//! From a text to an experiment, and from what is wrong with it to the line where that stands.

use crate::experiment::{Experiment, FieldError};
use std::fmt;
use std::ops::Range;
use toml::de::DeTable;

/// An experiment file that was read.
#[derive(Clone, Debug, PartialEq)]
pub struct ExperimentFile {
    text: String,
    /// What it holds; nothing of it is validated.
    pub experiment: Experiment,
}

/// What is wrong with a file, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileError {
    /// The line, from 1; `None` where a field is left to its default, so that it stands in no line.
    pub line: Option<usize>,
    /// The field, as [`FieldError`] has it; `None` where the text is not TOML.
    pub field: Option<String>,
    /// What is wrong.
    pub message: String,
}

impl std::error::Error for FileError {}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(f, "line {line}: ")?;
        }
        if let Some(field) = &self.field {
            write!(f, "{field}: ")?;
        }
        f.write_str(&self.message)
    }
}

impl ExperimentFile {
    /// Reads a text.
    ///
    /// # Errors
    /// The first place where it is not TOML, or not an experiment: a field that there is not, a value of another type.
    pub fn read(text: &str) -> Result<ExperimentFile, FileError> {
        let experiment = toml::from_str(text).map_err(|error| {
            let span = error.span();
            FileError {
                line: span.as_ref().map(|span| line_at(text, span.start)),
                field: span.and_then(|span| field_at(text, &span)),
                message: error.message().trim_end().replace('\n', "; "),
            }
        })?;
        Ok(ExperimentFile { text: text.to_owned(), experiment })
    }

    /// What validation has found, with its line.
    pub fn place(&self, error: &FieldError) -> FileError {
        FileError {
            line: line_of(&self.text, &error.field),
            field: Some(error.field.clone()),
            message: error.message.clone(),
        }
    }
}

/// The line, from 1, that a byte stands in.
fn line_at(text: &str, byte: usize) -> usize {
    1 + text.bytes().take(byte).filter(|b| *b == b'\n').count()
}

/// The line, from 1, in which a field such as `masks[1]` stands; `None` if it is left to its default.
fn line_of(text: &str, field: &str) -> Option<usize> {
    let (name, index) = match field.split_once('[') {
        Some((name, rest)) => (name, rest.strip_suffix(']').and_then(|i| i.parse::<usize>().ok())),
        None => (field, None),
    };
    let table = DeTable::parse(text).ok()?;
    let (key, value) = table.get_ref().iter().find(|(key, _)| key.get_ref() == name)?;
    let items = value.get_ref().as_array();
    let item = items.zip(index).and_then(|(items, index)| items.get(index)).map(|item| item.span());
    Some(line_at(text, item.unwrap_or_else(|| key.span()).start))
}

/// The field, or the item of its list, that a span lies in; `None` in a text that is not TOML.
fn field_at(text: &str, span: &Range<usize>) -> Option<String> {
    let table = DeTable::parse(text).ok()?;
    let holds =
        |outer: Range<usize>| outer.start <= span.start && span.start < outer.end.max(outer.start + 1);
    let (key, value) =
        table.get_ref().iter().find(|(key, value)| holds(key.span()) || holds(value.span()))?;
    let items = value.get_ref().as_array();
    let item = items.and_then(|items| items.iter().position(|item| holds(item.span())));
    let name = key.get_ref();
    Some(item.map_or_else(|| name.to_string(), |item| format!("{name}[{item}]")))
}

//! JSON: a list of objects, or one object per line.
//!
//! Objects need not have the same fields: one that an object lacks has no value in it.

use super::bounded::{Bounded, ROW};
use super::builder::{Builder, Cell};
use super::cell_type::CellType;
use super::{DataError, KnownBy, Watch};
use crate::files::{self, FileError};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use std::fmt;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;

/// Adds the rows of a list of objects; also of JSON Lines that is named `.json`.
///
/// # Errors
/// As [`super::Frame::read`].
pub(super) fn read(path: &Path, builder: &mut Builder, watch: Watch<'_>) -> Result<(), DataError> {
    let mut source = open(path)?;
    let start = source.fill_buf().map_err(|cause| FileError::new(path, cause))?;
    if files::unmarked(start).trim_ascii_start().first() == Some(&b'{') {
        return read_lines(path, builder, watch);
    }
    let mark = start.len() - files::unmarked(start).len();
    source.consume(mark);
    let (mut bounded, meter) = Bounded::new(source);
    builder.begin(path, KnownBy::Row);
    let first = builder.rows();
    let mut json = serde_json::Deserializer::from_reader(&mut bounded);
    let read = {
        let on_row = |rows: usize| {
            meter.row();
            if rows.is_multiple_of(1024) {
                watch(meter.read());
            }
        };
        json.deserialize_seq(Rows { builder, on_row: &on_row }).and_then(|()| json.end())
    };
    read.map_err(|error| {
        let row = builder.rows() - first + 1;
        DataError::Row { path: path.to_owned(), row, why: words(&error) }
    })?;
    watch(meter.read());
    builder.end()
}

/// Adds the rows of JSON Lines.
///
/// # Errors
/// As [`super::Frame::read`].
pub(super) fn read_lines(path: &Path, builder: &mut Builder, watch: Watch<'_>) -> Result<(), DataError> {
    let mut source = open(path)?;
    builder.begin(path, KnownBy::Line);
    let (mut line, mut number, mut bytes) = (Vec::new(), 0, 0);
    loop {
        line.clear();
        let read = source.by_ref().take(ROW + 1).read_until(b'\n', &mut line);
        let read = read.map_err(|cause| FileError::new(path, cause))? as u64;
        if read == 0 {
            break;
        }
        number += 1;
        bytes += read;
        let error = |why| DataError::Line { path: path.to_owned(), line: number as usize, why };
        if read > ROW {
            return Err(error(format!("longer than {} MiB; is this JSON Lines?", ROW >> 20)));
        }
        let text = if number == 1 { files::unmarked(&line) } else { &line };
        let text = text.trim_ascii();
        if text.is_empty() {
            continue;
        }
        if let Err(e) = std::str::from_utf8(text) {
            let byte = text[e.valid_up_to()];
            return Err(error(format!("the byte 0x{byte:02x} is not UTF-8; save the file as UTF-8")));
        }
        let mut json = serde_json::Deserializer::from_slice(text);
        let row = Row { builder, line: Some(number) };
        row.deserialize(&mut json).and_then(|()| json.end()).map_err(|e| error(words(&e)))?;
        if number % 1024 == 0 {
            watch(bytes);
        }
    }
    watch(bytes);
    builder.end()
}

fn open(path: &Path) -> Result<BufReader<std::fs::File>, DataError> {
    let (file, _) = files::open(path)?;
    let mut source = BufReader::with_capacity(1 << 16, file);
    let start = source.fill_buf().map_err(|cause| FileError::new(path, cause))?;
    match files::stand_in(start) {
        Some(what) => Err(FileError::StandIn { path: path.to_owned(), what }.into()),
        None => Ok(source),
    }
}

/// Without the place, which the row or line says.
fn words(error: &serde_json::Error) -> String {
    let text = error.to_string();
    let place = format!(" at line {} column {}", error.line(), error.column());
    text.strip_suffix(&place).map_or(text.clone(), |why| format!("{why} (column {})", error.column()))
}

struct Rows<'a> {
    builder: &'a mut Builder,
    on_row: &'a dyn Fn(usize),
}

impl<'de> Visitor<'de> for Rows<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of objects, `[{\"text\": …, \"label\": …}, …]`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Row { builder: self.builder, line: None })?.is_some() {
            (self.on_row)(self.builder.rows());
        }
        Ok(())
    }
}

/// An object, which becomes a row.
struct Row<'a> {
    builder: &'a mut Builder,
    line: Option<u64>,
}

impl<'de> DeserializeSeed<'de> for Row<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Row<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with the row's fields, `{\"text\": …, \"label\": …}`")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let mut cells = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, Value>()? {
            cells.push((name, cell(value)));
        }
        let cells =
            cells.iter_mut().map(|(name, cell)| (name.as_str(), std::mem::replace(cell, Cell::Missing)));
        self.builder.named_row(self.line, cells).map_err(A::Error::custom)
    }
}

fn cell(value: Value) -> Cell {
    match value {
        Value::Null => Cell::Missing,
        Value::Array(items) => {
            let item = |value| match cell(value) {
                Cell::Missing => (None, CellType::Empty),
                Cell::One(text, cell_type) => (Some(text), cell_type),
                Cell::List(_) => (Some(String::new()), CellType::Nested),
            };
            Cell::List(items.into_iter().map(item).collect())
        }
        Value::Object(object) => Cell::One(Value::Object(object).to_string(), CellType::Nested),
        Value::Bool(value) => Cell::One(value.to_string(), CellType::Boolean),
        Value::Number(number) => {
            let whole = number.is_i64() || number.is_u64();
            Cell::One(number.to_string(), if whole { CellType::Integer } else { CellType::Decimal })
        }
        Value::String(text) => {
            // Numbers and truth values in quotes are what they spell, as in CSV.
            let cell_type = if text.is_empty() { CellType::Text } else { CellType::of(&text) };
            Cell::One(text, cell_type)
        }
    }
}

//! Parquet, as pandas, the hub and Spark write it.
//!
//! Rows come a row group at a time, so memory does not grow with the file. Lists are read by their shape, whatever their
//! levels are called. Names of classes come from what the datasets library leaves in the file's own metadata.

use super::builder::{Builder, Cell};
use super::cell_type::CellType;
use super::{DataError, KnownBy, Watch};
use crate::files;
use ::parquet::errors::ParquetError;
use ::parquet::file::reader::{FileReader, SerializedFileReader};
use ::parquet::record::Field;
use serde_json::Value;
use std::io::{Read, Seek};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;

/// Adds a file's rows.
///
/// # Errors
/// As [`super::Frame::read`].
pub(super) fn read(path: &Path, builder: &mut Builder, watch: Watch<'_>) -> Result<(), DataError> {
    // The library panics on a schema that cannot be; the frame is then given up.
    catch_unwind(AssertUnwindSafe(|| rows(path, builder, watch)))
        .unwrap_or_else(|_| Err(unreadable(path, "the file is damaged: its parts do not fit together")))
}

fn rows(path: &Path, builder: &mut Builder, watch: Watch<'_>) -> Result<(), DataError> {
    let (mut file, size) = files::open(path)?;
    // Only what stands in its place is small enough to be seen as a whole.
    let mut start = Vec::new();
    let begun = Read::take(&mut file, 1024).read_to_end(&mut start).and_then(|_| file.rewind());
    begun.map_err(|cause| files::FileError::new(path, cause))?;
    if let Some(what) = files::stand_in(&start) {
        return Err(files::FileError::StandIn { path: path.to_owned(), what }.into());
    }
    let reader = SerializedFileReader::new(file).map_err(|e| unreadable(path, words(&e)))?;
    let metadata = reader.metadata().file_metadata();
    let names: Vec<String> =
        metadata.schema().get_fields().iter().map(|field| field.name().to_owned()).collect();
    builder.begin(path, KnownBy::Row);
    builder.header(&names).map_err(|why| unreadable(path, why))?;
    let notes = metadata.key_value_metadata().into_iter().flatten();
    for note in notes.filter(|note| note.key == "huggingface") {
        for (name, classes) in class_names(note.value.as_deref().unwrap_or_default()) {
            if names.contains(&name) {
                builder.class_names(&name, classes).map_err(|why| unreadable(path, why))?;
            }
        }
    }
    let all = u64::try_from(metadata.num_rows()).unwrap_or(0).max(1);
    let rows = reader.get_row_iter(None).map_err(|e| unreadable(path, words(&e)))?;
    for (number, row) in (0..).zip(rows) {
        let error = |why| DataError::Row { path: path.to_owned(), row: number as usize + 1, why };
        let row = row.map_err(|e| error(words(&e)))?;
        let columns = row.into_columns();
        let cells = columns.into_iter().zip(&names).map(|((_, field), name)| (name.as_str(), cell(field)));
        builder.named_row(None, cells).map_err(error)?;
        if number % 1024 == 0 {
            watch(size * number / all);
        }
    }
    watch(size);
    builder.end()
}

fn unreadable(path: &Path, why: impl Into<String>) -> DataError {
    DataError::Unreadable { path: path.to_owned(), why: why.into() }
}

fn words(error: &ParquetError) -> String {
    match error {
        ParquetError::General(why) if why.contains("Invalid Parquet file") => {
            "not a parquet file, or cut short; fetch it again".to_owned()
        }
        // The library quotes every byte of the text.
        ParquetError::General(why) if why.contains("as String") => {
            "a text that is not UTF-8; write its texts as UTF-8".to_owned()
        }
        ParquetError::NYI(why) => format!("it has something that cannot be read yet: {why}"),
        other => format!("the file is damaged or cut short: {other}"),
    }
}

fn cell(field: Field) -> Cell {
    let whole = |text: String| Cell::One(text, CellType::Integer);
    match field {
        Field::Null => Cell::Missing,
        Field::Bool(value) => Cell::One(value.to_string(), CellType::Boolean),
        Field::Byte(value) => whole(value.to_string()),
        Field::Short(value) => whole(value.to_string()),
        Field::Int(value) => whole(value.to_string()),
        Field::Long(value) => whole(value.to_string()),
        Field::UByte(value) => whole(value.to_string()),
        Field::UShort(value) => whole(value.to_string()),
        Field::UInt(value) => whole(value.to_string()),
        Field::ULong(value) => whole(value.to_string()),
        Field::Float16(value) => decimal(value.to_f32().to_string(), f64::from(value.to_f32())),
        Field::Float(value) => decimal(value.to_string(), f64::from(value)),
        Field::Double(value) => decimal(value.to_string(), value),
        Field::Str(text) => {
            let cell_type = if text.is_empty() { CellType::Text } else { CellType::of(&text) };
            Cell::One(text, cell_type)
        }
        // Older writers do not say that their texts are texts.
        Field::Bytes(bytes) => match std::str::from_utf8(bytes.data()) {
            Ok(text) => Cell::One(text.to_owned(), CellType::of(text)),
            Err(_) => Cell::One(String::new(), CellType::Nested),
        },
        Field::ListInternal(list) => {
            let item = |field: &Field| match cell(field.clone()) {
                Cell::Missing => (None, CellType::Empty),
                Cell::One(text, cell_type) => (Some(text), cell_type),
                Cell::List(_) => (Some(String::new()), CellType::Nested),
            };
            Cell::List(list.elements().iter().map(item).collect())
        }
        // A level of a list that does not say that it is one.
        Field::Group(row) if row.len() == 1 => {
            row.into_columns().pop().map_or(Cell::Missing, |(_, inner)| cell(inner))
        }
        other @ (Field::Date(_)
        | Field::TimeMillis(_)
        | Field::TimeMicros(_)
        | Field::TimestampMillis(_)
        | Field::TimestampMicros(_)) => Cell::One(other.to_string(), CellType::Text),
        Field::Decimal(value) => decimal(Field::Decimal(value).to_string(), 0.0),
        Field::Group(_) | Field::MapInternal(_) => Cell::One(String::new(), CellType::Nested),
    }
}

/// A number that is not one has no value: pandas writes it for a cell that is missing.
fn decimal(text: String, value: f64) -> Cell {
    if value.is_nan() { Cell::Missing } else { Cell::One(text, CellType::Decimal) }
}

/// Columns whose numbers are classes, with the names of these, from the datasets library's note.
fn class_names(note: &str) -> Vec<(String, Vec<String>)> {
    let note: Value = serde_json::from_str(note).unwrap_or_default();
    let features = note["info"]["features"].as_object().into_iter().flatten();
    features.filter_map(|(name, feature)| Some((name.clone(), classes(feature)?))).collect()
}

/// A feature's own classes, or those of its items: a list is written as `feature` of a `Sequence` or a `List`, or as a
/// list of one.
fn classes(feature: &Value) -> Option<Vec<String>> {
    if let Some(items) = feature.as_array() {
        return classes(items.first()?);
    }
    if feature["_type"] == "ClassLabel" {
        let names = feature["names"].as_array()?.iter().map(|name| name.as_str().map(str::to_owned));
        return names.collect();
    }
    classes(feature.get("feature")?)
}

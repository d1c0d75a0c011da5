//! Rows as JSON Lines: one object per line, its fields in the order of the columns.
//!
//! Every row has every field. What is missing is `null`; not-a-number and the infinities are the texts that stand for them
//! in all JSON of this program, `"NaN"`, `"Infinity"` and `"-Infinity"`, which pandas reads as numbers.

use super::column::moment;
use super::{Column, RecordsError, Value};
use serde::ser::{Serialize, SerializeMap, Serializer};
use std::io::Write;
use tunemask_shared::number;

/// Writes rows.
#[derive(Debug)]
pub struct JsonRows<W> {
    columns: Vec<Column>,
    out: W,
}

impl<W: Write> JsonRows<W> {
    pub(super) fn new(columns: Vec<Column>, out: W) -> Self {
        Self { columns, out }
    }

    pub(super) fn write(&mut self, row: &[Value]) -> Result<(), RecordsError> {
        serde_json::to_writer(&mut self.out, &Row { columns: &self.columns, values: row })
            .map_err(|error| RecordsError::Io(error.into()))?;
        Ok(self.out.write_all(b"\n")?)
    }

    pub(super) fn finish(mut self) -> Result<(), RecordsError> {
        Ok(self.out.flush()?)
    }
}

struct Row<'a> {
    columns: &'a [Column],
    values: &'a [Value],
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.columns.len()))?;
        for (column, value) in self.columns.iter().zip(self.values) {
            map.serialize_entry(&column.name, value)?;
        }
        map.end()
    }
}

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Missing => serializer.serialize_none(),
            Value::Text(text) => serializer.serialize_str(text),
            Value::Whole(number) => serializer.serialize_u64(*number),
            Value::Decimal(number) => number::serialize(number, serializer),
            Value::Flag(flag) => serializer.serialize_bool(*flag),
            Value::Time(ms) => serializer.serialize_str(&moment(*ms)),
        }
    }
}

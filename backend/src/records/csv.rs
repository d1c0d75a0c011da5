//! Rows as comma-separated values.
//!
//! A header first, so that a table without rows still says its columns. What is missing is an empty field; not-a-number
//! and the infinities are `NaN`, `inf` and `-inf`, as pandas reads them; numbers have the digits that give the same bits
//! again.

use super::column::moment;
use super::{Column, RecordsError, Value};
use ::csv::Writer;
use std::io::Write;

/// Writes rows.
#[derive(Debug)]
pub struct CsvRows<W: Write>(Writer<W>);

impl<W: Write> CsvRows<W> {
    pub(super) fn new(columns: &[Column], out: W) -> Result<Self, RecordsError> {
        let mut writer = Writer::from_writer(out);
        writer.write_record(columns.iter().map(|column| &column.name)).map_err(io)?;
        Ok(Self(writer))
    }

    pub(super) fn write(&mut self, row: &[Value]) -> Result<(), RecordsError> {
        self.0.write_record(row.iter().map(text)).map_err(io)
    }

    pub(super) fn finish(mut self) -> Result<(), RecordsError> {
        Ok(self.0.flush()?)
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::Missing => String::new(),
        Value::Text(text) => text.clone(),
        Value::Whole(number) => number.to_string(),
        // With an exponent where that is shorter.
        Value::Decimal(number) => format!("{number:?}"),
        Value::Flag(flag) => flag.to_string(),
        Value::Time(ms) => moment(*ms),
    }
}

fn io(error: ::csv::Error) -> RecordsError {
    RecordsError::Io(error.into())
}

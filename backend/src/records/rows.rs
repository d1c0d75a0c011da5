//! Rows in any form.

use super::csv::CsvRows;
use super::json_lines::JsonRows;
use super::parquet::ParquetRows;
use super::{Column, Form, RecordsError, Value};
use std::io::Write;

/// Writes rows of the same columns in one form.
#[derive(Debug)]
pub enum RowWriter<W: Write + Send> {
    /// Comma-separated values.
    Csv(CsvRows<W>),
    /// A JSON object a line.
    JsonLines(JsonRows<W>),
    /// Parquet.
    Parquet(ParquetRows<W>),
}

impl<W: Write + Send> RowWriter<W> {
    /// Begins a table of these columns.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn new(form: Form, columns: Vec<Column>, out: W) -> Result<Self, RecordsError> {
        Ok(match form {
            Form::Csv => Self::Csv(CsvRows::new(&columns, out)?),
            Form::JsonLines => Self::JsonLines(JsonRows::new(columns, out)),
            Form::Parquet => Self::Parquet(ParquetRows::new(&columns, out)?),
        })
    }

    /// Writes a row, a value for each column.
    ///
    /// # Errors
    /// `out` cannot be written; in parquet, a value that is not of its column's type.
    pub fn write(&mut self, row: &[Value]) -> Result<(), RecordsError> {
        match self {
            Self::Csv(rows) => rows.write(row),
            Self::JsonLines(rows) => rows.write(row),
            Self::Parquet(rows) => rows.write(row),
        }
    }

    /// Ends the table; without that it is not whole.
    ///
    /// # Errors
    /// `out` cannot be written.
    pub fn finish(self) -> Result<(), RecordsError> {
        match self {
            Self::Csv(rows) => rows.finish(),
            Self::JsonLines(rows) => rows.finish(),
            Self::Parquet(rows) => rows.finish(),
        }
    }
}

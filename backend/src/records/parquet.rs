//! Rows as parquet, with each column's type in the file's schema.
//!
//! Rows are gathered by column and written a row group at a time. What is missing is null, not-a-number a number like any
//! other; moments are timestamps in UTC.

use super::{Column, ColumnType, RecordsError, Value};
use ::parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical, ZstdLevel};
use ::parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int64Type};
use ::parquet::errors::ParquetError;
use ::parquet::file::properties::WriterProperties;
use ::parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use ::parquet::schema::types::{Type, TypePtr};
use std::io::Write;
use std::sync::Arc;

/// Rows of a row group: what is in memory at once.
const GROUP_ROWS: usize = 1 << 16;

/// Writes rows.
pub struct ParquetRows<W: Write + Send> {
    writer: SerializedFileWriter<W>,
    columns: Vec<Gathered>,
    rows: usize,
}

impl<W: Write + Send> std::fmt::Debug for ParquetRows<W> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ParquetRows").field("rows", &self.rows).finish_non_exhaustive()
    }
}

/// The values of a column that are not written yet, and where there is one.
struct Gathered {
    name: String,
    values: Values,
    /// 1 for a row that has a value, 0 for one that has none.
    defined: Vec<i16>,
}

enum Values {
    Text(Vec<ByteArray>),
    /// Whole numbers and moments.
    Whole(Vec<i64>),
    Decimal(Vec<f64>),
    Flag(Vec<bool>),
}

impl<W: Write + Send> ParquetRows<W> {
    pub(super) fn new(columns: &[Column], out: W) -> Result<Self, RecordsError> {
        let fields: Result<Vec<TypePtr>, ParquetError> =
            columns.iter().map(|column| field(column).map(Arc::new)).collect();
        let schema = Type::group_type_builder("schema").with_fields(fields?).build()?;
        let compression = Compression::ZSTD(ZstdLevel::default());
        let properties = WriterProperties::builder().set_compression(compression).build();
        let writer = SerializedFileWriter::new(out, Arc::new(schema), Arc::new(properties))?;
        let columns = columns.iter().map(Gathered::new).collect();
        Ok(Self { writer, columns, rows: 0 })
    }

    pub(super) fn write(&mut self, row: &[Value]) -> Result<(), RecordsError> {
        for (column, value) in self.columns.iter_mut().zip(row) {
            column.push(value)?;
        }
        self.rows += 1;
        if self.rows == GROUP_ROWS { self.flush() } else { Ok(()) }
    }

    pub(super) fn finish(mut self) -> Result<(), RecordsError> {
        self.flush()?;
        self.writer.finish()?;
        Ok(self.writer.inner_mut().flush()?)
    }

    fn flush(&mut self) -> Result<(), RecordsError> {
        if self.rows > 0 {
            let mut group = self.writer.next_row_group()?;
            for column in &mut self.columns {
                column.flush(&mut group)?;
            }
            group.close()?;
            self.rows = 0;
        }
        Ok(())
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.column_type {
        ColumnType::Text => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
        ColumnType::Whole => (Physical::INT64, Some(LogicalType::integer(64, true))),
        ColumnType::Decimal => (Physical::DOUBLE, None),
        ColumnType::Flag => (Physical::BOOLEAN, None),
        ColumnType::Time => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MILLIS))),
    };
    let field = Type::primitive_type_builder(&column.name, physical).with_logical_type(logical);
    field.with_repetition(Repetition::OPTIONAL).build()
}

impl Gathered {
    fn new(column: &Column) -> Self {
        let values = match column.column_type {
            ColumnType::Text => Values::Text(Vec::new()),
            ColumnType::Whole | ColumnType::Time => Values::Whole(Vec::new()),
            ColumnType::Decimal => Values::Decimal(Vec::new()),
            ColumnType::Flag => Values::Flag(Vec::new()),
        };
        Self { name: column.name.clone(), values, defined: Vec::new() }
    }

    fn push(&mut self, value: &Value) -> Result<(), RecordsError> {
        let other = || RecordsError::Value { column: self.name.clone(), value: value.clone() };
        match (&mut self.values, value) {
            (_, Value::Missing) => {
                self.defined.push(0);
                return Ok(());
            }
            (Values::Text(texts), Value::Text(text)) => texts.push(text.as_str().into()),
            (Values::Whole(numbers), Value::Whole(number) | Value::Time(number)) => {
                numbers.push(i64::try_from(*number).map_err(|_| other())?);
            }
            (Values::Decimal(numbers), Value::Decimal(number)) => numbers.push(*number),
            (Values::Flag(flags), Value::Flag(flag)) => flags.push(*flag),
            _ => return Err(other()),
        }
        self.defined.push(1);
        Ok(())
    }

    fn flush<W: Write + Send>(
        &mut self,
        group: &mut SerializedRowGroupWriter<'_, W>,
    ) -> Result<(), ParquetError> {
        let defined = std::mem::take(&mut self.defined);
        match &mut self.values {
            Values::Text(texts) => write::<ByteArrayType, W>(group, texts, &defined),
            Values::Whole(numbers) => write::<Int64Type, W>(group, numbers, &defined),
            Values::Decimal(numbers) => write::<DoubleType, W>(group, numbers, &defined),
            Values::Flag(flags) => write::<BoolType, W>(group, flags, &defined),
        }
    }
}

fn write<T: DataType, W: Write + Send>(
    group: &mut SerializedRowGroupWriter<'_, W>,
    values: &mut Vec<T::T>,
    defined: &[i16],
) -> Result<(), ParquetError> {
    if let Some(mut column) = group.next_column()? {
        column.typed::<T>().write_batch(values, Some(defined), None)?;
        column.close()?;
    }
    values.clear();
    Ok(())
}

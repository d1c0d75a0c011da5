//! Parquet files, made on the spot.

use parquet::data_type::{ByteArray, ByteArrayType, Int64Type};
use parquet::file::metadata::KeyValue;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::SerializedFileWriter;
use parquet::schema::parser::parse_message_type;
use serde_json::json;
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// A column's values, none of which is missing.
pub enum Column {
    Texts(Vec<String>),
    Numbers(Vec<i64>),
}

/// Writes a file, with the names of those columns' classes as the datasets library leaves them.
pub fn write(path: &Path, columns: &[(&str, Column)], classes: &[(&str, &[String])]) {
    let fields: String = columns
        .iter()
        .map(|(name, column)| match column {
            Column::Texts(_) => format!("required binary {name} (UTF8); "),
            Column::Numbers(_) => format!("required int64 {name}; "),
        })
        .collect();
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {fields} }}")).unwrap());
    let features: serde_json::Map<String, serde_json::Value> = classes
        .iter()
        .map(|(name, names)| ((*name).to_owned(), json!({ "names": names, "_type": "ClassLabel" })))
        .collect();
    let note = json!({ "info": { "features": features } }).to_string();
    let note = KeyValue::new("huggingface".to_owned(), note);
    let properties = WriterProperties::builder().set_key_value_metadata(Some(vec![note])).build();
    let mut writer =
        SerializedFileWriter::new(File::create(path).unwrap(), schema, Arc::new(properties)).unwrap();
    let mut group = writer.next_row_group().unwrap();
    for (_, column) in columns {
        let mut open = group.next_column().unwrap().unwrap();
        match column {
            Column::Texts(texts) => {
                let texts: Vec<ByteArray> = texts.iter().map(|text| text.as_str().into()).collect();
                open.typed::<ByteArrayType>().write_batch(&texts, None, None).unwrap();
            }
            Column::Numbers(numbers) => {
                open.typed::<Int64Type>().write_batch(numbers, None, None).unwrap();
            }
        }
        open.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

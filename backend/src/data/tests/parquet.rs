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
    TextLists(Vec<Vec<String>>),
    NumberLists(Vec<Vec<i64>>),
}

impl Column {
    /// Its line of a schema.
    fn field(&self, name: &str) -> String {
        let list = |item: &str| {
            format!("required group {name} (LIST) {{ repeated group list {{ required {item}; }} }} ")
        };
        match self {
            Column::Texts(_) => format!("required binary {name} (UTF8); "),
            Column::Numbers(_) => format!("required int64 {name}; "),
            Column::TextLists(_) => list("binary element (UTF8)"),
            Column::NumberLists(_) => list("int64 element"),
        }
    }
}

/// The items of lists end to end, and how deeply each is defined and repeated.
fn levels<T: Clone>(lists: &[Vec<T>]) -> (Vec<T>, Vec<i16>, Vec<i16>) {
    let (mut items, mut defined, mut repeated) = (Vec::new(), Vec::new(), Vec::new());
    for list in lists {
        if list.is_empty() {
            defined.push(0);
            repeated.push(0);
        }
        for (place, item) in list.iter().enumerate() {
            items.push(item.clone());
            defined.push(1);
            repeated.push(i16::from(place > 0));
        }
    }
    (items, defined, repeated)
}

/// Writes a file, with the names of those columns' classes as the datasets library leaves them.
pub fn write(path: &Path, columns: &[(&str, Column)], classes: &[(&str, &[String])]) {
    let fields: String = columns.iter().map(|(name, column)| column.field(name)).collect();
    let schema = Arc::new(parse_message_type(&format!("message schema {{ {fields} }}")).unwrap());
    let features: serde_json::Map<String, serde_json::Value> = classes
        .iter()
        .map(|(name, names)| {
            let class = json!({ "names": names, "_type": "ClassLabel" });
            let list = columns.iter().any(|(n, c)| n == name && matches!(c, Column::NumberLists(_)));
            ((*name).to_owned(), if list { json!({ "feature": class, "_type": "Sequence" }) } else { class })
        })
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
            Column::TextLists(lists) => {
                let (items, defined, repeated) = levels(lists);
                let items: Vec<ByteArray> = items.iter().map(|text| text.as_str().into()).collect();
                open.typed::<ByteArrayType>().write_batch(&items, Some(&defined), Some(&repeated)).unwrap();
            }
            Column::NumberLists(lists) => {
                let (items, defined, repeated) = levels(lists);
                open.typed::<Int64Type>().write_batch(&items, Some(&defined), Some(&repeated)).unwrap();
            }
        }
        open.close().unwrap();
    }
    group.close().unwrap();
    writer.close().unwrap();
}

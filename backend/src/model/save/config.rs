//! What the head adds to a config.

use crate::files;
use crate::model::{ModelError, contents};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use tunemask_shared::task::TaskKind;

/// Hugging Face's class of a model with this head, and the fields of its config that the head decides.
pub(super) fn head_fields(kind: &TaskKind) -> (&'static str, Map<String, Value>) {
    let (class, problem) = match kind {
        TaskKind::Classification(_) => ("BertForSequenceClassification", Some("single_label_classification")),
        TaskKind::MultiLabel(_) => ("BertForSequenceClassification", Some("multi_label_classification")),
        TaskKind::Regression(..) => ("BertForSequenceClassification", Some("regression")),
        TaskKind::Tagging(_) => ("BertForTokenClassification", None),
    };
    let score = ["score".to_owned()];
    let labels = if kind.is_regression() { &score } else { kind.labels() };
    let by_number: Map<String, Value> = (0..).zip(labels).map(|(i, l)| (i.to_string(), json!(l))).collect();
    let by_label: Map<String, Value> = (0..).zip(labels).map(|(i, l)| (l.clone(), json!(i))).collect();
    let mut fields = Map::new();
    fields.insert("id2label".into(), Value::Object(by_number));
    fields.insert("label2id".into(), Value::Object(by_label));
    if let Some(problem) = problem {
        fields.insert("problem_type".into(), json!(problem));
    }
    (class, fields)
}

/// Writes the config of the base's folder with the head's fields in it.
///
/// # Errors
/// The base's cannot be read; the new one cannot be written.
pub(super) fn over(
    source: &Path,
    architecture: &str,
    fields: Map<String, Value>,
    path: &Path,
) -> Result<(), ModelError> {
    let base = contents::config(source)?;
    let text = files::text(&base, files::SETTINGS)?;
    let mut map: Map<String, Value> =
        serde_json::from_str(&text).map_err(|cause| ModelError::Json { path: base, cause })?;
    for old in ["_name_or_path", "dtype", "num_labels", "problem_type"] {
        map.remove(old);
    }
    map.extend(fields);
    map.insert("model_type".into(), json!("bert"));
    map.insert("architectures".into(), json!([architecture]));
    map.insert("torch_dtype".into(), json!("float32"));
    let text = format!("{:#}\n", Value::Object(map));
    fs::write(path, text).map_err(|cause| ModelError::Write { path: path.to_owned(), cause })
}

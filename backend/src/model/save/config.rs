//! What the head adds to a config.

use crate::files;
use crate::model::{ModelError, contents};
use serde_json::{Map, Value, json};
use std::fs;
use std::path::Path;
use tunemask_shared::family::Family;
use tunemask_shared::task::TaskKind;

/// Hugging Face's class of a model with this head, and the fields of its config that the head decides.
pub(super) fn head_fields(family: Family, kind: &TaskKind) -> (String, Map<String, Value>) {
    let problem = match kind {
        TaskKind::Classification(_) => Some("single_label_classification"),
        TaskKind::MultiLabel(_) => Some("multi_label_classification"),
        TaskKind::Regression(..) => Some("regression"),
        TaskKind::Tagging(_) => None,
    };
    let of = if kind.is_tagging() { "Token" } else { "Sequence" };
    let class = format!("{}For{of}Classification", family.class());
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
    family: Family,
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
    map.insert("model_type".into(), json!(family.model_type()));
    map.insert("architectures".into(), json!([architecture]));
    map.insert("torch_dtype".into(), json!("float32"));
    let text = format!("{:#}\n", Value::Object(map));
    fs::write(path, text).map_err(|cause| ModelError::Write { path: path.to_owned(), cause })
}

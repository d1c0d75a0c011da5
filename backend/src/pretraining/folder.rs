use super::{Pretraining, PretrainingError};
use crate::model::{Folder, Model, Stored};
use serde_json::Map;
use std::fs;
use std::path::Path;

/// Writes what was trained as a `BertForMaskedLM`, with its settings and scores in `pretraining.json`.
///
/// # Errors
/// The system refuses.
pub fn save(
    folder: &Path,
    model: &Model,
    done: &Pretraining,
    stored: Stored,
    record: &serde_json::Value,
) -> Result<(), PretrainingError> {
    // A dropout of the pre-training alone does not stand in the config: who fine-tunes expects the model's.
    let encoder = model.config;
    let (hidden, vocabulary) = (encoder.shape.hidden, encoder.shape.vocabulary);
    let (weights, head) = done.trained()?.split_at(encoder.shape.scalars());
    let mut rest = head;
    let mut next = |name, dims: Vec<usize>| {
        let (own, others) = rest.split_at(dims.iter().product());
        rest = others;
        (name, dims, own)
    };
    let head = vec![
        next("cls.predictions.transform.dense.weight", vec![hidden, hidden]),
        next("cls.predictions.transform.dense.bias", vec![hidden]),
        next("cls.predictions.transform.LayerNorm.weight", vec![hidden]),
        next("cls.predictions.transform.LayerNorm.bias", vec![hidden]),
        next("cls.predictions.bias", vec![vocabulary]),
    ];
    let written = Folder {
        encoder: &encoder,
        architecture: "BertForMaskedLM",
        fields: Map::new(),
        weights,
        head,
        stored,
        tokenizer: &model.tokenizer,
    };
    written.write(folder)?;
    let path = folder.join("pretraining.json");
    fs::write(&path, format!("{record:#}\n")).map_err(|source| PretrainingError::Io { path, source })
}

//! The result, as a Hugging Face folder.

use super::{Pretraining, PretrainingError};
use crate::artifacts::Artifacts;
use crate::model::{Folder, Model, Stored};
use serde_json::Map;
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

/// Refuses a folder that holds anything but what pre-training leaves there when it is stopped.
///
/// # Errors
/// It holds a model, or other files; the system refuses.
pub fn empty_or_stopped(folder: &Path) -> Result<(), PretrainingError> {
    let io = |cause| PretrainingError::Io { path: folder.to_owned(), cause };
    Artifacts::inside(folder).sweep();
    let entries = match fs::read_dir(folder) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        entries => entries.map_err(io)?,
    };
    let paths: Vec<PathBuf> =
        entries.map(|entry| entry.map(|e| e.path())).collect::<Result<_, _>>().map_err(io)?;
    let refused = |what: String| {
        let folder = folder.display();
        Err(PretrainingError::Text(format!("{folder} holds {what}; name another folder with --out")))
    };
    if folder.join("model.safetensors").exists() {
        return refused("a model already".into());
    }
    let stopped = paths.iter().any(|path| path.extension().is_some_and(|e| e == Artifacts::EXTENSION));
    match paths.iter().filter(|_| !stopped).find_map(|path| path.file_name()) {
        Some(name) => refused(format!("{}, which would be lost among a model's files", name.display())),
        None => Ok(()),
    }
}

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
        (String::from(name), dims, own)
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
    // Before the weights, with which the folder is whole.
    let path = folder.join("pretraining.json");
    fs::write(&path, format!("{record:#}\n")).map_err(|cause| PretrainingError::Io { path, cause })?;
    Ok(written.write(folder)?)
}

//! Tensors by their Hugging Face names, into the canonical order.
//!
//! Names come with or without the `bert.` prefix, a LayerNorm's scalars as `weight` and `bias` or as the
//! `gamma` and `beta` of 2018. What else a file holds (heads, position ids) is not read.

use super::archive::{self, Archive};
use super::{Config, ModelError};
use std::path::{Path, PathBuf};
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::shape::{Kind, ModelShape, POOLER_KINDS, Parameter};

/// Seed of a pooler that a checkpoint lacks.
const POOLER_SEED: u64 = 0;

/// The folder's weights in canonical order, and what the user should know about them.
///
/// # Errors
/// No weights; a file that is truncated or not understood; a tensor that is missing, misshapen or not finite.
pub(super) fn open(folder: &Path, config: &Config) -> Result<(Vec<f32>, Vec<String>), ModelError> {
    let path = file(folder)?;
    let mut archive = archive::open(&path)?;
    let prefix = prefix(archive.as_ref());
    let shape = &config.encoder.shape;
    let mut weights = vec![0.0; shape.scalars()];
    let mut notes = Vec::new();
    let has_pooler = shape
        .parameters()
        .iter()
        .any(|p| POOLER_KINDS.contains(&p.kind) && find(archive.as_ref(), prefix, p).is_some());
    for parameter in shape.parameters() {
        let out = &mut weights[parameter.range()];
        if POOLER_KINDS.contains(&parameter.kind) && !has_pooler {
            continue;
        }
        let want = parameter.hugging_face_dims();
        let Some((name, got)) = find(archive.as_ref(), prefix, &parameter) else {
            let name = plain_name(&parameter);
            return Err(ModelError::MissingTensor { path, name, dims: want });
        };
        if got != want {
            return Err(ModelError::Shape { path, name, want, got });
        }
        archive.read(&name, out)?;
        if let Some(index) = out.iter().position(|w| !w.is_finite()) {
            return Err(ModelError::NotFinite { path, name, index, value: out[index] });
        }
    }
    if !has_pooler {
        draw_pooler(shape, config.encoder.initializer_range, &mut weights);
        notes.push("the checkpoint has no pooler; a new one was drawn, the same for every run".into());
    }
    Ok((weights, notes))
}

/// The file that holds a folder's weights.
fn file(folder: &Path) -> Result<PathBuf, ModelError> {
    for name in ["model.safetensors", "pytorch_model.bin"] {
        let path = folder.join(name);
        if path.is_file() {
            return Ok(path);
        }
    }
    let others = [
        ("model.safetensors.index.json", "save the model in one file"),
        ("pytorch_model.bin.index.json", "save the model in one file"),
        ("tf_model.h5", "save the model from PyTorch"),
        ("flax_model.msgpack", "save the model from PyTorch"),
    ];
    let hint = others
        .iter()
        .find(|(name, _)| folder.join(name).is_file())
        .map_or_else(String::new, |(name, what)| format!(", found {name}: {what}"));
    Err(ModelError::NoWeights { folder: folder.to_owned(), hint })
}

/// What stands before the encoder's names in this file.
fn prefix(archive: &dyn Archive) -> &'static str {
    let first = "embeddings.word_embeddings.weight";
    ["bert.", "module.bert.", "module."]
        .into_iter()
        .find(|prefix| archive.dims(&format!("{prefix}{first}")).is_some())
        .unwrap_or("")
}

/// A parameter's name without prefix.
fn plain_name(parameter: &Parameter) -> String {
    let name = parameter.name();
    name.strip_prefix("bert.").unwrap_or(&name).to_owned()
}

/// A parameter's name in this file, and its dimensions there.
fn find(archive: &dyn Archive, prefix: &str, parameter: &Parameter) -> Option<(String, Vec<usize>)> {
    let name = format!("{prefix}{}", plain_name(parameter));
    let old = name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta");
    [name, old].into_iter().find_map(|name| archive.dims(&name).map(|dims| (name, dims)))
}

/// A new pooler as Hugging Face draws it: normal weights, zero bias; but the same every time.
fn draw_pooler(shape: &ModelShape, initializer_range: f32, weights: &mut [f32]) {
    if let Some(weight) = shape.parameter(Kind::PoolerWeight, None) {
        let mut stream = Stream::new(POOLER_SEED, Purpose::Weights, u32::MAX);
        for w in &mut weights[weight.range()] {
            *w = (initializer_range as f64 * stream.normal()) as f32;
        }
    }
}

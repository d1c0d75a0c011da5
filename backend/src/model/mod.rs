//! A checkpoint on disk ↔ weights in memory: Hugging Face folders of BERT and its kin, and the built-in tiny model.
//!
//! A folder holds `config.json`, `model.safetensors` or `pytorch_model.bin` or several of either with their index, and
//! `tokenizer.json`, `vocab.txt`, or `vocab.json` and `merges.txt`, with what stands beside them. Whatever is not an encoder
//! of a known family with absolute positions is refused with an error that names the file, what was found and what is
//! known.
//!
//! In reading order:

/// A file of named tensors.
mod archive;
/// `config.json`.
mod config;
/// What stands in a folder.
mod contents;
/// What a run has trained and no more.
mod delta;
/// What is wrong with a model, and where.
mod error;
/// The identity of a model.
mod fingerprint;
/// A model in memory.
mod pretrained;
/// A tuned model as a Hugging Face folder.
mod save;
#[cfg(test)]
mod tests;
/// The built-in tiny model.
mod tiny;
/// Text to word pieces.
mod tokenizer;
/// Tensors by their Hugging Face names, into the canonical order.
mod weights;
/// A Hugging Face folder on its way to the disk.
mod write;

pub use config::Config;
pub use delta::{Delta, FORMAT as DELTA_FORMAT, Head, take};
pub use error::ModelError;
pub use pretrained::Model;
pub(crate) use save::NewFolder;
pub use save::{Saved, Written, head, save};
pub use tokenizer::{EncodedWords, Encoding, Tokenizer};
pub use write::{Folder, Stored};

use crate::hub;
use std::path::{Path, PathBuf};
use tunemask_shared::experiment::BUILTIN_MODEL;
use tunemask_shared::facts::ModelFacts;
use tunemask_shared::hub::RepositoryKind;

/// Opens `builtin:tiny`, a Hugging Face folder, or a repository of the hub that is in its cache: `hf:OWNER/NAME[@REVISION]`.
///
/// # Errors
/// No such folder or repository; a file that is missing, unreadable or truncated; a config that is no BERT encoder; a
/// tensor that is missing, misshapen or holds a scalar that is not finite; a vocabulary without BERT's
/// special tokens or larger than the model's.
pub fn open(name: &str) -> Result<Model, ModelError> {
    let Some(folder) = folder(name)? else { return tiny::model() };
    let (config, tokenizer) = without_weights(&folder)?;
    let (weights, mut notes) = weights::open(&folder, &config)?;
    notes.extend(config.notes.iter().chain(tokenizer.notes()).cloned());
    Ok(Model::new(config.encoder, weights, tokenizer, contents::title(&folder), notes))
}

/// The same without the folder's weights, which need not be there: all are 0.
///
/// # Errors
/// As [`open`], but for weights.
pub fn unweighted(name: &str) -> Result<Model, ModelError> {
    let Some(folder) = folder(name)? else { return tiny::unweighted() };
    let (config, tokenizer) = without_weights(&folder)?;
    let weights = weights::room(&config.encoder.shape, &folder)?;
    let notes = config.notes.iter().chain(tokenizer.notes()).cloned().collect();
    Ok(Model::new(config.encoder, weights, tokenizer, contents::title(&folder), notes))
}

/// A model's tokenizer alone; weights need not be there.
///
/// # Errors
/// As [`open`], but for weights.
pub fn tokenizer(name: &str) -> Result<Tokenizer, ModelError> {
    match folder(name)? {
        Some(folder) => Ok(without_weights(&folder)?.1),
        None => tiny::tokenizer(),
    }
}

/// Opens a model and puts a delta on it, if there is one.
///
/// # Errors
/// As [`open`]; a delta that cannot be read, or belongs to another base.
pub fn open_with(name: &str, delta: Option<&Path>) -> Result<Model, ModelError> {
    let base = open(name)?;
    match delta {
        Some(path) => Delta::open(path, &base.config.shape)?.on(base, path),
        None => Ok(base),
    }
}

/// What is known about a model from its config alone; weights need not be there.
///
/// # Errors
/// No such folder, no readable config, or one that is no BERT encoder.
pub fn shape(name: &str) -> Result<ModelFacts, ModelError> {
    let Some(folder) = folder(name)? else { return Ok(tiny::facts()) };
    let config = Config::open(&contents::config(&folder)?)?;
    Ok(ModelFacts {
        title: contents::title(&folder),
        shape: config.encoder.shape,
        cased: Tokenizer::is_cased(&folder),
        dropout: config.dropout,
    })
}

/// What is wrong with a model by its config: before its weights are downloaded.
///
/// # Errors
/// A config that cannot be read, or is no BERT encoder.
pub fn suits(config: &Path) -> Result<(), String> {
    Config::open(config).map(|_| ()).map_err(|error| error.to_string())
}

fn without_weights(folder: &Path) -> Result<(Config, Tokenizer), ModelError> {
    let config = Config::open(&contents::config(folder)?)?;
    let tokenizer = Tokenizer::open(folder)?;
    tokenizer.fits(folder, &config)?;
    Ok((config, tokenizer))
}

/// The folder of a name, or `None` for the built-in model.
fn folder(name: &str) -> Result<Option<PathBuf>, ModelError> {
    let name = name.trim();
    if name == BUILTIN_MODEL {
        return Ok(None);
    }
    if name.starts_with("builtin:") {
        return Err(ModelError::Builtin(name.to_owned()));
    }
    if let Some(snapshot) = hub::snapshot(name, RepositoryKind::Model)? {
        return Ok(Some(snapshot.folder));
    }
    let folder = Path::new(name);
    if folder.is_dir() {
        contents::folder(folder).map(Some)
    } else if folder.exists() {
        Err(ModelError::NotAFolder(folder.to_owned()))
    } else {
        Err(ModelError::Folder(folder.to_owned()))
    }
}

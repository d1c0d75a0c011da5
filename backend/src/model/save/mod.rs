//! A tuned model as a Hugging Face folder, which Python's transformers opens as it is. In reading order:

/// What the head adds to a config.
mod config;
/// A folder that is there whole or not at all.
mod new_folder;

use super::write::{Folder, Stored};
use super::{Head, Model, ModelError, folder, tokenizer};
use crate::files::Existing;
use crate::tensors::TensorReader;
pub(crate) use new_folder::NewFolder;
use std::fs;
use std::path::Path;
use tunemask_shared::head::HeadLayout;
use tunemask_shared::task::TaskKind;

/// A tuned model on its way to a folder.
#[derive(Debug)]
pub struct Saved<'a> {
    /// The name of the model that it was made from, as [`super::open`] takes it.
    pub source: &'a str,
    /// That model.
    pub base: &'a Model,
    /// Every scalar of the tuned encoder, in canonical order.
    pub weights: &'a [f32],
    /// Its head.
    pub head: &'a Head,
    /// What the head predicts.
    pub kind: &'a TaskKind,
    /// The text of its `README.md`.
    pub card: &'a str,
}

/// Writes `config.json`, `model.safetensors`, the tokenizer's files and `README.md` into a folder. What the base's
/// config and tokenizer say beside what Tunemask reads stays.
///
/// They lie beside the folder until [`Written::finish`]. A folder that is absent or empty appears whole, or not at all.
/// With [`Existing::Replace`] files of these names in another one are replaced, a tokenizer's files that this one does not have are
/// removed, and its other files stay.
///
/// # Errors
/// The folder holds files that must stay; files of the base that cannot be read; a folder that cannot be
/// written.
pub fn save(saved: &Saved<'_>, out: &Path, existing: Existing) -> Result<Written, ModelError> {
    let new_folder = NewFolder::make(out, existing)?;
    let (shape, fits) = (&saved.base.config.shape, saved.head.layout.scalars() == saved.head.scalars.len());
    let (architecture, fields) = config::head_fields(shape.family, saved.kind);
    let tensors = saved.head.layout.tensors().into_iter().filter(|_| fits);
    let written = Folder {
        encoder: &saved.base.config,
        architecture: &architecture,
        fields: fields.clone(),
        weights: saved.weights,
        head: tensors.map(|t| (t.name, t.dims, &saved.head.scalars[t.range])).collect(),
        stored: Stored::F32,
        tokenizer: &saved.base.tokenizer,
    };
    written.write(new_folder.path())?;
    if let Some(source) = folder(saved.source)? {
        config::over(
            &source,
            shape.family,
            &architecture,
            fields,
            &new_folder.file(super::contents::CONFIG),
        )?;
    }
    let card = new_folder.file("README.md");
    fs::write(&card, saved.card).map_err(|cause| ModelError::Write { path: card, cause })?;
    Ok(Written(new_folder))
}

/// A folder that is written, but not yet where it is to be; dropped, it is gone.
#[derive(Debug)]
pub struct Written(NewFolder);

impl Written {
    /// Where its files lie now.
    pub fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Puts it where it is to be.
    ///
    /// # Errors
    /// The system refuses.
    pub fn finish(self) -> Result<(), ModelError> {
        self.0.finish(&tokenizer::FILES)
    }
}

/// The scalars of the head in a folder that was written, of which `layout` says what it has.
///
/// # Errors
/// The file cannot be read or has no such head.
pub fn head(folder: &Path, layout: HeadLayout) -> Result<Vec<f32>, ModelError> {
    let mut file = TensorReader::open(&folder.join("model.safetensors"))?;
    let mut scalars = Vec::with_capacity(layout.scalars());
    for tensor in layout.tensors() {
        let own = file.floats(&tensor.name)?;
        if own.len() != tensor.range.len() {
            return Err(file.damaged("its classifier does not fit its encoder").into());
        }
        scalars.extend(own);
    }
    Ok(scalars)
}

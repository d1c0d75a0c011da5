//! A finished run as files for others: a Hugging Face folder, or the delta to its base model. In reading order:

/// What a person reads beside the model.
mod card;

use crate::lab::{Tuned, TunedError};
use crate::model::{self, Delta, ModelError, Saved};
use card::Facts;
use std::path::Path;

/// Writes the tuned model as a Hugging Face folder, see [`model::save`].
///
/// # Errors
/// The folder is occupied and `force` is not set, or cannot be written.
pub fn folder(tuned: &Tuned, out: &Path, force: bool) -> Result<(), TunedError> {
    let (weights, head) = (tuned.weights(), tuned.head());
    let saved = Saved {
        source: &tuned.source,
        base: &tuned.model,
        weights: &weights,
        head: &head,
        kind: tuned.spec.task.kind(),
        card: &Facts::of(tuned).card(),
    };
    Ok(model::save(&saved, out, force)?)
}

/// Writes what the run's model has that its base has not, see [`Delta`].
///
/// # Errors
/// The file is there and `force` is not set, or it cannot be written.
pub fn delta(tuned: &Tuned, out: &Path, force: bool) -> Result<(), TunedError> {
    if out.exists() && !force {
        return Err(ModelError::Occupied(out.to_owned()).into());
    }
    let selection = tuned.changed();
    let delta = Delta {
        base: tuned.base.clone(),
        about: Facts::of(tuned).pairs(),
        values: model::take(&tuned.weights(), &selection),
        selection,
        head: tuned.head(),
    };
    Ok(delta.write(&tuned.model.config.shape, out)?)
}

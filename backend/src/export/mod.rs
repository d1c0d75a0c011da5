//! A finished run as files for others: a Hugging Face folder, or the delta to its base model, of LoRA an adapter. In reading
//! order:

/// What a person reads beside the model.
mod card;
/// Why a run cannot be exported.
mod error;
/// What LoRA added, as PEFT has it.
mod adapter;
/// What a run starts from.
mod initial;
/// Whether the folder scores what the run scored.
mod check;

pub use crate::files::Existing;
pub use check::Checked;
pub use error::ExportError;
pub use initial::{Initial, initial};

use crate::artifacts::Tuned;
use crate::model::{self, Delta, ModelError, Saved};
use card::Facts;
use std::path::Path;

/// Writes the tuned model as a Hugging Face folder, see [`model::save`], once development examples that were scored
/// through its files have the run's logits.
///
/// # Errors
/// The folder is occupied and must stay, or cannot be written; what was written scores otherwise. Nothing is
/// left then.
pub fn folder(tuned: &Tuned, out: &Path, existing: Existing) -> Result<Checked, ExportError> {
    let (weights, head) = (tuned.weights(), tuned.head());
    let saved = Saved {
        source: &tuned.source,
        base: &tuned.model,
        weights: &weights,
        head: &head,
        kind: tuned.spec.task.kind(),
        card: &Facts::from_tuned(tuned).card(),
    };
    let written = model::save(&saved, out, existing)?;
    let checked = check::check(tuned, written.folder())?;
    written.finish()?;
    Ok(checked)
}

/// Writes what the run's model has that its base has not: a file, see [`Delta`], or of LoRA a folder that PEFT reads.
///
/// # Errors
/// It is there and must stay, or it cannot be written; a run of LoRA has changed its base model, too.
pub fn delta(tuned: &Tuned, out: &Path, existing: Existing) -> Result<(), ExportError> {
    if tuned.is_adapter() {
        return adapter::write(tuned, out, existing);
    }
    if existing == Existing::Keep && out.exists() {
        return Err(ModelError::Occupied(out.to_owned()).into());
    }
    let selection = tuned.changed();
    let delta = Delta {
        base: tuned.base.clone(),
        about: Facts::from_tuned(tuned).pairs(),
        values: model::take(&tuned.weights(), &selection),
        selection,
        head: tuned.head(),
    };
    Ok(delta.write(&tuned.model.config.shape, out)?)
}

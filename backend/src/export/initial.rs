//! The model that a run starts from, untrained, with its initial head.

use super::{ExportError, card};
use crate::files::Existing;
use crate::model::{self, Head, Model};
use std::path::Path;
use std::sync::Arc;
use tunemask_engine::{Adam, Gang, MemberSpec, Objective};
use tunemask_shared::task::Task;
use tunemask_shared::trainable::Trainable;

/// What a run starts from.
#[derive(Clone, Copy, Debug)]
pub struct Initial<'a> {
    /// The name of the model, as [`model::open`] takes it.
    pub source: &'a str,
    /// That model, with a delta applied where there is one.
    pub model: &'a Model,
    /// The task, which decides the head's outputs.
    pub task: &'a Task,
    /// The seed, which decides the head's weights.
    pub seed: u64,
}

/// Writes it as a Hugging Face folder, see [`model::save`].
///
/// # Errors
/// The folder is occupied and must stay, or cannot be written.
pub fn initial(of: &Initial<'_>, out: &Path, existing: Existing) -> Result<(), ExportError> {
    let (model, objective) = (of.model, Objective::from(of.task.kind()));
    // Nothing but the head trains, so the compact vector is the head.
    let member =
        MemberSpec { trains: Trainable::default(), seed: of.seed, adam: Adam::default(), head: None };
    let gang = Gang::new(model.config, Arc::clone(&model.weights), objective, vec![member])?;
    let head = Head { layout: objective.head(&model.config.shape), scalars: gang.trained(0)?.to_vec() };
    let saved = model::Saved {
        source: of.source,
        base: model,
        weights: &model.weights,
        head: &head,
        kind: of.task.kind(),
        card: &card::initial(&model.title, of.task, of.seed),
    };
    model::save(&saved, out, existing)?.finish()?;
    Ok(())
}

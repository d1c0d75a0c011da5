//! The model whose masks are listed.

use super::arguments::Arguments;
use crate::model::{self, Model};
use anyhow::{Context, Result};
use std::cell::OnceCell;
use tunemask_shared::facts::ModelFacts;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::selection::Selection;

/// A model of which the weights are read only when they are asked for.
pub(super) struct Subject<'a> {
    pub(super) arguments: &'a Arguments,
    pub(super) facts: ModelFacts,
    pub(super) switches: MaskSwitches,
    pub(super) opened: OnceCell<Model>,
}

impl Subject<'_> {
    pub(super) fn weights(&self) -> Result<&[f32]> {
        if let Some(model) = self.opened.get() {
            return Ok(&model.weights);
        }
        let model = model::open(&self.arguments.model)?;
        Ok(&self.opened.get_or_init(|| model).weights)
    }

    /// The scalars of a mask.
    pub(super) fn resolve(&self, mask: &Mask) -> Result<Selection> {
        let seed = self.arguments.seed;
        let resolve = |weights| mask.resolve(&self.facts.shape, self.switches, seed, weights);
        match resolve(None) {
            Err(tunemask_shared::mask::MaskError::NeedsWeights(_)) => {
                let weights =
                    self.weights().with_context(|| format!("`{mask}` goes by the weights' values"))?;
                Ok(resolve(Some(weights))?)
            }
            other => Ok(other?),
        }
    }
}

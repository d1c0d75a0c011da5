//! Runs that step together through the same frozen matrices.

use super::{Adam, EncoderConfig, EngineError, Objective, Sequence};
use std::sync::Arc;
use tunemask_shared::selection::Selection;

/// A run that joins a gang.
#[derive(Clone, Debug)]
pub struct MemberSpec {
    /// The scalars that train, head not counted.
    pub selection: Selection,
    /// Seed of head and dropout.
    pub seed: u64,
    /// Its optimizer.
    pub adam: Adam,
    /// Initial head instead of a drawn one: weight `[outputs, hidden]`, then bias `[outputs]`.
    pub head: Option<Vec<f32>>,
}

/// What a member does in a step.
#[derive(Clone, Copy, Debug)]
pub struct MemberStep<'a> {
    /// Its batch; not empty.
    pub batch: &'a [Sequence<'a>],
    /// Learning rate of the step.
    pub learning_rate: f64,
}

/// What a step did for a member. A loss that is not finite leaves the member's scalars as they were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Mean loss over the batch, before the update.
    pub loss: f64,
    /// Euclidean norm of the gradient of all that trains, head included.
    pub gradient_norm: f64,
}

/// Runs that step together. One gang uses one device; its steps are deterministic.
pub struct Gang {}

impl Gang {
    /// A gang of runs on one model. `weights` are the pretrained scalars in canonical order.
    ///
    /// # Errors
    /// Weights that are not the shape's; several members of which one trains matrices.
    pub fn new(
        _config: EncoderConfig,
        _weights: Arc<Vec<f32>>,
        _objective: Objective,
        _members: Vec<MemberSpec>,
    ) -> Result<Self, EngineError> {
        unreachable!()
    }

    /// One optimizer step of every member: forward with dropout, loss, backward, Adam.
    ///
    /// # Errors
    /// A sequence that the model cannot read; a batch too few, too many or empty. Nothing has changed then.
    pub fn step(&mut self, _steps: &[MemberStep<'_>]) -> Result<Vec<StepReport>, EngineError> {
        unreachable!()
    }

    /// Logits `[sequences, outputs]` of every member, dropout off.
    ///
    /// # Errors
    /// A sequence that the model cannot read.
    pub fn predict(&mut self, _sequences: &[Sequence<'_>]) -> Result<Vec<Vec<f32>>, EngineError> {
        unreachable!()
    }

    /// Mean loss and its gradient for one member, dropout off, nothing updated: logits, loss, and the gradient
    /// of the compact vector of [`Gang::trained`].
    ///
    /// # Errors
    /// A sequence that the model cannot read.
    pub fn probe(
        &mut self,
        _member: usize,
        _batch: &[Sequence<'_>],
    ) -> Result<(Vec<f32>, f64, Vec<f32>), EngineError> {
        unreachable!()
    }

    /// A member's trained scalars: its selection in ascending order, then the head's weight and bias.
    pub fn trained(&self, _member: usize) -> &[f32] {
        unreachable!()
    }

    /// Whether every scalar outside a member's selection, as the step reads it, has the bits it had at first.
    pub fn frozen_unchanged(&self, _member: usize) -> bool {
        unreachable!()
    }
}

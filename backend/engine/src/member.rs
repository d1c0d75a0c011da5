//! A member of a gang from outside: how it joins, what it does, what becomes of it.

use crate::Adam;
use crate::plan::batch::Sequence;
use tunemask_shared::trainable::Trainable;

/// A run that joins a gang.
#[derive(Clone, Debug)]
pub struct MemberSpec {
    /// What trains, head not counted.
    pub trains: Trainable,
    /// Seed of head, dropout and of what is added to the model.
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

/// What a step did for a member. A loss or gradient that is not finite leaves the member's scalars as they were.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StepReport {
    /// Mean loss over the batch, before the update.
    pub loss: f64,
    /// Euclidean norm of the gradient of all that trains, head included.
    pub gradient_norm: f64,
}

impl StepReport {
    /// Whether the member's scalars have changed.
    pub fn is_finite(&self) -> bool {
        self.loss.is_finite() && self.gradient_norm.is_finite()
    }
}

/// Logits `[reads, outputs]`, mean loss and its gradient, from [`crate::Gang::probe`].
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// One row a read.
    pub logits: Vec<f32>,
    /// Mean over the batch's reads.
    pub loss: f64,
    /// The gradient of the compact vector, see [`crate::Gang::trained`].
    pub gradient: Vec<f32>,
}

/// All that a member has become: with its [`MemberSpec`] enough to go on with the same bits.
#[derive(Clone, Debug, PartialEq)]
pub struct MemberState {
    /// Steps done.
    pub steps: u32,
    /// The trained scalars, see [`crate::Gang::trained`].
    pub trained: Vec<f32>,
    /// Adam's first moments of them.
    pub first: Vec<f32>,
    /// Adam's second moments.
    pub second: Vec<f32>,
}

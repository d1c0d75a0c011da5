//! Gradients to activations on the way down, in buffers that are reused from step to step.

use super::machine::{Buffer, Machine};
use std::sync::Arc;

/// Gradients to activations on the way down.
pub struct Workspace {
    /// To a block's output, then to its middle, then to its input.
    pub down: Buffer,
    /// To a product that a LayerNorm reads.
    pub product: Buffer,
    /// To attention's output.
    pub context: Buffer,
    /// To GELU's output and input.
    pub hidden: Buffer,
    /// To query, key and value.
    pub qkv: Buffer,
    /// To the last block's queries.
    pub queries: Buffer,
    /// To the logits, f32.
    pub slopes: Buffer,
    /// Σ context ⊙ gradient, f32 `[rows, heads]`.
    pub deltas: Buffer,
    /// Sums of each part of each chunk, f32.
    pub partial: Buffer,
}

impl Workspace {
    /// Without memory yet.
    pub fn new(machine: &Arc<dyn Machine>) -> Self {
        let empty = || Buffer::empty(machine);
        Self {
            down: empty(),
            product: empty(),
            context: empty(),
            hidden: empty(),
            qkv: empty(),
            queries: empty(),
            slopes: empty(),
            deltas: empty(),
            partial: empty(),
        }
    }
}

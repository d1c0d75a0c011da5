//! Gradients to activations of the backward pass, in buffers that are reused from step to step.

use super::machine::{Buffer, Machine};
use std::sync::Arc;

/// Gradients to activations of the backward pass.
pub(super) struct Workspace {
    /// To a block's output, then to the output of its attention's LayerNorm, then to its input.
    pub d_x: Buffer,
    /// To a product that a LayerNorm reads.
    pub d_product: Buffer,
    /// To attention's output.
    pub d_context: Buffer,
    /// To GELU's output and input.
    pub d_ffn: Buffer,
    /// To query, key and value.
    pub d_qkv: Buffer,
    /// To the last block's queries.
    pub d_queries: Buffer,
    /// To the sums of a head's dense layer, f32.
    pub d_dense: Buffer,
    /// To the logits, f32.
    pub d_logits: Buffer,
    /// Σ context ⊙ gradient, f32 `[rows, heads]`.
    pub deltas: Buffer,
    /// Sums of each part of each chunk, f32.
    pub partial: Buffer,
}

impl Workspace {
    /// Without memory yet.
    pub(super) fn new(machine: &Arc<dyn Machine>) -> Self {
        let empty = || Buffer::empty(machine);
        Self {
            d_x: empty(),
            d_product: empty(),
            d_context: empty(),
            d_ffn: empty(),
            d_qkv: empty(),
            d_queries: empty(),
            d_dense: empty(),
            d_logits: empty(),
            deltas: empty(),
            partial: empty(),
        }
    }
}

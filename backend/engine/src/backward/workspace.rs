//! Gradients to activations on the way down.

use crate::activations::room;
use crate::kernels::rows::{self, Chunk, Shared};

/// Gradients to activations on the way down, reused from step to step.
#[derive(Default)]
pub struct Workspace {
    /// To a block's output, then to its middle, then to its input `[rows, hidden]`.
    pub(crate) down: Vec<f32>,
    /// To a product that a LayerNorm reads, and to attention's output `[rows, hidden]`.
    pub(crate) product: Vec<f32>,
    pub(super) context: Vec<f32>,
    /// To GELU's output and input `[rows, intermediate]`.
    pub(super) hidden: Vec<f32>,
    /// To query, key and value `[rows, 3 hidden]`.
    pub(super) qkv: Vec<f32>,
    /// To the last block's queries `[reads, hidden]`.
    pub(super) queries: Vec<f32>,
    /// To the logits `[reads, outputs]`.
    pub(crate) logits: Vec<f32>,
    /// To the word embeddings as they score word pieces `[vocabulary, hidden]`.
    pub(crate) decoder: Vec<f32>,
    /// Sums of each chunk.
    pub(crate) partial: Vec<f32>,
}

impl Workspace {
    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let all = [
            &self.down,
            &self.product,
            &self.context,
            &self.hidden,
            &self.qkv,
            &self.queries,
            &self.logits,
            &self.decoder,
            &self.partial,
        ];
        4 * all.iter().map(|buffer| buffer.capacity()).sum::<usize>()
    }
}

/// Runs `work` on every chunk with `width` sums of its own, set to 0.
pub(super) fn with_sums(
    partial: &mut Vec<f32>,
    chunks: &[Chunk],
    width: usize,
    work: impl Fn(Chunk, &mut [f32]) + Sync,
) {
    with_indexed_sums(partial, chunks, width, |_, chunk, sums| work(chunk, sums));
}

/// The same, with the chunk's place in the list.
pub(super) fn with_indexed_sums(
    partial: &mut Vec<f32>,
    chunks: &[Chunk],
    width: usize,
    work: impl Fn(usize, Chunk, &mut [f32]) + Sync,
) {
    let sums = Shared::new(room(partial, chunks.len() * width));
    rows::for_each(chunks, |i, chunk| {
        // SAFETY: each chunk has its own part.
        let sums = unsafe { sums.part(i * width..(i + 1) * width) };
        sums.fill(0.0);
        work(i, chunk, sums);
    });
}

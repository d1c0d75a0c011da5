//! Parallel loops over chunks of rows.

use super::kernels::rows::Shared;
use super::scratch::room;
use crate::plan::layout::Chunk;
use rayon::prelude::*;

/// Runs `work` on every chunk in parallel, with the chunk's place in the list.
pub fn for_each(chunks: &[Chunk], work: impl Fn(usize, Chunk) + Sync) {
    chunks.par_iter().enumerate().with_min_len(1).for_each(|(i, &chunk)| work(i, chunk));
}

/// Runs `work` on every chunk with `width` sums of its own, set to 0.
pub fn with_sums(
    partial: &mut Vec<f32>,
    chunks: &[Chunk],
    width: usize,
    work: impl Fn(Chunk, &mut [f32]) + Sync,
) {
    with_indexed_sums(partial, chunks, width, |_, chunk, sums| work(chunk, sums));
}

/// The same, with the chunk's place in the list.
pub fn with_indexed_sums(
    partial: &mut Vec<f32>,
    chunks: &[Chunk],
    width: usize,
    work: impl Fn(usize, Chunk, &mut [f32]) + Sync,
) {
    let sums = Shared::new(room(partial, chunks.len() * width));
    for_each(chunks, |i, chunk| {
        // SAFETY: each chunk has its own part.
        let sums = unsafe { sums.part(i * width..(i + 1) * width) };
        sums.fill(0.0);
        work(i, chunk, sums);
    });
}

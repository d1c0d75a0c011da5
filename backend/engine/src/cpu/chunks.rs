//! Rows of a level, cut among parallel tasks: a chunk's rows are a slice of its own.
//!
//! A level's chunks are contiguous, ascending and begin at its first row, so cutting is successive `split_at_mut`.

use super::scratch::room;
use crate::pass::Pass;
use crate::plan::layout::Chunk;
use rayon::prelude::*;

/// Each chunk's rows of `width` scalars, out of all rows of a level or of its first chunks.
pub(super) fn split_rows<'a>(chunks: &[Chunk], width: usize, rows: &'a mut [f32]) -> Vec<&'a mut [f32]> {
    split(chunks.iter().map(|chunk| chunk.rows), width, rows)
}

/// The same of what is kept for the backward pass: that of the other chunks is empty.
pub(super) fn split_kept_rows<'a>(
    pass: &Pass<'_>,
    chunks: &[Chunk],
    width: usize,
    rows: &'a mut [f32],
) -> Vec<&'a mut [f32]> {
    let kept = |chunk: &Chunk| if pass.keeps(chunk.branched) { chunk.rows } else { 0 };
    split(chunks.iter().map(kept), width, rows)
}

fn split(counts: impl Iterator<Item = usize>, width: usize, mut rows: &mut [f32]) -> Vec<&mut [f32]> {
    let next = |count: usize| {
        let (own, others) = std::mem::take(&mut rows).split_at_mut(count * width);
        rows = others;
        own
    };
    counts.map(next).collect()
}

/// Sums of chunks of rows: one after the other, `width` scalars each.
#[derive(Clone, Copy)]
pub(super) struct ChunkSums<'a> {
    /// The chunks.
    pub chunks: &'a [Chunk],
    /// Their sums `[chunks, width]`.
    pub sums: &'a [f32],
    /// See above.
    pub width: usize,
}

/// Runs `work` on every chunk in parallel, with its part and with `width` sums of its own, set to 0.
pub(super) fn with_sums<'a, T: Send>(
    partial: &'a mut Vec<f32>,
    chunks: &'a [Chunk],
    width: usize,
    parts: Vec<T>,
    work: impl Fn(&Chunk, T, &mut [f32]) + Sync,
) -> ChunkSums<'a> {
    let sums = room(partial, chunks.len() * width);
    if width > 0 {
        chunks.par_iter().zip(parts).zip(sums.par_chunks_mut(width)).for_each(|((chunk, part), sums)| {
            sums.fill(0.0);
            work(chunk, part, sums);
        });
    }
    ChunkSums { chunks, sums, width }
}

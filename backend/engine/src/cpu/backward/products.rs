//! The gradients of matrices, and sums over chunks by member.

use super::Way;
use crate::cpu::chunks::with_sums;
use crate::cpu::kernels::matmul::{Into, Threads, dense, tn};
use crate::cpu::kernels::sparse;
use crate::plan::batch::Space;
use crate::plan::layout::Chunk;
use crate::plan::level::Level;
use crate::plan::slots::Slot;
use std::ops::Range;

impl Way<'_, '_, '_> {
    /// `dW = dyᵀ x` for rows `part` of a matrix, where a member trains it or elements of it.
    ///
    /// `level` is that of the matrix's input: whoever trains any of it has rows of its own there.
    pub(super) fn weight(
        &mut self,
        slot: Slot,
        part: Range<usize>,
        slope: &[f32],
        input: &[f32],
        (level, space): (Level, Space),
        partial: &mut Vec<f32>,
    ) {
        let pass = self.pass;
        let (columns, outputs) = (slot.columns(&pass.config.shape), part.len());
        for (number, (member, gradient)) in pass.members.iter().zip(&mut *self.gradients).enumerate() {
            if let Some(difference) = member.difference(slot) {
                let (difference, first) = difference.rows(part.clone());
                let width = difference.elements.len();
                let chunks = pass.layout.kept_chunks(level, space).iter().filter(|c| c.member == number);
                let chunks: Vec<Chunk> = chunks.copied().collect();
                with_sums(partial, &chunks, width, |chunk, sums| {
                    let rows = chunk.start..chunk.start + chunk.rows;
                    let slope = &slope[rows.start * outputs..rows.end * outputs];
                    let input = &input[rows.start * columns..rows.end * columns];
                    sparse::gradient(difference, first, (slope, outputs), (input, columns), sums);
                });
                let (sum, rest) = partial[..chunks.len() * width].split_at_mut(width);
                for more in rest.chunks_exact(width.max(1)) {
                    sum.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
                }
                gradient.elements(difference.elements, sum);
            } else if member.trains(slot) {
                let rows = pass.layout.kept(level, space);
                gradient.write(member, slot, |weight| {
                    let out = &mut weight[part.start * columns..part.end * columns];
                    let dims = (outputs, columns, rows);
                    let (slope, input) = (dense(slope, outputs), dense(input, columns));
                    tn(out, columns, Into::Replace, dims, slope, input, 1.0, Threads::All);
                });
            }
        }
    }

    /// Adds up columns `part` of the chunks' sums into each member's gradient of `slot`.
    pub(super) fn collect(
        &mut self,
        slot: Slot,
        partial: &[f32],
        (chunks, width, part): (&[Chunk], usize, Range<usize>),
    ) {
        let mut own = chunks.iter().zip(partial.chunks_exact(width)).peekable();
        while let Some(&(&Chunk { member, .. }, _)) = own.peek() {
            self.gradients[member].write(self.pass.members[member], slot, |sums| {
                sums.fill(0.0);
                let more = own.clone().take_while(|(chunk, _)| chunk.member == member);
                for (_, vector) in more {
                    sums.iter_mut().zip(&vector[part.clone()]).for_each(|(sum, x)| *sum += x);
                }
            });
            while own.next_if(|(chunk, _)| chunk.member == member).is_some() {}
        }
    }
}

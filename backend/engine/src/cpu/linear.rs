//! Products of all rows of a level with a matrix that the members share, and of the members with their differences from it.

use super::bf16::Direction;
use super::chunks;
use super::kernels::matmul::{Into, Threads, dense, nn, nt};
use super::kernels::rows::Shared;
use super::kernels::sparse;
use super::pass::HostPass;
use super::scratch::room;
use crate::plan::batch::Space;
use crate::plan::level::Level;
use crate::plan::slots::Slot;
use std::ops::Range;

impl HostPass<'_> {
    /// `y = x Wᵀ` for all rows of a level; members that differ from the model in a few elements add what these make.
    ///
    /// `part` are the rows of the matrix that are meant, `x` stands in the rows of `level`.
    pub fn linear(
        &self,
        y: &mut [f32],
        x: &[f32],
        (slot, part): (Slot, Range<usize>),
        (level, space): (Level, Space),
    ) {
        let (columns, outputs) = (slot.columns(&self.config.shape), part.len());
        let weight = &self.matrix(slot)[part.start * columns..part.end * columns];
        let rows = self.rows(level, space);
        match self.bf16(slot) {
            Some(narrow) => {
                narrow.product((slot, &part), Direction::Forward, weight, (rows, x), (y, Into::Replace));
            }
            None => {
                let (dims, x, weight) = ((rows, outputs, columns), dense(x, columns), dense(weight, columns));
                nt(y, outputs, Into::Replace, dims, x, weight, 1.0, Threads::All);
            }
        }
        if !self.members.iter().any(|m| m.difference(slot).is_some()) {
            return;
        }
        let y = Shared::new(y);
        chunks::for_each(self.layout.kept_chunks(level, space), |_, chunk| {
            let Some(difference) = self.members[chunk.member].difference(slot) else { return };
            let (difference, first) = difference.rows(part.clone());
            let rows = chunk.start..chunk.start + chunk.rows;
            // SAFETY: each row belongs to one chunk.
            let y = unsafe { y.part(rows.start * outputs..rows.end * outputs) };
            let x = &x[rows.start * columns..rows.end * columns];
            sparse::forward(difference, first, (x, columns), (y, outputs));
        });
    }

    /// `dx (+)= dy W` for rows `part` of a matrix, of the first `rows` rows at the level of its input.
    pub fn input_gradient(
        &self,
        slot: Slot,
        part: Range<usize>,
        slope: &[f32],
        (out, into): (&mut Vec<f32>, Into),
        (level, space, rows): (Level, Space, usize),
    ) {
        let (columns, outputs) = (slot.columns(&self.config.shape), part.len());
        let rows = self.padded(rows);
        let weight = &self.matrix(slot)[part.start * columns..part.end * columns];
        let out = room(out, rows * columns);
        match self.bf16(slot) {
            Some(narrow) => {
                narrow.product((slot, &part), Direction::Back, weight, (rows, slope), (out, into));
            }
            None => {
                let (dims, dy, weight) =
                    ((rows, columns, outputs), dense(slope, outputs), dense(weight, columns));
                nn(out, columns, into, dims, dy, weight, 1.0, Threads::All);
            }
        }
        if !self.members.iter().any(|m| m.difference(slot).is_some()) {
            return;
        }
        let out = Shared::new(out);
        chunks::for_each(self.layout.kept_chunks(level, space), |_, chunk| {
            let Some(difference) = self.members[chunk.member].difference(slot) else { return };
            let (difference, first) = difference.rows(part.clone());
            let rows = chunk.start..chunk.start + chunk.rows;
            // SAFETY: each row belongs to one chunk.
            let out = unsafe { out.part(rows.start * columns..rows.end * columns) };
            let slope = &slope[rows.start * outputs..rows.end * outputs];
            sparse::backward(difference, first, (slope, outputs), (out, columns));
        });
    }
}

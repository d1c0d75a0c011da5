//! What a pass reads on the processor.

use super::bf16::Bf16Weights;
use super::kernels::matmul::fewest_rows;
use crate::dropout::{Dropout, Site};
use crate::parameters::Parameters;
use crate::pass::{Draw, Pass};
use crate::plan::batch::RowKind;
use crate::plan::level::Rows;
use crate::plan::slots::Slot;
use std::ops::Deref;

/// A pass, and the scalars of its wave's members.
#[derive(Clone, Copy)]
pub(super) struct HostPass<'a> {
    /// Members, batch and layout.
    pub pass: &'a Pass<'a>,
    /// Weights of each of the wave's members. Matrices are those of the first: a member that has some of its own goes
    /// alone.
    pub members: &'a [&'a Parameters],
    /// Frozen matrices in bf16, where they are multiplied so.
    pub bf16: Option<&'a Bf16Weights>,
}

impl<'a> Deref for HostPass<'a> {
    type Target = Pass<'a>;

    fn deref(&self) -> &Pass<'a> {
        self.pass
    }
}

impl<'a> HostPass<'a> {
    /// A matrix that all members share.
    pub(super) fn matrix(&self, slot: Slot) -> &'a [f32] {
        debug_assert!(slot.is_matrix());
        self.members[0].get(slot)
    }

    /// What multiplies a matrix in bf16, if it is to be and nobody trains it.
    pub(super) fn bf16(&self, slot: Slot) -> Option<&'a Bf16Weights> {
        self.bf16.filter(|_| !self.members[0].trained().owns_matrix(slot))
    }

    /// `rows`, raised to the minimum that keeps a product's bits.
    pub(super) fn padded(&self, rows: usize) -> usize {
        let shape = &self.config.shape;
        rows.max(fewest_rows(shape.hidden.min(shape.intermediate).min(shape.embedding())))
    }

    /// Rows of all lanes, raised to the minimum that keeps a product's bits.
    pub(super) fn row_count(&self, rows: Rows) -> usize {
        self.padded(self.layout.total(rows))
    }

    /// Scalars of the rows of all lanes, `width` each, their number raised to the minimum that keeps a product's bits.
    pub(super) fn size(&self, rows: Rows, width: usize) -> usize {
        self.row_count(rows) * width
    }

    /// A member's dropout with this probability.
    pub(super) fn dropout(&self, member: usize, probability: f32) -> Dropout {
        match self.draws[member] {
            Some(Draw { seed, step }) => Dropout { probability, seed, step },
            None => Dropout::OFF,
        }
    }

    /// Fills the dropout factors at a hidden site, of a row of the batch.
    pub(super) fn factors(&self, site: Site, member: usize, kind: RowKind, row: usize, out: &mut [f32]) {
        let (sequence, position) = self.batch.place(kind, row);
        let dropout = self.dropout(member, self.drop_probability(site));
        dropout.factors(site, self.batch.examples[sequence], position, out);
    }
}

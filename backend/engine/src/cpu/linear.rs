//! Products of all rows of a level with a matrix that the members share, with their own differences from it, and with what
//! they have beside it.

use super::bf16::{Bf16Product, Direction};
use super::chunks::split_rows;
use super::kernels::matmul::{Accumulate, Gemm, gemm};
use super::kernels::{low_rank, sparse};
use super::pass::HostPass;
use super::scratch::room;
use crate::parameters::Pair;
use crate::pass::MatrixPart;
use crate::plan::level::Rows;
use rayon::prelude::*;

impl<'a> HostPass<'a> {
    /// Values `[outputs, columns]` of some rows of a matrix.
    fn values(&self, matrix: MatrixPart) -> &'a [f32] {
        let MatrixPart { slot, first, outputs, columns, .. } = matrix;
        &self.matrix(slot)[first * columns..(first + outputs) * columns]
    }

    /// A member's pairs beside some rows of a matrix, and where each stands in a row of the product.
    pub(super) fn pairs(
        &self,
        member: usize,
        matrix: MatrixPart,
    ) -> impl Iterator<Item = (&'a Pair, low_rank::Widths)> {
        let (MatrixPart { slot, outputs, columns, .. }, rows) = (matrix, matrix.rows());
        let own = self.members[member].pairs(slot);
        own.filter(move |pair| rows.contains(&pair.rows.start)).map(move |pair| {
            (pair, low_rank::Widths { outputs, columns, first: pair.rows.start - matrix.first })
        })
    }

    /// Whether some member has a difference from a matrix, or a pair beside it.
    fn is_own(&self, MatrixPart { slot, .. }: MatrixPart) -> bool {
        self.members.iter().any(|m| m.difference(slot).is_some() || m.pairs(slot).next().is_some())
    }

    /// `y = x Wᵀ` for all rows of a level, `x` `[rows, columns]` and `y` `[rows, outputs]`; members with differences or
    /// pairs add what these make.
    pub(super) fn linear(&self, y: &mut [f32], x: &[f32], matrix: MatrixPart, rows: Rows) {
        let MatrixPart { slot, outputs, columns, .. } = matrix;
        let (values, count) = (self.values(matrix), self.row_count(rows));
        match self.bf16(slot) {
            Some(bf16) => {
                let accumulate = Accumulate::Overwrite;
                let product = Bf16Product { matrix, direction: Direction::Forward, rows: count, accumulate };
                bf16.product(product, values, x, y);
            }
            None => gemm(y, x, values, Gemm::nt(count, outputs, columns)),
        }
        if !self.is_own(matrix) {
            return;
        }
        let chunks = self.layout.kept_chunks(rows);
        chunks.par_iter().zip(split_rows(chunks, outputs, y)).for_each(|(chunk, y)| {
            let member = self.members[chunk.member];
            let x = &x[chunk.start * columns..(chunk.start + chunk.rows) * columns];
            if let Some(difference) = member.difference(slot) {
                let (difference, first) = difference.rows(matrix.rows());
                sparse::forward(difference, first, x, y, sparse::Widths { outputs, columns });
            }
            for (pair, widths) in self.pairs(chunk.member, matrix) {
                low_rank::forward(pair.factors(member.compact()), x, y, widths);
            }
        });
    }

    /// `d_x (+)= d_y W` for the branched members' rows at the level of the matrix's input, `d_y` `[rows, outputs]` and `d_x`
    /// `[rows, columns]`.
    pub(super) fn input_gradient(
        &self,
        d_x: &mut Vec<f32>,
        accumulate: Accumulate,
        d_y: &[f32],
        matrix: MatrixPart,
        rows: Rows,
    ) {
        let MatrixPart { slot, outputs, columns, .. } = matrix;
        let (values, count) = (self.values(matrix), self.padded(self.layout.kept(rows)));
        let d_x = room(d_x, count * columns);
        match self.bf16(slot) {
            Some(bf16) => {
                let product = Bf16Product { matrix, direction: Direction::Backward, rows: count, accumulate };
                bf16.product(product, values, d_y, d_x);
            }
            None => gemm(d_x, d_y, values, Gemm { accumulate, ..Gemm::nn(count, columns, outputs) }),
        }
        if !self.is_own(matrix) {
            return;
        }
        let chunks = self.layout.kept_chunks(rows);
        chunks.par_iter().zip(split_rows(chunks, columns, d_x)).for_each(|(chunk, d_x)| {
            let member = self.members[chunk.member];
            let d_y = &d_y[chunk.start * outputs..(chunk.start + chunk.rows) * outputs];
            if let Some(difference) = member.difference(slot) {
                let (difference, first) = difference.rows(matrix.rows());
                sparse::backward(difference, first, d_y, d_x, sparse::Widths { outputs, columns });
            }
            for (pair, widths) in self.pairs(chunk.member, matrix) {
                low_rank::backward(pair.factors(member.compact()), d_y, d_x, widths);
            }
        });
    }
}

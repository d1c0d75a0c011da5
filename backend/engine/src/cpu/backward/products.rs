//! The gradients of matrices.

use super::Backward;
use crate::cpu::chunks::with_sums;
use crate::cpu::kernels::matmul::{Gemm, gemm};
use crate::cpu::kernels::{low_rank, sparse};
use crate::cpu::pass::HostPass;
use crate::pass::MatrixPart;
use crate::plan::layout::Chunk;
use crate::plan::level::Rows;

impl Backward<'_, '_, '_> {
    /// `dW = dyᵀ x` for some rows of a matrix, where a member trains it or elements of it, and that of the pairs beside it.
    ///
    /// `rows` are those of the matrix's input: whoever trains any of it has rows of its own there.
    pub(super) fn weight_gradient(
        &mut self,
        matrix: MatrixPart,
        d_y: &[f32],
        x: &[f32],
        rows: Rows,
        partial: &mut Vec<f32>,
    ) {
        let (pass, MatrixPart { slot, outputs, columns, .. }) = (self.pass, matrix);
        for (number, (member, gradient)) in pass.members.iter().zip(&mut *self.gradients).enumerate() {
            let read = Read { matrix, d_y, x, rows, number };
            for (pair, widths) in pass.pairs(number, matrix) {
                let factors = pair.factors(member.compact());
                let width = factors.a.len() + factors.b_t.len();
                let sum = read.sums(pass, width, partial, |d_y, x, sums| {
                    low_rank::gradient(factors, d_y, x, widths, sums);
                });
                gradient.pair(pair, sum);
            }
            if let Some(difference) = member.difference(slot) {
                let (difference, first) = difference.rows(matrix.rows());
                let widths = sparse::Widths { outputs, columns };
                let sum = read.sums(pass, difference.elements.len(), partial, |d_y, x, sums| {
                    sparse::gradient(difference, first, d_y, x, widths, sums);
                });
                gradient.elements(difference.elements, sum);
            } else if member.trained().trains_at(slot) {
                let count = pass.layout.kept(rows);
                gradient.write(member, slot, |weight| {
                    let out = &mut weight[matrix.first * columns..(matrix.first + outputs) * columns];
                    gemm(out, d_y, x, Gemm::tn(outputs, columns, count));
                });
            }
        }
    }
}

/// What the gradient of a member's own part of a matrix reads.
#[derive(Clone, Copy)]
struct Read<'a> {
    matrix: MatrixPart,
    /// The gradient to the product `[rows, outputs]`.
    d_y: &'a [f32],
    /// What was multiplied `[rows, columns]`.
    x: &'a [f32],
    rows: Rows,
    /// The member.
    number: usize,
}

impl Read<'_> {
    /// `width` sums over the member's rows: `work` adds those of a chunk, given its rows of `d_y` and `x`.
    fn sums<'p>(
        &self,
        pass: &HostPass<'_>,
        width: usize,
        partial: &'p mut Vec<f32>,
        work: impl Fn(&[f32], &[f32], &mut [f32]) + Sync,
    ) -> &'p [f32] {
        let MatrixPart { outputs, columns, .. } = self.matrix;
        let chunks = pass.layout.kept_chunks(self.rows).iter().filter(|c| c.member == self.number);
        let chunks: Vec<Chunk> = chunks.copied().collect();
        let none = vec![(); chunks.len()];
        with_sums(partial, &chunks, width, none, |chunk, (), sums| {
            let rows = chunk.start..chunk.start + chunk.rows;
            let d_y = &self.d_y[rows.start * outputs..rows.end * outputs];
            let x = &self.x[rows.start * columns..rows.end * columns];
            work(d_y, x, sums);
        });
        let (sum, rest) = partial[..chunks.len() * width].split_at_mut(width);
        for more in rest.chunks_exact(width.max(1)) {
            sum.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
        }
        sum
    }
}

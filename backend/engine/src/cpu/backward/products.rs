//! The gradients of matrices.

use super::Backward;
use crate::cpu::chunks::with_sums;
use crate::cpu::kernels::matmul::{Gemm, gemm};
use crate::cpu::kernels::sparse;
use crate::pass::MatrixPart;
use crate::plan::layout::Chunk;
use crate::plan::level::Rows;

impl Backward<'_, '_, '_> {
    /// `dW = dyᵀ x` for some rows of a matrix, where a member trains it or elements of it.
    ///
    /// `rows` are those of the matrix's input: whoever trains any of it has rows of its own there.
    pub(super) fn weight_gradient(
        &mut self,
        matrix: MatrixPart,
        dy: &[f32],
        x: &[f32],
        rows: Rows,
        partial: &mut Vec<f32>,
    ) {
        let (pass, MatrixPart { slot, outputs, columns, .. }) = (self.pass, matrix);
        for (number, (member, gradient)) in pass.members.iter().zip(&mut *self.gradients).enumerate() {
            if let Some(difference) = member.difference(slot) {
                let (difference, first) = difference.rows(matrix.rows());
                let width = difference.elements.len();
                let chunks = pass.layout.kept_chunks(rows).iter().filter(|c| c.member == number);
                let chunks: Vec<Chunk> = chunks.copied().collect();
                let none = vec![(); chunks.len()];
                with_sums(partial, &chunks, width, none, |chunk, (), sums| {
                    let rows = chunk.start..chunk.start + chunk.rows;
                    let dy = &dy[rows.start * outputs..rows.end * outputs];
                    let x = &x[rows.start * columns..rows.end * columns];
                    let widths = sparse::Widths { outputs, columns };
                    sparse::gradient(difference, first, dy, x, widths, sums);
                });
                let (sum, rest) = partial[..chunks.len() * width].split_at_mut(width);
                for more in rest.chunks_exact(width.max(1)) {
                    sum.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
                }
                gradient.elements(difference.elements, sum);
            } else if member.trained().trains(slot) {
                let count = pass.layout.kept(rows);
                gradient.write(member, slot, |weight| {
                    let out = &mut weight[matrix.first * columns..(matrix.first + outputs) * columns];
                    gemm(out, dy, x, Gemm::tn(outputs, columns, count));
                });
            }
        }
    }
}

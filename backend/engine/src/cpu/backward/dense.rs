//! The gradients of a head's dense layer.

use super::Backward;
use crate::cpu::chunks::split_rows;
use crate::cpu::dense_head::{factors, own_rows};
use crate::cpu::kernels::gelu;
use crate::cpu::kernels::matmul::{Gemm, gemm};
use crate::cpu::scratch::{room, with_row};
use crate::cpu::workspace::Workspace;
use crate::plan::Depth;
use rayon::prelude::*;
use tunemask_shared::family::DenseLayer;

impl Backward<'_, '_, '_> {
    /// From the gradient to the layer's sums in `w.d_product` to those of its weight, bias and, where the encoder trains
    /// too, the encoder's output in `w.d_x`.
    pub(super) fn dense(&mut self, dense: DenseLayer, w: &mut Workspace) {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let (rows, encoded) = (pass.features().reads(), pass.encoded().reads());
        for (number, gradient) in self.gradients.iter_mut().enumerate() {
            let own = own_rows(pass, rows, number);
            let scalars = own.start * hidden..own.end * hidden;
            let (d_product, inputs) = (&w.d_product[scalars.clone()], &a.dense_inputs[scalars]);
            let (weight, bias) = gradient.dense(pass.members[number]);
            gemm(weight, d_product, inputs, Gemm::tn(hidden, hidden, own.len()));
            bias.fill(0.0);
            gelu::add_columns(d_product, bias);
        }
        if !self.plan.reaches(Depth::Pooler) {
            return;
        }
        let kept = pass.layout.kept(encoded);
        room(&mut w.d_product, (pass.layout.kept(rows) + pass.padded(0)) * hidden);
        let d_x = room(&mut w.d_x, (kept + pass.padded(0)) * hidden);
        for number in 0..pass.layout.branched(encoded.level) {
            let own = own_rows(pass, rows, number);
            let (first, (weight, _)) = (own.start * hidden, pass.members[number].dense());
            let count = pass.padded(own.len());
            gemm(&mut d_x[first..], &w.d_product[first..], weight, Gemm::nn(count, hidden, hidden));
        }
        let chunks = pass.layout.kept_chunks(encoded);
        chunks.par_iter().zip(split_rows(chunks, hidden, d_x)).for_each(|(chunk, d_x)| {
            with_row(hidden, |own| {
                for (i, d_x) in d_x.chunks_exact_mut(hidden).enumerate() {
                    factors(pass, dense, chunk.member, chunk.row + i, own);
                    d_x.iter_mut().zip(&*own).for_each(|(x, factor)| *x *= factor);
                }
            });
        });
    }
}

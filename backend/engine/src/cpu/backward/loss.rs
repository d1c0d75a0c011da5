//! From the loss to the gradient of the encoder's output.

use super::Backward;
use crate::LossFunction;
use crate::cpu::chunks::{split_rows, with_sums};
use crate::cpu::kernels::matmul::Accumulate;
use crate::cpu::kernels::{gelu, head};
use crate::cpu::masked_language;
use crate::cpu::scratch::room;
use crate::cpu::workspace::Workspace;
use crate::dropout::Site;
use crate::plan::Depth;
use crate::plan::batch::RowKind;
use crate::plan::level::Level;
use crate::plan::slots::Slot;
use rayon::prelude::*;

impl Backward<'_, '_, '_> {
    pub(super) fn masked_language(&mut self, w: &mut Workspace) -> f64 {
        masked_language::backward(self.pass, self.a, w, self.gradients[0], self.plan)
    }

    pub(super) fn loss(&mut self, w: &mut Workspace) -> Vec<f64> {
        let (pass, a) = (self.pass, self.a);
        let (hidden, outputs, width) = (pass.hidden(), pass.objective.outputs(), pass.objective.targets());
        let (top, features) = (Level::head(pass.config.shape.layers).reads(), pass.features().reads());
        let d_logits = room(&mut w.d_logits, pass.layout.kept(top) * outputs);
        let mut losses = Vec::with_capacity(pass.members.len());
        for (member, gradient) in self.gradients.iter_mut().enumerate() {
            let stream = &pass.batch.streams[pass.layout.stream(member)];
            let (first, reads) =
                (stream.start[RowKind::Reads as usize], stream.size[RowKind::Reads as usize]);
            let targets = &pass.batch.targets[first * width..(first + reads) * width];
            let first = pass.layout.base(top, member);
            let at = first * outputs..(first + reads) * outputs;
            let d_logits = &mut d_logits[at.clone()];
            let (logits, n) = (&a.logits[at], pass.divisors[member]);
            losses.push(match pass.objective.loss() {
                LossFunction::SquaredError => head::squared_error(logits, targets, n, d_logits),
                LossFunction::CrossEntropy => {
                    head::cross_entropy(outputs, logits, targets, pass.class_weights, n, d_logits)
                }
                LossFunction::BinaryCrossEntropy => {
                    head::binary_cross_entropy(logits, targets, n * width as f64, d_logits)
                }
            });
            let (weight, bias) = gradient.head(pass.members[member]);
            weight.fill(0.0);
            bias.fill(0.0);
            let first = pass.layout.base(features, member);
            let rows = a.dropped[first * hidden..].chunks_exact(hidden);
            for (d_logits, dropped) in d_logits.chunks_exact(outputs).zip(rows) {
                let by_output = d_logits.iter().zip(weight.chunks_exact_mut(hidden)).zip(&mut *bias);
                for ((d_logit, weight), bias) in by_output {
                    *bias += d_logit;
                    weight.iter_mut().zip(dropped).for_each(|(w, x)| *w += d_logit * x);
                }
            }
        }
        // A dense layer has a gradient even where nothing of the encoder has.
        if self.plan.reaches(Depth::Pooler) || pass.dense().is_some() {
            self.features(w);
        }
        losses
    }

    /// From the gradient to the logits to that of the encoder's output.
    pub(super) fn features(&mut self, w: &mut Workspace) {
        let (pass, a, layers) = (self.pass, self.a, self.pass.config.shape.layers);
        let (hidden, outputs) = (pass.hidden(), pass.objective.outputs());
        let (rows, pooled, dense) = (pass.features().reads(), pass.objective.is_pooled(), pass.dense());
        let chunks = pass.layout.kept_chunks(rows);
        let buffer = if pooled { &mut w.d_product } else { &mut w.d_x };
        let out = room(buffer, pass.padded(pass.layout.kept(rows)) * hidden);
        let (parts, d_logits) = (split_rows(chunks, hidden, out), &w.d_logits);
        chunks.par_iter().zip(parts).for_each(|(chunk, out)| {
            let (weight, _) = pass.members[chunk.member].head();
            for (i, out) in out.chunks_exact_mut(hidden).enumerate() {
                let row = chunk.start + i;
                let d_logits = &d_logits[row * outputs..(row + 1) * outputs];
                pass.factors(Site::Pooled, chunk.member, RowKind::Reads, chunk.row + i, out);
                for (j, gradient) in out.iter_mut().enumerate() {
                    let terms =
                        d_logits.iter().enumerate().map(|(o, d_logit)| d_logit * weight[o * hidden + j]);
                    *gradient *= terms.sum::<f32>();
                }
                let at = row * hidden..(row + 1) * hidden;
                if dense.is_some() {
                    out.iter_mut()
                        .zip(&a.dense_grad[at])
                        .for_each(|(gradient, derivative)| *gradient *= derivative);
                } else if pooled {
                    out.iter_mut().zip(&a.pooled[at]).for_each(|(gradient, y)| *gradient *= 1.0 - y * y);
                }
            }
        });
        if let Some(dense) = dense {
            return self.dense(dense, w);
        }
        if !pooled {
            return;
        }
        let (d_product, none) = (&w.d_product, vec![(); chunks.len()]);
        let sums = with_sums(&mut w.partial, chunks, hidden, none, |chunk, (), sums| {
            gelu::add_columns(&d_product[chunk.start * hidden..(chunk.start + chunk.rows) * hidden], sums);
        });
        self.collect(Slot::PoolerBias, sums, 0..hidden);
        let (before, matrix) = (rows.before(), pass.part(Slot::PoolerWeight, 0, 0..hidden));
        self.weight_gradient(matrix, &w.d_product, a.inputs.get(layers), before, &mut w.partial);
        if self.plan.lowest < Depth::Pooler {
            pass.input_gradient(&mut w.d_x, Accumulate::Overwrite, &w.d_product, matrix, before);
        }
    }
}

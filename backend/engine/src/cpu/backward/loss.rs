//! From the loss to the gradient of the encoder's output.

use super::Way;
use crate::Objective;
use crate::cpu::chunks::{self, with_sums};
use crate::cpu::kernels::matmul::Into;
use crate::cpu::kernels::rows::Shared;
use crate::cpu::kernels::{gelu, head};
use crate::cpu::masked_language;
use crate::cpu::scratch::room;
use crate::cpu::workspace::Workspace;
use crate::dropout::Site;
use crate::plan::Depth;
use crate::plan::batch::Space;
use crate::plan::level::Level;
use crate::plan::slots::Slot;

impl Way<'_, '_, '_> {
    pub(super) fn masked_language(&mut self, w: &mut Workspace) -> f64 {
        let deeper = self.plan.reaches(Depth::Pooler);
        masked_language::backward(self.pass, self.a, w, self.gradients[0], deeper)
    }

    pub(super) fn loss(&mut self, w: &mut Workspace) -> Vec<f64> {
        let (pass, a) = (self.pass, self.a);
        let (hidden, outputs) = (pass.config.shape.hidden, pass.objective.outputs());
        let (top, features) = (Level::head(pass.config.shape.layers), pass.features());
        let slopes = room(&mut w.logits, pass.layout.kept(top, Space::Reads) * outputs);
        let mut losses = Vec::with_capacity(pass.members.len());
        for (member, gradient) in self.gradients.iter_mut().enumerate() {
            let stream = &pass.batch.streams[pass.layout.stream(member)];
            let targets = stream.start[Space::Reads as usize]..;
            let targets = &pass.batch.targets[targets][..stream.size[Space::Reads as usize]];
            let first = pass.layout.base(top, member, Space::Reads);
            let at = first * outputs..(first + targets.len()) * outputs;
            let slopes = &mut slopes[at.clone()];
            losses.push(match pass.objective {
                Objective::Regression => head::squared_error(&a.logits[at], targets, slopes),
                _ => head::cross_entropy(outputs, &a.logits[at], targets, slopes),
            });
            let (weight, bias) = gradient.head(pass.members[member]);
            weight.fill(0.0);
            bias.fill(0.0);
            let first = pass.layout.base(features, member, Space::Reads);
            let rows = a.dropped[first * hidden..].chunks_exact(hidden);
            for (slopes, dropped) in slopes.chunks_exact(outputs).zip(rows) {
                let each = slopes.iter().zip(weight.chunks_exact_mut(hidden)).zip(&mut *bias);
                for ((slope, weight), bias) in each {
                    *bias += slope;
                    weight.iter_mut().zip(dropped).for_each(|(w, x)| *w += slope * x);
                }
            }
        }
        if self.plan.reaches(Depth::Pooler) {
            self.features(w);
        }
        losses
    }

    /// From the gradient to the logits to that of the encoder's output.
    pub(super) fn features(&mut self, w: &mut Workspace) {
        let (pass, a, layers) = (self.pass, self.a, self.pass.config.shape.layers);
        let (hidden, outputs) = (pass.config.shape.hidden, pass.objective.outputs());
        let (at, pooled) = (pass.features(), pass.objective.is_pooled());
        let rows = pass.layout.kept(at, Space::Reads);
        let buffer = if pooled { &mut w.product } else { &mut w.down };
        let out = Shared::new(room(buffer, pass.padded(rows) * hidden));
        let slopes = &w.logits;
        chunks::for_each(pass.layout.kept_chunks(at, Space::Reads), |_, chunk| {
            let (weight, _) = pass.members[chunk.member].head();
            for i in 0..chunk.rows {
                let row = chunk.start + i;
                let at = row * hidden..(row + 1) * hidden;
                let slopes = &slopes[row * outputs..(row + 1) * outputs];
                // SAFETY: each row belongs to one chunk.
                let out = unsafe { out.part(at.clone()) };
                pass.factors(Site::Pooled, chunk.member, Space::Reads, chunk.row + i, out);
                for (j, gradient) in out.iter_mut().enumerate() {
                    let each = slopes.iter().enumerate();
                    *gradient *= each.map(|(o, slope)| slope * weight[o * hidden + j]).sum::<f32>();
                }
                if pooled {
                    let values = &a.pooled[at];
                    out.iter_mut().zip(values).for_each(|(gradient, y)| *gradient *= 1.0 - y * y);
                }
            }
        });
        if !pooled {
            return;
        }
        let chunks = pass.layout.kept_chunks(at, Space::Reads);
        let product = &w.product;
        with_sums(&mut w.partial, chunks, hidden, |chunk, sums| {
            gelu::add_columns(&product[chunk.start * hidden..(chunk.start + chunk.rows) * hidden], sums);
        });
        self.collect(Slot::PoolerBias, &w.partial, (chunks, hidden, 0..hidden));
        let before = at.before();
        self.weight(
            Slot::PoolerWeight,
            0..hidden,
            &w.product,
            a.inputs.get(layers),
            (before, Space::Reads),
            &mut w.partial,
        );
        if self.plan.lowest < Depth::Pooler {
            let rows = pass.layout.kept(before, Space::Reads);
            pass.input_gradient(
                Slot::PoolerWeight,
                0..hidden,
                &w.product,
                (&mut w.down, Into::Replace),
                (before, Space::Reads, rows),
            );
        }
    }
}

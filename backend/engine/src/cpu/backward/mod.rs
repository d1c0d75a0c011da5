//! The backward pass, from the loss down to the lowest scalar that trains. `cuda/backward/` is the same on a GPU, name
//! by name.
//!
//! It goes down with the members that have branched: what it works on are always their rows, and those of the
//! last of them are left behind as it passes their levels (see [`crate::plan::layout`]). In reading order:

/// Loss, head and pooler.
mod loss;
/// A head's dense layer.
mod dense;
/// Matrices.
mod products;
/// Sums over chunks.
mod sums;
/// Attention and its projections.
mod attention;
/// The embeddings' LayerNorm and tables.
mod embeddings;

use super::activations::Activations;
use super::chunks::{split_rows, with_sums};
use super::kernels::gelu;
use super::kernels::layer_norm::{self, Sums};
use super::kernels::matmul::Accumulate;
use super::pass::HostPass;
use super::scratch::{room, with_row};
use super::workspace::Workspace;
use crate::Objective;
use crate::dropout::Site;
use crate::parameters::Gradient;
use crate::plan::level::{Level, Rows};
use crate::plan::slots::{BlockSlot::*, NormSlots, Slot};
use crate::plan::{Depth, Plan, Stage};

/// What the backward pass reads, and the members' gradients that it writes.
struct Backward<'a, 'g, 'm> {
    pass: &'a HostPass<'a>,
    plan: &'a Plan,
    a: &'a Activations,
    gradients: &'g mut [&'m mut Gradient],
}

/// What a LayerNorm's forward kept.
#[derive(Clone, Copy)]
struct NormKept<'a> {
    /// x̂ `[rows, hidden]`.
    x_hats: &'a [f32],
    /// 1 / √(var + ε) `[rows]`.
    rstd: &'a [f32],
}

/// Mean loss of each member, and its gradient into `gradients`.
pub(super) fn backward(
    pass: &HostPass<'_>,
    plan: &Plan,
    a: &Activations,
    w: &mut Workspace,
    gradients: &mut [&mut Gradient],
) -> Vec<f64> {
    let mut backward = Backward { pass, plan, a, gradients };
    let losses = match pass.objective {
        Objective::MaskedLanguage(_) => vec![backward.masked_language(w)],
        Objective::Classification(_)
        | Objective::Regression
        | Objective::Tagging(_)
        | Objective::MultiLabel(_) => backward.loss(w),
    };
    for layer in (0..pass.config.shape.layers).rev() {
        if !plan.reaches(Depth::Block(layer, Stage::FeedForwardNorm)) {
            return losses;
        }
        backward.block(layer, w);
    }
    if plan.reaches(Depth::Projection) && pass.config.shape.has_projection() {
        backward.projection(w);
    }
    if plan.reaches(Depth::Embeddings) {
        backward.embeddings(w);
    }
    losses
}

impl Backward<'_, '_, '_> {
    /// LayerNorm and dropout: `w.d_x` becomes the gradient to the residual, `w.d_product` that to the product.
    fn norm(&mut self, rows: Rows, site: Site, slots: NormSlots, kept: NormKept<'_>, w: &mut Workspace) {
        let (pass, hidden) = (self.pass, self.pass.hidden());
        let chunks = pass.layout.kept_chunks(rows);
        let count = pass.padded(pass.layout.kept(rows));
        let d_x = split_rows(chunks, hidden, &mut w.d_x);
        let d_product = split_rows(chunks, hidden, room(&mut w.d_product, count * hidden));
        let parts = d_x.into_iter().zip(d_product).collect();
        let sums = with_sums(&mut w.partial, chunks, 3 * hidden, parts, |chunk, (d_x, d_product), sums| {
            let gamma = pass.members[chunk.member].get(slots.gamma);
            let (d_gamma, rest) = sums.split_at_mut(hidden);
            let (d_beta, d_bias) = rest.split_at_mut(hidden);
            let mut sums = Sums { gamma: d_gamma, beta: d_beta, bias: d_bias };
            with_row(hidden, |factors| {
                let rows_of_chunk = d_x.chunks_exact_mut(hidden).zip(d_product.chunks_exact_mut(hidden));
                for (i, (d_y, d_product)) in rows_of_chunk.enumerate() {
                    let row = chunk.start + i;
                    pass.factors(site, chunk.member, rows.kind, chunk.row + i, factors);
                    let x_hat = &kept.x_hats[row * hidden..(row + 1) * hidden];
                    layer_norm::backward(d_y, x_hat, kept.rstd[row], gamma, factors, d_product, &mut sums);
                }
            });
        });
        for (i, slot) in [slots.gamma, slots.beta, slots.bias].into_iter().enumerate() {
            self.collect(slot, sums, i * hidden..(i + 1) * hidden);
        }
    }

    fn block(&mut self, layer: usize, w: &mut Workspace) {
        let plan = self.plan;
        let reaches = |stage| plan.reaches(Depth::Block(layer, stage));
        self.ffn_norm(layer, w);
        if reaches(Stage::Output) {
            self.output(layer, w);
        }
        if reaches(Stage::Intermediate) {
            self.intermediate(layer, w);
        }
        if reaches(Stage::AttentionNorm) {
            self.attention_norm(layer, w);
        }
        if reaches(Stage::AttentionOutput) {
            self.attention_output(layer, w);
        }
        if reaches(Stage::Qkv) {
            self.attend(layer, w);
            self.projections(layer, w);
        }
    }

    /// The LayerNorm after the feed-forward layer.
    fn ffn_norm(&mut self, layer: usize, w: &mut Workspace) {
        let (rows, a) = (Level::ffn_norm(layer).rows(self.pass.row_kind(layer)), self.a);
        let kept = NormKept { x_hats: a.ffn_x_hats.get(layer), rstd: a.ffn_rstd.get(layer) };
        self.norm(rows, Site::FeedForward(layer), NormSlots::feed_forward(layer), kept, w);
    }

    /// The output matrix: from `w.d_product` to the gradient to the activation's output in `w.d_ffn`.
    fn output(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, a) = (self.pass, self.a);
        let rows = Level::intermediate(layer).rows(pass.row_kind(layer));
        let matrix = pass.part(Slot::Block(layer, OutputWeight), 0, 0..pass.hidden());
        self.weight_gradient(matrix, &w.d_product, a.ffn_act.get(layer), rows, &mut w.partial);
        if self.plan.reaches(Depth::Block(layer, Stage::Intermediate)) {
            pass.input_gradient(&mut w.d_ffn, Accumulate::Overwrite, &w.d_product, matrix, rows);
        }
    }

    /// The activation and the intermediate matrix: what `w.d_ffn` makes of it is added to `w.d_x`.
    fn intermediate(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, a, width) = (self.pass, self.a, self.pass.config.shape.intermediate);
        let kind = pass.row_kind(layer);
        let chunks = pass.layout.kept_chunks(Level::intermediate(layer).rows(kind));
        let (gelu_grad, d_ffn) = (a.gelu_grad.get(layer), split_rows(chunks, width, &mut w.d_ffn));
        let sums = with_sums(&mut w.partial, chunks, width, d_ffn, |chunk, d_ffn, sums| {
            gelu::backward(d_ffn, &gelu_grad[chunk.start * width..][..d_ffn.len()], sums);
        });
        self.collect(Slot::Block(layer, IntermediateBias), sums, 0..width);

        let inputs = Level::attention_norm(layer).rows(kind);
        let matrix = pass.part(Slot::Block(layer, IntermediateWeight), 0, 0..width);
        self.weight_gradient(matrix, &w.d_ffn, a.attn_out.get(layer), inputs, &mut w.partial);
        if self.plan.reaches(Depth::Block(layer, Stage::AttentionNorm)) {
            pass.input_gradient(&mut w.d_x, Accumulate::Add, &w.d_ffn, matrix, inputs);
        }
    }

    /// The LayerNorm after attention.
    fn attention_norm(&mut self, layer: usize, w: &mut Workspace) {
        let (rows, a) = (Level::attention_norm(layer).rows(self.pass.row_kind(layer)), self.a);
        let kept = NormKept { x_hats: a.attention_x_hats.get(layer), rstd: a.attention_rstd.get(layer) };
        self.norm(rows, Site::Attention(layer), NormSlots::attention(layer), kept, w);
    }

    /// Attention's output matrix: from `w.d_product` to the gradient to the heads' contexts in `w.d_context`.
    fn attention_output(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, a) = (self.pass, self.a);
        let rows = Level::attention(layer).rows(pass.row_kind(layer));
        let matrix = pass.part(Slot::Block(layer, AttentionOutputWeight), 0, 0..pass.hidden());
        self.weight_gradient(matrix, &w.d_product, a.contexts.get(layer), rows, &mut w.partial);
        if self.plan.reaches(Depth::Block(layer, Stage::Qkv)) {
            pass.input_gradient(&mut w.d_context, Accumulate::Overwrite, &w.d_product, matrix, rows);
        }
    }
}

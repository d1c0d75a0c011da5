//! The backward pass, from the loss down to the lowest scalar that trains.
//!
//! It goes down with the members that have branched: what it works on are always their rows, and those of the
//! last of them are left behind as it passes their levels (see [`crate::plan::layout`]). In reading order:

/// Loss, head and pooler.
mod loss;
/// Matrices, and sums over chunks.
mod products;
/// Attention and its projections.
mod attention;
/// The embeddings' LayerNorm and tables.
mod embeddings;

use super::activations::Activations;
use super::chunks::with_sums;
use super::kernels::gelu;
use super::kernels::layer_norm::{self, Sums};
use super::kernels::matmul::Into;
use super::kernels::rows::Shared;
use super::pass::HostPass;
use super::scratch::{room, with_row};
use super::workspace::Workspace;
use crate::Objective;
use crate::dropout::Site;
use crate::parameters::Gradient;
use crate::plan::batch::Space;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot::*, Slot};
use crate::plan::{Depth, Plan, Stage};

/// What the way down reads and writes.
struct Way<'a, 'g, 'm> {
    pass: &'a HostPass<'a>,
    plan: &'a Plan,
    a: &'a Activations,
    gradients: &'g mut [&'m mut Gradient],
}

/// Mean loss of each member, and its gradient into `gradients`.
pub fn backward(
    pass: &HostPass<'_>,
    plan: &Plan,
    a: &Activations,
    w: &mut Workspace,
    gradients: &mut [&mut Gradient],
) -> Vec<f64> {
    let mut way = Way { pass, plan, a, gradients };
    let losses = match pass.objective {
        Objective::MaskedLanguage(_) => vec![way.masked_language(w)],
        _ => way.loss(w),
    };
    for layer in (0..pass.config.shape.layers).rev() {
        if !plan.reaches(Depth::Block(layer, Stage::FeedForwardNorm)) {
            return losses;
        }
        way.block(layer, w);
    }
    if plan.reaches(Depth::Embeddings) {
        way.embeddings(w);
    }
    losses
}

impl Way<'_, '_, '_> {
    fn norm(
        &mut self,
        (at, space): (Level, Space),
        (site, slots): (Site, [Slot; 3]),
        (hats, inverses): (&[f32], &[f32]),
        w: &mut Workspace,
    ) {
        let pass = self.pass;
        let hidden = pass.config.shape.hidden;
        let chunks = pass.layout.kept_chunks(at, space);
        let rows = pass.padded(pass.layout.kept(at, space));
        let product = Shared::new(room(&mut w.product, rows * hidden));
        let down = Shared::new(&mut w.down);
        let [bias, gamma, beta] = slots;
        with_sums(&mut w.partial, chunks, 3 * hidden, |chunk, sums| {
            let scale = pass.members[chunk.member].get(gamma);
            let (dgamma, rest) = sums.split_at_mut(hidden);
            let (dbeta, dbias) = rest.split_at_mut(hidden);
            let mut sums = Sums { gamma: dgamma, beta: dbeta, bias: dbias };
            with_row(hidden, |factors| {
                for i in 0..chunk.rows {
                    let row = chunk.start + i;
                    let at = row * hidden..(row + 1) * hidden;
                    pass.factors(site, chunk.member, space, chunk.row + i, factors);
                    // SAFETY: each row belongs to one chunk.
                    let (dy, product) = unsafe { (down.part(at.clone()), product.part(at.clone())) };
                    layer_norm::backward(dy, &hats[at], inverses[row], scale, factors, product, &mut sums);
                }
            });
        });
        for (i, slot) in [gamma, beta, bias].into_iter().enumerate() {
            self.collect(slot, &w.partial, (chunks, 3 * hidden, i * hidden..(i + 1) * hidden));
        }
    }

    fn block(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, plan, a) = (self.pass, self.plan, self.a);
        let (hidden, inner) = (pass.config.shape.hidden, pass.config.shape.intermediate);
        let space = pass.space(layer);
        let slot = |slot| Slot::Block(layer, slot);
        let reaches = |stage| plan.reaches(Depth::Block(layer, stage));
        let kept = |level| pass.layout.kept(level, space);

        let hats = (a.feed_forward_hats.get(layer), a.feed_forward_inverses.get(layer));
        let what = (Site::FeedForward(layer), [DownBias, FeedForwardGamma, FeedForwardBeta].map(slot));
        self.norm((Level::output(layer), space), what, hats, w);
        if !reaches(Stage::Down) {
            return;
        }
        let at = Level::intermediate(layer);
        let hiddens = a.hiddens.get(layer);
        self.weight(slot(DownWeight), 0..hidden, &w.product, hiddens, (at, space), &mut w.partial);
        if !reaches(Stage::Up) {
            return;
        }
        let rows = (at, space, kept(at));
        pass.input_gradient(slot(DownWeight), 0..hidden, &w.product, (&mut w.hidden, Into::Replace), rows);
        let chunks = pass.layout.kept_chunks(at, space);
        let shared = Shared::new(&mut w.hidden);
        let slopes = a.slopes.get(layer);
        with_sums(&mut w.partial, chunks, inner, |chunk, sums| {
            let at = chunk.start * inner..(chunk.start + chunk.rows) * inner;
            // SAFETY: each row belongs to one chunk.
            gelu::backward(unsafe { shared.part(at.clone()) }, &slopes[at], sums);
        });
        self.collect(slot(UpBias), &w.partial, (chunks, inner, 0..inner));
        let at = Level::middle(layer);
        let middles = a.middles.get(layer);
        self.weight(slot(UpWeight), 0..inner, &w.hidden, middles, (at, space), &mut w.partial);
        if !reaches(Stage::AttentionNorm) {
            return;
        }
        let rows = (at, space, kept(at));
        pass.input_gradient(slot(UpWeight), 0..inner, &w.hidden, (&mut w.down, Into::Add), rows);

        let hats = (a.attention_hats.get(layer), a.attention_inverses.get(layer));
        let what = (Site::Attention(layer), [MixBias, AttentionGamma, AttentionBeta].map(slot));
        self.norm((at, space), what, hats, w);
        if !reaches(Stage::Mix) {
            return;
        }
        let at = Level::attention(layer);
        let contexts = a.contexts.get(layer);
        self.weight(slot(MixWeight), 0..hidden, &w.product, contexts, (at, space), &mut w.partial);
        if !reaches(Stage::Qkv) {
            return;
        }
        let rows = (at, space, kept(at));
        pass.input_gradient(slot(MixWeight), 0..hidden, &w.product, (&mut w.context, Into::Replace), rows);
        self.attend(layer, w);
        self.projections(layer, w);
    }
}

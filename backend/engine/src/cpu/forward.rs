//! The forward pass, top to bottom: embeddings, blocks, pooler, head (Devlin et al., 2019).

use super::activations::Activations;
use super::chunks;
use super::heads::Heads;
use super::kernels::attention::{self, Scratch};
use super::kernels::layer_norm::{self, Norm};
use super::kernels::rows::Shared;
use super::kernels::{gelu, math, sparse};
use super::masked_language;
use super::pass::HostPass;
use super::scratch::{room, with_head, with_row};
use crate::Objective;
use crate::dropout::Site;
use crate::plan::batch::Space;
use crate::plan::layout::Lane;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot::*, Slot};

/// Runs the encoder and the head; logits and all that the way back needs are in `a` afterwards.
pub fn forward(pass: &HostPass<'_>, a: &mut Activations) {
    embed(pass, a);
    for layer in 0..pass.config.shape.layers {
        block(pass, layer, a);
    }
    match pass.objective {
        Objective::MaskedLanguage(_) => masked_language::forward(pass, a),
        _ => head(pass, a),
    }
}

fn embed(pass: &HostPass<'_>, a: &mut Activations) {
    let hidden = pass.config.shape.hidden;
    let tables = [Slot::Words, Slot::Segments, Slot::Positions];
    let values = tables.map(|slot| pass.matrix(slot));
    let level = Level::EMBEDDINGS;
    let kept = pass.kept(level, Space::Tokens);
    let hats = Shared::new(room(&mut a.embedding_hats, kept * hidden));
    let inverses = Shared::new(room(&mut a.embedding_inverses, kept));
    let out = Shared::new(a.inputs.room(0, pass.rows(level, Space::Tokens) * hidden));
    chunks::for_each(pass.layout.chunks(level, Space::Tokens), |_, chunk| {
        let member = &pass.members[chunk.member];
        let differences = tables.map(|slot| member.difference(slot));
        let norm = Norm {
            gamma: member.get(Slot::EmbeddingGamma),
            beta: member.get(Slot::EmbeddingBeta),
            epsilon: pass.config.layer_norm_epsilon,
        };
        with_row(2 * hidden, |scratch| {
            let (factors, own) = scratch.split_at_mut(hidden);
            for i in 0..chunk.rows {
                let (token, row) = (chunk.row + i, chunk.start + i);
                let at = row * hidden..(row + 1) * hidden;
                // SAFETY: each row belongs to one chunk.
                let y = unsafe { out.part(at.clone()) };
                // SAFETY: as above.
                let z = if pass.keeps(chunk.branched) { unsafe { hats.part(at) } } else { &mut own[..] };
                let places = pass.batch.embedding_rows(token);
                for (j, z) in z.iter_mut().enumerate() {
                    let of = |table: usize| values[table][places[table] * hidden + j];
                    *z = of(0) + of(1) + of(2);
                }
                for (difference, place) in differences.iter().zip(places) {
                    difference.iter().for_each(|d| sparse::add_row(*d, place, z));
                }
                pass.factors(Site::Embeddings, chunk.member, Space::Tokens, token, factors);
                let inverse = layer_norm::forward_embedding(z, factors, y, norm);
                if pass.keeps(chunk.branched) {
                    // SAFETY: as above.
                    let own = unsafe { inverses.part(row..row + 1) };
                    own[0] = inverse;
                }
            }
        });
    });
}

fn block(pass: &HostPass<'_>, layer: usize, a: &mut Activations) {
    let shape = &pass.config.shape;
    let (hidden, inner) = (shape.hidden, shape.intermediate);
    let last = layer + 1 == shape.layers;
    let space = pass.space(layer);
    let slot = |slot| Slot::Block(layer, slot);
    let at = Level::input(layer);

    let input = a.inputs.get(layer);
    if last {
        gather_reads(pass, at, input, room(&mut a.head_inputs, pass.rows(at, Space::Reads) * hidden));
        let queries = room(&mut a.head_queries, pass.rows(at, Space::Reads) * hidden);
        pass.linear(queries, &a.head_inputs, (slot(QkvWeight), 0..hidden), (at, Space::Reads));
        let qkv = a.qkv.room(layer, pass.rows(at, Space::Tokens) * 2 * hidden);
        pass.linear(qkv, input, (slot(QkvWeight), hidden..3 * hidden), (at, Space::Tokens));
    } else {
        let qkv = a.qkv.room(layer, pass.rows(at, Space::Tokens) * 3 * hidden);
        pass.linear(qkv, input, (slot(QkvWeight), 0..3 * hidden), (at, Space::Tokens));
    }

    let at = Level::attention(layer);
    let squares = if last { Space::ReadSquares } else { Space::Squares };
    let context = a.contexts.room(layer, pass.rows(at, space) * hidden);
    let probabilities = a.probabilities.room(layer, pass.kept(at, squares) * shape.heads);
    attend(pass, layer, &Heads::new(pass, layer, a.qkv.get(layer), &a.head_queries), context, probabilities);

    let product = room(&mut a.products, pass.rows(at, space) * hidden);
    pass.linear(product, context, (slot(MixWeight), 0..hidden), (at, space));
    let residual = if last { a.head_inputs.as_slice() } else { a.inputs.get(layer) };
    let at = Level::middle(layer);
    let kept = pass.kept(at, space);
    let middle = a.middles.room(layer, pass.rows(at, space) * hidden);
    let what = (Site::Attention(layer), [MixBias, AttentionGamma, AttentionBeta].map(slot));
    let hats = a.attention_hats.room(layer, kept * hidden);
    let inverses = a.attention_inverses.room(layer, kept);
    norm(pass, (at, space), what, product, (Level::input(layer), residual), (hats, inverses), middle);

    let up = room(&mut a.ups, pass.rows(at, space) * inner);
    pass.linear(up, middle, (slot(UpWeight), 0..inner), (at, space));
    let at = Level::intermediate(layer);
    let out = a.hiddens.room(layer, pass.rows(at, space) * inner);
    let slopes = a.slopes.room(layer, pass.kept(at, space) * inner);
    activate(pass, (layer, space), up, slopes, out);

    let product = room(&mut a.products, pass.rows(at, space) * hidden);
    pass.linear(product, out, (slot(DownWeight), 0..hidden), (at, space));
    let at = Level::output(layer);
    let kept = pass.kept(at, space);
    let what = (Site::FeedForward(layer), [DownBias, FeedForwardGamma, FeedForwardBeta].map(slot));
    let hats = a.feed_forward_hats.room(layer, kept * hidden);
    let inverses = a.feed_forward_inverses.room(layer, kept);
    let output = a.inputs.room(layer + 1, pass.rows(at, space) * hidden);
    norm(pass, (at, space), what, product, (Level::middle(layer), middle), (hats, inverses), output);
}

/// Copies the rows that the head reads out of the last block's input.
fn gather_reads(pass: &HostPass<'_>, at: Level, input: &[f32], out: &mut [f32]) {
    let hidden = pass.config.shape.hidden;
    for chunk in pass.layout.chunks(at, Space::Reads) {
        for i in 0..chunk.rows {
            let token = pass.read_row(at, chunk.member, chunk.row + i) * hidden;
            let to = (chunk.start + i) * hidden;
            out[to..to + hidden].copy_from_slice(&input[token..token + hidden]);
        }
    }
}

fn attend(
    pass: &HostPass<'_>,
    layer: usize,
    heads: &Heads<'_>,
    context: &mut [f32],
    probabilities: &mut [f32],
) {
    let shape = &pass.config.shape;
    let (hidden, width, space) = (shape.hidden, shape.hidden / shape.heads, pass.space(layer));
    let at = Level::attention(layer);
    let (context, probabilities) = (Shared::new(context), Shared::new(probabilities));
    let task = |lane: &Lane, sequence: usize, head: usize| {
        with_head(|s: &mut Scratch| {
            let (key, dims) = heads.key(lane.member, sequence, head);
            heads.gather(s, lane.member, sequence, head);
            let mut own = std::mem::take(&mut s.probabilities);
            let p = match pass.keeps(lane.branched) {
                // SAFETY: each member, sequence and head has its own part.
                true => unsafe { probabilities.part(heads.probabilities(lane.member, sequence, head)) },
                false => room(&mut own, dims.0 * dims.1),
            };
            attention::forward(s, dims, key, p);
            s.probabilities = own;
            let first = pass.row(at, lane.member, space, pass.batch.range(sequence, space).start);
            for (i, row) in s.context[..dims.0 * width].chunks_exact(width).enumerate() {
                let start = (first + i) * hidden + head * width;
                // SAFETY: each row's columns of a head belong to one task.
                unsafe { context.part(start..start + width) }.copy_from_slice(row);
            }
        });
    };
    heads.for_each(pass.layout.lanes(at), task);
}

/// Dropout, residual and LayerNorm, and the bias of the product before them.
fn norm(
    pass: &HostPass<'_>,
    (at, space): (Level, Space),
    (site, [bias, gamma, beta]): (Site, [Slot; 3]),
    product: &[f32],
    (residual_at, residual): (Level, &[f32]),
    (hats, inverses): (&mut [f32], &mut [f32]),
    out: &mut [f32],
) {
    let hidden = pass.config.shape.hidden;
    let (hats, inverses, out) = (Shared::new(hats), Shared::new(inverses), Shared::new(out));
    chunks::for_each(pass.layout.chunks(at, space), |_, chunk| {
        let get = |slot| pass.members[chunk.member].get(slot);
        let norm = Norm { gamma: get(gamma), beta: get(beta), epsilon: pass.config.layer_norm_epsilon };
        let bias = get(bias);
        let product_row = pass.layout.base(at.before(), chunk.member, space) + chunk.offset;
        let residual_row = pass.layout.base(residual_at, chunk.member, space) + chunk.offset;
        with_row(2 * hidden, |scratch| {
            let (factors, own) = scratch.split_at_mut(hidden);
            for i in 0..chunk.rows {
                let row = chunk.start + i;
                let at = |row: usize| row * hidden..(row + 1) * hidden;
                pass.factors(site, chunk.member, space, chunk.row + i, factors);
                // SAFETY: each row belongs to one chunk.
                let y = unsafe { out.part(at(row)) };
                // SAFETY: as above.
                let hat =
                    if pass.keeps(chunk.branched) { unsafe { hats.part(at(row)) } } else { &mut own[..] };
                let (product, residual) = (&product[at(product_row + i)], &residual[at(residual_row + i)]);
                let inverse = layer_norm::forward(product, bias, factors, residual, hat, y, norm);
                if pass.keeps(chunk.branched) {
                    // SAFETY: as above.
                    let own = unsafe { inverses.part(row..row + 1) };
                    own[0] = inverse;
                }
            }
        });
    });
}

/// Bias and GELU of a block.
fn activate(
    pass: &HostPass<'_>,
    (layer, space): (usize, Space),
    up: &[f32],
    slopes: &mut [f32],
    out: &mut [f32],
) {
    let (inner, at) = (pass.config.shape.intermediate, Level::intermediate(layer));
    let (slopes, out) = (Shared::new(slopes), Shared::new(out));
    chunks::for_each(pass.layout.chunks(at, space), |_, chunk| {
        let bias = pass.members[chunk.member].get(Slot::Block(layer, UpBias));
        let from = pass.layout.base(at.before(), chunk.member, space) + chunk.offset;
        let up = &up[from * inner..(from + chunk.rows) * inner];
        let rows = chunk.start * inner..(chunk.start + chunk.rows) * inner;
        // SAFETY: each row belongs to one chunk.
        let out = unsafe { out.part(rows.clone()) };
        if pass.keeps(chunk.branched) {
            // SAFETY: as above.
            gelu::forward(up, bias, unsafe { slopes.part(rows) }, out);
        } else {
            gelu::value(up, bias, out);
        }
    });
}

fn head(pass: &HostPass<'_>, a: &mut Activations) {
    let (shape, outputs) = (&pass.config.shape, pass.objective.outputs());
    let (hidden, at) = (shape.hidden, pass.features());
    if pass.objective.is_pooled() {
        let before = at.before();
        let product = room(&mut a.products, pass.rows(before, Space::Reads) * hidden);
        pass.linear(
            product,
            a.inputs.get(shape.layers),
            (Slot::PoolerWeight, 0..hidden),
            (before, Space::Reads),
        );
        let pooled = Shared::new(room(&mut a.pooled, pass.rows(at, Space::Reads) * hidden));
        let product = &a.products;
        chunks::for_each(pass.layout.chunks(at, Space::Reads), |_, chunk| {
            let bias = pass.members[chunk.member].get(Slot::PoolerBias);
            let from = pass.layout.base(before, chunk.member, Space::Reads) + chunk.offset;
            // SAFETY: each row belongs to one chunk.
            let out = unsafe { pooled.part(chunk.start * hidden..(chunk.start + chunk.rows) * hidden) };
            let rows = product[from * hidden..].chunks_exact(hidden);
            for (out, row) in out.chunks_exact_mut(hidden).zip(rows) {
                out.iter_mut().zip(row).zip(bias).for_each(|((out, x), bias)| *out = (x + bias).tanh());
            }
        });
    }
    let features = if pass.objective.is_pooled() { &a.pooled } else { a.inputs.get(shape.layers) };
    let dropped = Shared::new(room(&mut a.dropped, pass.rows(at, Space::Reads) * hidden));
    chunks::for_each(pass.layout.chunks(at, Space::Reads), |_, chunk| {
        for i in 0..chunk.rows {
            let row = (chunk.start + i) * hidden..(chunk.start + i + 1) * hidden;
            // SAFETY: each row belongs to one chunk.
            let out = unsafe { dropped.part(row.clone()) };
            pass.factors(Site::Pooled, chunk.member, Space::Reads, chunk.row + i, out);
            out.iter_mut().zip(&features[row]).for_each(|(out, x)| *out *= x);
        }
    });
    let top = Level::head(shape.layers);
    let logits = room(&mut a.logits, pass.layout.total(top, Space::Reads) * outputs);
    let (logits, dropped) = (Shared::new(logits), &a.dropped);
    chunks::for_each(pass.layout.chunks(top, Space::Reads), |_, chunk| {
        let (weight, bias) = pass.members[chunk.member].head();
        let from = pass.layout.base(at, chunk.member, Space::Reads) + chunk.offset;
        for i in 0..chunk.rows {
            let x = &dropped[(from + i) * hidden..(from + i + 1) * hidden];
            let row = chunk.start + i;
            // SAFETY: each row belongs to one chunk.
            let logits = unsafe { logits.part(row * outputs..(row + 1) * outputs) };
            for ((logit, weight), bias) in logits.iter_mut().zip(weight.chunks_exact(hidden)).zip(bias) {
                *logit = bias + math::sum(hidden, |i| weight[i] * x[i]);
            }
        }
    });
}

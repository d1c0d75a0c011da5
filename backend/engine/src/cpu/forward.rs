//! The forward pass, top to bottom: embeddings, blocks, pooler, head (Devlin et al., 2019). `cuda/forward.rs` is the same
//! on a GPU, name by name.

use super::activations::Activations;
use super::chunks::{split_kept_rows, split_rows};
use super::heads::Heads;
use super::kernels::layer_norm::{self, Norm};
use super::kernels::rows::DisjointSlice;
use super::kernels::{activation, attention, math, sparse};
use super::pass::HostPass;
use super::scratch::{room, with_head, with_row};
use super::{dense_head, masked_language};
use crate::Objective;
use crate::dropout::Site;
use crate::plan::batch::RowKind;
use crate::plan::layout::Lane;
use crate::plan::level::{Level, Rows};
use crate::plan::slots::{BlockSlot::*, NormSlots, Slot};
use rayon::prelude::*;

/// Runs the encoder and the head; logits and all that the backward pass needs are in `a` afterwards.
pub(super) fn forward(pass: &HostPass<'_>, a: &mut Activations) {
    embed(pass, a);
    for layer in 0..pass.config.shape.layers {
        block(pass, layer, a);
    }
    match pass.objective {
        Objective::MaskedLanguage(_) => masked_language::forward(pass, a),
        Objective::Classification(_)
        | Objective::Regression
        | Objective::Tagging(_)
        | Objective::MultiLabel(_) => head(pass, a),
    }
}

fn embed(pass: &HostPass<'_>, a: &mut Activations) {
    // A row of the embeddings; projected where it is not the blocks'.
    let hidden = pass.config.shape.embedding();
    let is_projected = pass.config.shape.has_projection();
    let tables = [Slot::Words, Slot::Segments, Slot::Positions];
    let values = tables.map(|slot| pass.matrix(slot));
    let rows = Level::EMBEDDINGS.rows(RowKind::Tokens);
    let (chunks, kept) = (pass.layout.chunks(rows), pass.kept(rows));
    let x_hats = split_kept_rows(pass, chunks, hidden, room(&mut a.embedding_x_hats, kept * hidden));
    let rstd = split_kept_rows(pass, chunks, 1, room(&mut a.embedding_rstd, kept));
    let size = pass.row_count(rows) * hidden;
    let out = if is_projected { room(&mut a.embedded, size) } else { a.inputs.room(0, size) };
    let out = split_rows(chunks, hidden, out);
    let parts = chunks.par_iter().zip(out).zip(x_hats.into_par_iter().zip(rstd));
    parts.for_each(|((chunk, out), (x_hats, rstd))| {
        let member = &pass.members[chunk.member];
        let differences = tables.map(|slot| member.difference(slot));
        let norm = Norm {
            gamma: member.get(Slot::EmbeddingGamma),
            beta: member.get(Slot::EmbeddingBeta),
            epsilon: pass.config.layer_norm_epsilon,
        };
        with_row(3 * hidden, |scratch| {
            let (factors, own) = scratch.split_at_mut(hidden);
            let (own, zeros) = own.split_at_mut(hidden);
            zeros.fill(0.0);
            for (i, y) in out.chunks_exact_mut(hidden).enumerate() {
                let token = chunk.row + i;
                let z = x_hats.chunks_exact_mut(hidden).nth(i).unwrap_or(&mut *own);
                let places = pass.batch.embedding_rows(token);
                let [words, segments, positions]: [&[f32]; 3] = std::array::from_fn(|table| {
                    // A model without segments has an empty table of them.
                    let row = places[table] * hidden..(places[table] + 1) * hidden;
                    if values[table].is_empty() { &*zeros } else { &values[table][row] }
                });
                for (j, z) in z.iter_mut().enumerate() {
                    *z = words[j] + segments[j] + positions[j];
                }
                for (difference, place) in differences.iter().zip(places) {
                    difference.iter().for_each(|d| sparse::add_row(*d, place, z));
                }
                pass.factors(Site::Embeddings, chunk.member, RowKind::Tokens, token, factors);
                let own_rstd = layer_norm::forward_embedding(z, factors, y, norm);
                if let Some(rstd) = rstd.get_mut(i) {
                    *rstd = own_rstd;
                }
            }
        });
    });
    if is_projected {
        project(pass, a);
    }
}

/// From the embeddings' width to the blocks'.
fn project(pass: &HostPass<'_>, a: &mut Activations) {
    let (hidden, rows) = (pass.hidden(), Level::EMBEDDINGS.tokens());
    let out = a.inputs.room(0, pass.size(rows, hidden));
    pass.linear(out, &a.embedded, pass.part(Slot::ProjectionWeight, 0, 0..hidden), rows);
    let chunks = pass.layout.chunks(rows);
    chunks.par_iter().zip(split_rows(chunks, hidden, out)).for_each(|(chunk, out)| {
        let bias = pass.members[chunk.member].get(Slot::ProjectionBias);
        for row in out.chunks_exact_mut(hidden) {
            row.iter_mut().zip(bias).for_each(|(x, bias)| *x += bias);
        }
    });
}

fn block(pass: &HostPass<'_>, layer: usize, a: &mut Activations) {
    qkv(pass, layer, a);
    attention(pass, layer, a);
    attention_norm(pass, layer, a);
    feed_forward(pass, layer, a);
    ffn_norm(pass, layer, a);
}

/// Queries, keys and values, without bias. The last block has queries of the rows that the head reads, and no others.
fn qkv(pass: &HostPass<'_>, layer: usize, a: &mut Activations) {
    let (hidden, weight) = (pass.hidden(), Slot::Block(layer, QkvWeight));
    let (tokens, reads) = (Level::input(layer).tokens(), Level::input(layer).reads());
    let input = a.inputs.get(layer);
    if !pass.is_last(layer) {
        let qkv = a.qkv.room(layer, pass.size(tokens, 3 * hidden));
        pass.linear(qkv, input, pass.part(weight, 0, 0..3 * hidden), tokens);
        return;
    }
    let head_inputs = room(&mut a.head_inputs, pass.size(reads, hidden));
    gather_reads(pass, reads, input, head_inputs);
    let queries = room(&mut a.head_queries, pass.size(reads, hidden));
    pass.linear(queries, head_inputs, pass.part(weight, 0, 0..hidden), reads);
    let qkv = a.qkv.room(layer, pass.size(tokens, 2 * hidden));
    pass.linear(qkv, input, pass.part(weight, 1, hidden..3 * hidden), tokens);
}

/// The heads' contexts, and of branched members the probabilities.
fn attention(pass: &HostPass<'_>, layer: usize, a: &mut Activations) {
    let (level, kind) = (Level::attention(layer), pass.row_kind(layer));
    let squares = level.rows(if pass.is_last(layer) { RowKind::ReadSquares } else { RowKind::Squares });
    let context = a.contexts.room(layer, pass.size(level.rows(kind), pass.hidden()));
    let probabilities = a.probabilities.room(layer, pass.kept(squares) * pass.config.shape.heads);
    attend(pass, layer, &Heads::new(pass, layer, a.qkv.get(layer), &a.head_queries), context, probabilities);
}

/// Attention's output matrix, and the LayerNorm behind it.
fn attention_norm(pass: &HostPass<'_>, layer: usize, a: &mut Activations) {
    let (hidden, kind) = (pass.hidden(), pass.row_kind(layer));
    let contexts = Level::attention(layer).rows(kind);
    let product = room(&mut a.products, pass.size(contexts, hidden));
    let weight = pass.part(Slot::Block(layer, AttentionOutputWeight), 0, 0..hidden);
    pass.linear(product, a.contexts.get(layer), weight, contexts);

    let rows = Level::attention_norm(layer).rows(kind);
    let kept = pass.kept(rows);
    let residual = if pass.is_last(layer) { a.head_inputs.as_slice() } else { a.inputs.get(layer) };
    let input = NormInput { product, residual, residual_level: Level::input(layer) };
    let output = NormOutput {
        x_hats: a.attention_x_hats.room(layer, kept * hidden),
        rstd: a.attention_rstd.room(layer, kept),
        out: a.attn_out.room(layer, pass.size(rows, hidden)),
    };
    norm(pass, rows, Site::Attention(layer), NormSlots::attention(layer), input, output);
}

/// The intermediate matrix and the activation.
fn feed_forward(pass: &HostPass<'_>, layer: usize, a: &mut Activations) {
    let (intermediate, kind) = (pass.config.shape.intermediate, pass.row_kind(layer));
    let inputs = Level::attention_norm(layer).rows(kind);
    let ffn_in = room(&mut a.ffn_in, pass.size(inputs, intermediate));
    let weight = pass.part(Slot::Block(layer, IntermediateWeight), 0, 0..intermediate);
    pass.linear(ffn_in, a.attn_out.get(layer), weight, inputs);

    let rows = Level::intermediate(layer).rows(kind);
    let ffn_act = a.ffn_act.room(layer, pass.size(rows, intermediate));
    let gelu_grad = a.gelu_grad.room(layer, pass.kept(rows) * intermediate);
    activate(pass, rows, Slot::Block(layer, IntermediateBias), ffn_in, gelu_grad, ffn_act);
}

/// The output matrix, and the LayerNorm behind it.
fn ffn_norm(pass: &HostPass<'_>, layer: usize, a: &mut Activations) {
    let (hidden, kind) = (pass.hidden(), pass.row_kind(layer));
    let activated = Level::intermediate(layer).rows(kind);
    let product = room(&mut a.products, pass.size(activated, hidden));
    let weight = pass.part(Slot::Block(layer, OutputWeight), 0, 0..hidden);
    pass.linear(product, a.ffn_act.get(layer), weight, activated);

    let rows = Level::ffn_norm(layer).rows(kind);
    let kept = pass.kept(rows);
    let residual = a.attn_out.get(layer);
    let input = NormInput { product, residual, residual_level: Level::attention_norm(layer) };
    let output = NormOutput {
        x_hats: a.ffn_x_hats.room(layer, kept * hidden),
        rstd: a.ffn_rstd.room(layer, kept),
        out: a.inputs.room(layer + 1, pass.size(rows, hidden)),
    };
    norm(pass, rows, Site::FeedForward(layer), NormSlots::feed_forward(layer), input, output);
}

/// Copies the rows that the head reads out of the last block's input `[tokens, hidden]`.
fn gather_reads(pass: &HostPass<'_>, reads: Rows, input: &[f32], out: &mut [f32]) {
    let hidden = pass.hidden();
    for chunk in pass.layout.chunks(reads) {
        for i in 0..chunk.rows {
            let token = pass.read_row(reads.level, chunk.member, chunk.row + i) * hidden;
            let to = (chunk.start + i) * hidden;
            out[to..to + hidden].copy_from_slice(&input[token..token + hidden]);
        }
    }
}

/// Attention of a block: its `context` `[rows, hidden]`, and of branched members the probabilities.
fn attend(
    pass: &HostPass<'_>,
    layer: usize,
    heads: &Heads<'_>,
    context: &mut [f32],
    probabilities: &mut [f32],
) {
    let shape = &pass.config.shape;
    let (hidden, width, kind) = (shape.hidden, shape.hidden / shape.heads, pass.row_kind(layer));
    let level = Level::attention(layer);
    let (context, probabilities) = (DisjointSlice::new(context), DisjointSlice::new(probabilities));
    let task = |lane: &Lane, sequence: usize, head: usize| {
        with_head(|s| {
            let (key, dims) = (heads.dropout_key(lane.member, sequence, head), heads.dims(sequence));
            heads.gather(s, lane.member, sequence, head);
            let mut own = std::mem::take(&mut s.probabilities);
            let p = if pass.keeps(lane.branched) {
                // SAFETY: each head of each sequence of each branched member has probabilities of its own.
                unsafe { probabilities.get_mut(heads.probabilities(lane.member, sequence, head)) }
            } else {
                room(&mut own, dims.queries * dims.keys)
            };
            attention::forward(s, dims, key, p);
            s.probabilities = own;
            let first = pass.row(level, lane.member, kind, pass.batch.range(sequence, kind).start);
            for (i, row) in s.context[..dims.queries * width].chunks_exact(width).enumerate() {
                let start = (first + i) * hidden + head * width;
                // SAFETY: each row's columns of a head belong to one task.
                unsafe { context.get_mut(start..start + width) }.copy_from_slice(row);
            }
        });
    };
    heads.for_each(pass.layout.lanes(level), task);
}

/// What a LayerNorm reads.
struct NormInput<'a> {
    /// The product before it, without bias `[rows, hidden]`, of the level below.
    product: &'a [f32],
    /// What its dropout is added to `[rows, hidden]`.
    residual: &'a [f32],
    /// Where that was computed.
    residual_level: Level,
}

/// What a LayerNorm writes.
struct NormOutput<'a> {
    /// x̂ `[kept rows, hidden]`.
    x_hats: &'a mut [f32],
    /// 1 / √(var + ε) `[kept rows]`.
    rstd: &'a mut [f32],
    /// `[rows, hidden]`.
    out: &'a mut [f32],
}

/// Dropout, residual and LayerNorm, and the bias of the product before them.
fn norm(
    pass: &HostPass<'_>,
    rows: Rows,
    site: Site,
    slots: NormSlots,
    input: NormInput<'_>,
    output: NormOutput<'_>,
) {
    let (hidden, chunks) = (pass.hidden(), pass.layout.chunks(rows));
    let NormInput { product, residual, residual_level } = input;
    let x_hats = split_kept_rows(pass, chunks, hidden, output.x_hats);
    let rstd = split_kept_rows(pass, chunks, 1, output.rstd);
    let out = split_rows(chunks, hidden, output.out);
    let parts = chunks.par_iter().zip(out).zip(x_hats.into_par_iter().zip(rstd));
    parts.for_each(|((chunk, out), (x_hats, rstd))| {
        let get = |slot| pass.members[chunk.member].get(slot);
        let norm =
            Norm { gamma: get(slots.gamma), beta: get(slots.beta), epsilon: pass.config.layer_norm_epsilon };
        let bias = get(slots.bias);
        let product_row = pass.layout.base(rows.before(), chunk.member) + chunk.offset;
        let residual_row = pass.layout.base(residual_level.rows(rows.kind), chunk.member) + chunk.offset;
        with_row(2 * hidden, |scratch| {
            let (factors, own) = scratch.split_at_mut(hidden);
            for (i, y) in out.chunks_exact_mut(hidden).enumerate() {
                let at = |row: usize| (row + i) * hidden..(row + i + 1) * hidden;
                pass.factors(site, chunk.member, rows.kind, chunk.row + i, factors);
                let x_hat = x_hats.chunks_exact_mut(hidden).nth(i).unwrap_or(&mut *own);
                let (product, residual) = (&product[at(product_row)], &residual[at(residual_row)]);
                let own_rstd = layer_norm::forward(product, bias, factors, residual, x_hat, y, norm);
                if let Some(rstd) = rstd.get_mut(i) {
                    *rstd = own_rstd;
                }
            }
        });
    });
}

/// Bias and activation of a block: from `ffn_in` of the level below to `out`, both `[rows, intermediate]`.
fn activate(
    pass: &HostPass<'_>,
    rows: Rows,
    bias: Slot,
    ffn_in: &[f32],
    gelu_grad: &mut [f32],
    out: &mut [f32],
) {
    let (width, chunks) = (pass.config.shape.intermediate, pass.layout.chunks(rows));
    let gelu_grad = split_kept_rows(pass, chunks, width, gelu_grad);
    let out = split_rows(chunks, width, out);
    chunks.par_iter().zip(out).zip(gelu_grad).for_each(|((chunk, out), gelu_grad)| {
        let bias = pass.members[chunk.member].get(bias);
        let from = pass.layout.base(rows.before(), chunk.member) + chunk.offset;
        let ffn_in = &ffn_in[from * width..(from + chunk.rows) * width];
        if pass.keeps(chunk.branched) {
            activation::forward(pass.config.activation, ffn_in, bias, gelu_grad, out);
        } else {
            activation::value(pass.config.activation, ffn_in, bias, out);
        }
    });
}

fn head(pass: &HostPass<'_>, a: &mut Activations) {
    let (shape, outputs) = (&pass.config.shape, pass.objective.outputs());
    let (hidden, rows) = (shape.hidden, pass.features().reads());
    let chunks = pass.layout.chunks(rows);
    if let Some(dense) = pass.dense() {
        dense_head::forward(pass, dense, a);
    } else if pass.objective.is_pooled() {
        let before = rows.before();
        let product = room(&mut a.products, pass.row_count(before) * hidden);
        let encoded = a.inputs.get(shape.layers);
        pass.linear(product, encoded, pass.part(Slot::PoolerWeight, 0, 0..hidden), before);
        let product = &*product;
        let pooled = split_rows(chunks, hidden, room(&mut a.pooled, pass.row_count(rows) * hidden));
        chunks.par_iter().zip(pooled).for_each(|(chunk, out)| {
            let bias = pass.members[chunk.member].get(Slot::PoolerBias);
            let from = pass.layout.base(before, chunk.member) + chunk.offset;
            let rows = product[from * hidden..].chunks_exact(hidden);
            for (out, row) in out.chunks_exact_mut(hidden).zip(rows) {
                out.iter_mut().zip(row).zip(bias).for_each(|((out, x), bias)| *out = (x + bias).tanh());
            }
        });
    }
    let features = if pass.objective.is_pooled() { &a.pooled } else { a.inputs.get(shape.layers) };
    let dropped = split_rows(chunks, hidden, room(&mut a.dropped, pass.row_count(rows) * hidden));
    chunks.par_iter().zip(dropped).for_each(|(chunk, out)| {
        let features = features[chunk.start * hidden..].chunks_exact(hidden);
        for (i, (out, features)) in out.chunks_exact_mut(hidden).zip(features).enumerate() {
            pass.factors(Site::Pooled, chunk.member, RowKind::Reads, chunk.row + i, out);
            out.iter_mut().zip(features).for_each(|(out, x)| *out *= x);
        }
    });
    let top = Level::head(shape.layers).reads();
    let chunks = pass.layout.chunks(top);
    let logits = split_rows(chunks, outputs, room(&mut a.logits, pass.layout.total(top) * outputs));
    let dropped = &a.dropped;
    chunks.par_iter().zip(logits).for_each(|(chunk, logits)| {
        let (weight, bias) = pass.members[chunk.member].head();
        let from = pass.layout.base(rows, chunk.member) + chunk.offset;
        let dropped = dropped[from * hidden..].chunks_exact(hidden);
        for (logits, x) in logits.chunks_exact_mut(outputs).zip(dropped) {
            for ((logit, weight), bias) in logits.iter_mut().zip(weight.chunks_exact(hidden)).zip(bias) {
                *logit = bias + math::sum(hidden, |i| weight[i] * x[i]);
            }
        }
    });
}

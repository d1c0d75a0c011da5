//! The backward pass, from the loss down to the lowest scalar that trains.

use super::activations::{Activations, room};
use super::forward::{Layout, Pass, Projections, attention_scale, with_head, with_row};
use super::kernels::attention::{self, View};
use super::kernels::dropout::Site;
use super::kernels::layer_norm::{self, Sums};
use super::kernels::matmul::{Into, Threads, dense, nn, tn};
use super::kernels::rows::{self, Chunk, Shared};
use super::kernels::{gelu, head};
use super::parameters::{BlockSlot, BlockSlot::*, Gradient, Slot};
use super::plan::{Depth, Plan, Stage};
use rayon::prelude::*;
use std::ops::Range;

/// Gradients to activations on the way down, reused from step to step.
#[derive(Default)]
pub struct Workspace {
    /// To a block's output, then to its middle, then to its input `[rows, hidden]`.
    down: Vec<f32>,
    /// To a product that a LayerNorm reads, and to attention's output `[rows, hidden]`.
    product: Vec<f32>,
    context: Vec<f32>,
    /// To GELU's output and input `[rows, intermediate]`.
    hidden: Vec<f32>,
    /// To query, key and value `[rows, 3 hidden]`.
    qkv: Vec<f32>,
    /// To the last block's queries `[sequences, hidden]`.
    queries: Vec<f32>,
    /// To the logits `[sequences, outputs]`.
    logits: Vec<f32>,
    /// Sums of each chunk.
    partial: Vec<f32>,
}

/// Mean loss of each member, and its gradient into `gradients`.
pub fn backward(
    pass: &Pass<'_>,
    plan: &Plan,
    a: &Activations,
    w: &mut Workspace,
    gradients: &mut [Gradient],
) -> Vec<f64> {
    let losses = loss(pass, plan, a, w, gradients);
    for layer in (0..pass.config.shape.layers).rev() {
        if !plan.reaches(Depth::Block(layer, Stage::FeedForwardNorm)) {
            return losses;
        }
        block(pass, plan, layer, a, w, gradients);
    }
    if plan.reaches(Depth::Embeddings) {
        embeddings(pass, a, w, gradients);
    }
    losses
}

fn loss(
    pass: &Pass<'_>,
    plan: &Plan,
    a: &Activations,
    w: &mut Workspace,
    gradients: &mut [Gradient],
) -> Vec<f64> {
    let (shape, batch) = (&pass.config.shape, pass.batch);
    let (hidden, outputs) = (shape.hidden, pass.objective.outputs());
    let slopes = room(&mut w.logits, batch.sequences() * outputs);
    let mut losses = Vec::with_capacity(pass.members.len());
    for (member, sequences) in batch.member_sequences.iter().enumerate() {
        let at = sequences.start * outputs..sequences.end * outputs;
        let slopes = &mut slopes[at.clone()];
        losses.push(head::loss(pass.objective, &a.logits[at], &batch.targets[sequences.clone()], slopes));
        let (weight, bias) = gradients[member].head(&pass.members[member]);
        weight.fill(0.0);
        bias.fill(0.0);
        for (slopes, sequence) in slopes.chunks_exact(outputs).zip(sequences.clone()) {
            let dropped = &a.dropped[sequence * hidden..(sequence + 1) * hidden];
            for ((slope, weight), bias) in slopes.iter().zip(weight.chunks_exact_mut(hidden)).zip(&mut *bias)
            {
                *bias += slope;
                weight.iter_mut().zip(dropped).for_each(|(w, x)| *w += slope * x);
            }
        }
    }
    if !plan.reaches(Depth::Pooler) {
        return losses;
    }

    let rows = pass.sequences();
    let pooled = room(&mut w.product, rows * hidden);
    pooled[batch.sequences() * hidden..].fill(0.0);
    for sequence in 0..batch.sequences() {
        let member = batch.members[sequence];
        let slopes = &slopes[sequence * outputs..(sequence + 1) * outputs];
        let at = sequence * hidden..(sequence + 1) * hidden;
        let row = &mut pooled[at.clone()];
        pass.factors(Site::Pooled, member, sequence, true, row);
        let (weight, _) = pass.members[member].head();
        for (i, (gradient, value)) in row.iter_mut().zip(&a.pooled[at]).enumerate() {
            let back: f32 = slopes.iter().enumerate().map(|(o, slope)| slope * weight[o * hidden + i]).sum();
            *gradient *= back * (1.0 - value * value);
        }
    }
    for (member, sequences) in batch.member_sequences.iter().enumerate() {
        let rows = &pooled[sequences.start * hidden..sequences.end * hidden];
        gradients[member].write(&pass.members[member], Slot::PoolerBias, |sums| {
            sums.fill(0.0);
            gelu::add_columns(rows, sums);
        });
    }
    let encoded = a.inputs.get(shape.layers);
    weight_gradient(pass, gradients, Slot::PoolerWeight, 0..hidden, pooled, encoded, rows, hidden);
    if plan.lowest < Depth::Pooler {
        let weight = dense(pass.matrix(Slot::PoolerWeight), hidden);
        let down = room(&mut w.down, rows * hidden);
        let dims = (rows, hidden, hidden);
        nn(down, hidden, Into::Replace, dims, dense(pooled, hidden), weight, 1.0, Threads::All);
    }
    losses
}

/// `dW = dyᵀ x` for rows `part` of a matrix, if the gang's only member trains any of it.
fn weight_gradient(
    pass: &Pass<'_>,
    gradients: &mut [Gradient],
    slot: Slot,
    part: Range<usize>,
    slope: &[f32],
    input: &[f32],
    rows: usize,
    width: usize,
) {
    gradients[0].write(&pass.members[0], slot, |weight| {
        let columns = part.len();
        let out = &mut weight[part.start * width..part.end * width];
        let (slope, input) = (dense(slope, columns), dense(input, width));
        tn(out, width, Into::Replace, (columns, width, rows), slope, input, 1.0, Threads::All);
    });
}

/// Runs `work` on every chunk with `width` sums of its own, set to 0.
fn with_sums(
    partial: &mut Vec<f32>,
    chunks: &[Chunk],
    width: usize,
    work: impl Fn(Chunk, &mut [f32]) + Sync,
) {
    let sums = Shared::new(room(partial, chunks.len() * width));
    rows::for_each(chunks, |i, chunk| {
        // SAFETY: each chunk has its own part.
        let sums = unsafe { sums.part(i * width..(i + 1) * width) };
        sums.fill(0.0);
        work(chunk, sums);
    });
}

/// Adds up columns `part` of the chunks' sums into each member's gradient of `slot`.
fn collect(
    pass: &Pass<'_>,
    gradients: &mut [Gradient],
    slot: Slot,
    partial: &[f32],
    (chunks, width, part): (&[Chunk], usize, Range<usize>),
) {
    for (member, gradient) in gradients.iter_mut().enumerate() {
        gradient.write(&pass.members[member], slot, |sums| {
            sums.fill(0.0);
            let own = chunks.iter().zip(partial.chunks_exact(width)).filter(|(c, _)| c.member == member);
            for (_, vector) in own {
                sums.iter_mut().zip(&vector[part.clone()]).for_each(|(sum, x)| *sum += x);
            }
        });
    }
}

fn norm(
    pass: &Pass<'_>,
    layer: usize,
    layout: Layout<'_>,
    (site, [bias, gamma, beta]): (Site, [BlockSlot; 3]),
    (hats, inverses): (&[f32], &[f32]),
    w: &mut Workspace,
    gradients: &mut [Gradient],
) {
    let hidden = pass.config.shape.hidden;
    let product = room(&mut w.product, layout.rows * hidden);
    let used = pass_rows(pass, layout);
    product[used * hidden..].fill(0.0);
    let (down, product) = (Shared::new(&mut w.down), Shared::new(product));
    with_sums(&mut w.partial, layout.chunks, 3 * hidden, |chunk, sums| {
        let scale = pass.members[chunk.member].get(Slot::Block(layer, gamma));
        let (dgamma, rest) = sums.split_at_mut(hidden);
        let (dbeta, dbias) = rest.split_at_mut(hidden);
        let mut sums = Sums { gamma: dgamma, beta: dbeta, bias: dbias };
        with_row(hidden, |factors| {
            for (row, &inverse) in inverses.iter().enumerate().take(chunk.end).skip(chunk.start) {
                let at = row * hidden..(row + 1) * hidden;
                pass.factors(site, chunk.member, row, layout.last, factors);
                // SAFETY: each row belongs to one chunk.
                let (dy, product) = unsafe { (down.part(at.clone()), product.part(at.clone())) };
                layer_norm::backward(dy, &hats[at], inverse, scale, factors, product, &mut sums);
            }
        });
    });
    for (i, slot) in [gamma, beta, bias].into_iter().enumerate() {
        let part = (layout.chunks, 3 * hidden, i * hidden..(i + 1) * hidden);
        collect(pass, gradients, Slot::Block(layer, slot), &w.partial, part);
    }
}

/// Rows of a layout that hold data: the rest pads a product.
fn pass_rows(pass: &Pass<'_>, layout: Layout<'_>) -> usize {
    if layout.last { pass.batch.sequences() } else { pass.batch.rows() }
}

fn block(
    pass: &Pass<'_>,
    plan: &Plan,
    layer: usize,
    a: &Activations,
    w: &mut Workspace,
    gradients: &mut [Gradient],
) {
    let (shape, layout) = (&pass.config.shape, pass.layout(layer));
    let (hidden, inner, rows) = (shape.hidden, shape.intermediate, layout.rows);
    let slot = |slot| Slot::Block(layer, slot);
    let reaches = |stage| plan.reaches(Depth::Block(layer, stage));

    let kept = (a.feed_forward_hats.get(layer), a.feed_forward_inverses.get(layer));
    let slots = [DownBias, FeedForwardGamma, FeedForwardBeta];
    norm(pass, layer, layout, (Site::FeedForward(layer), slots), kept, w, gradients);
    if !reaches(Stage::Down) {
        return;
    }
    let hiddens = a.hiddens.get(layer);
    weight_gradient(pass, gradients, slot(DownWeight), 0..hidden, &w.product, hiddens, rows, inner);
    if !reaches(Stage::Up) {
        return;
    }
    let up = room(&mut w.hidden, rows * inner);
    let weight = dense(pass.matrix(slot(DownWeight)), inner);
    nn(up, inner, Into::Replace, (rows, inner, hidden), dense(&w.product, hidden), weight, 1.0, Threads::All);
    let shared = Shared::new(up);
    let slopes = a.slopes.get(layer);
    with_sums(&mut w.partial, layout.chunks, inner, |chunk, sums| {
        let at = chunk.start * inner..chunk.end * inner;
        // SAFETY: each row belongs to one chunk.
        gelu::backward(unsafe { shared.part(at.clone()) }, &slopes[at], sums);
    });
    collect(pass, gradients, slot(UpBias), &w.partial, (layout.chunks, inner, 0..inner));
    weight_gradient(pass, gradients, slot(UpWeight), 0..inner, &w.hidden, a.middles.get(layer), rows, hidden);
    if !reaches(Stage::AttentionNorm) {
        return;
    }
    let weight = dense(pass.matrix(slot(UpWeight)), hidden);
    let dims = (rows, hidden, inner);
    nn(&mut w.down, hidden, Into::Add, dims, dense(&w.hidden, inner), weight, 1.0, Threads::All);

    let kept = (a.attention_hats.get(layer), a.attention_inverses.get(layer));
    let slots = [MixBias, AttentionGamma, AttentionBeta];
    norm(pass, layer, layout, (Site::Attention(layer), slots), kept, w, gradients);
    if !reaches(Stage::Mix) {
        return;
    }
    let contexts = a.contexts.get(layer);
    weight_gradient(pass, gradients, slot(MixWeight), 0..hidden, &w.product, contexts, rows, hidden);
    if !reaches(Stage::Qkv) {
        return;
    }
    let context = room(&mut w.context, rows * hidden);
    let weight = dense(pass.matrix(slot(MixWeight)), hidden);
    let dims = (rows, hidden, hidden);
    nn(context, hidden, Into::Replace, dims, dense(&w.product, hidden), weight, 1.0, Threads::All);
    attend(pass, layer, layout.last, a, w);
    projections(pass, plan, layer, a, w, gradients);
}

/// From the gradient to the context to those of queries, keys and values.
fn attend(pass: &Pass<'_>, layer: usize, last: bool, a: &Activations, w: &mut Workspace) {
    let (shape, batch) = (&pass.config.shape, pass.batch);
    let (hidden, width) = (shape.hidden, shape.hidden / shape.heads);
    let stride = if last { 2 * hidden } else { 3 * hidden };
    let room_for = pass.rows() * stride;
    room(&mut w.qkv, room_for)[batch.rows() * stride..].fill(0.0);
    room(&mut w.queries, pass.sequences() * hidden)[batch.sequences() * hidden..].fill(0.0);
    let (qkv, queries) = (Shared::new(&mut w.qkv), Shared::new(&mut w.queries));
    let kept = Projections::new(last, hidden, a.qkv.get(layer), &a.head_queries);
    let (probabilities, contexts, back) = (a.probabilities.get(layer), a.contexts.get(layer), &w.context);
    (0..batch.sequences() * shape.heads).into_par_iter().for_each(|task| {
        let (sequence, head) = (task / shape.heads, task % shape.heads);
        let (key, dims) = pass.head(layer, last, sequence, head);
        let start = batch.starts[sequence];
        let first = if last { sequence } else { start };
        let view = View { start: first * hidden + head * width, stride: hidden };
        with_head(|s| {
            pass.gather(s, &kept, layer, sequence, head);
            let zero = [0.0; MOST_WIDTH];
            attention::gather(&mut s.context, dims.0, back, view, &zero[..width], 1.0);
            let p = &probabilities[pass.probabilities(last, sequence, head)];
            attention::backward(s, dims, key, p, contexts, view, attention_scale(width));
            let scatter = |to: &Shared<'_, f32>, from: &[f32], start: usize, stride: usize| {
                for (i, row) in from.chunks_exact(width).enumerate() {
                    let at = start + i * stride + head * width;
                    // SAFETY: each row's columns of a head belong to one task.
                    unsafe { to.part(at..at + width) }.copy_from_slice(row);
                }
            };
            match last {
                true => scatter(&queries, &s.dq[..width], sequence * hidden, hidden),
                false => scatter(&qkv, &s.dq[..dims.0 * width], start * stride, stride),
            }
            scatter(&qkv, &s.dk[..dims.1 * width], start * stride + stride - 2 * hidden, stride);
            scatter(&qkv, &s.dv[..dims.1 * width], start * stride + stride - hidden, stride);
        });
    });
}

/// Widest head: no BERT has wider ones, and a model that does is refused.
pub const MOST_WIDTH: usize = 1024;

/// From the gradients to queries, keys and values to their weights, biases and input.
fn projections(
    pass: &Pass<'_>,
    plan: &Plan,
    layer: usize,
    a: &Activations,
    w: &mut Workspace,
    gradients: &mut [Gradient],
) {
    let (hidden, batch) = (pass.config.shape.hidden, pass.batch);
    let last = pass.layout(layer).last;
    let (bias, weight) = (Slot::Block(layer, QkvBias), Slot::Block(layer, QkvWeight));
    let stride = if last { 2 * hidden } else { 3 * hidden };
    let (rows, sequences) = (pass.rows(), pass.sequences());
    if pass.members.iter().any(|m| m.trains(bias)) {
        let qkv = &w.qkv;
        with_sums(&mut w.partial, &batch.chunks, stride, |chunk, sums| {
            gelu::add_columns(&qkv[chunk.start * stride..chunk.end * stride], sums);
        });
        for (member, gradient) in gradients.iter_mut().enumerate() {
            let sequences = batch.member_sequences[member].clone();
            gradient.write(&pass.members[member], bias, |sums| {
                sums.fill(0.0);
                let (query, rest) = sums.split_at_mut(3 * hidden - stride);
                if last {
                    gelu::add_columns(&w.queries[sequences.start * hidden..sequences.end * hidden], query);
                }
                let own = batch.chunks.iter().zip(w.partial.chunks_exact(stride));
                for (_, vector) in own.filter(|(c, _)| c.member == member) {
                    rest.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
                }
            });
        }
    }
    let input = a.inputs.get(layer);
    gradients[0].write(&pass.members[0], weight, |out| {
        let (query, rest) = out.split_at_mut((3 * hidden - stride) * hidden);
        let input = dense(input, hidden);
        if last {
            let (slope, heads) = (dense(&w.queries, hidden), dense(&a.head_inputs, hidden));
            let dims = (hidden, hidden, sequences);
            tn(query, hidden, Into::Replace, dims, slope, heads, 1.0, Threads::All);
        }
        let dims = (stride, hidden, rows);
        tn(rest, hidden, Into::Replace, dims, dense(&w.qkv, stride), input, 1.0, Threads::All);
    });
    if plan.lowest >= Depth::Block(layer, Stage::Qkv) {
        return;
    }

    let matrix = pass.matrix(weight);
    if last {
        let (query, key_value) = matrix.split_at(hidden * hidden);
        let dims = (sequences, hidden, hidden);
        let slope = dense(&w.queries, hidden);
        nn(&mut w.down, hidden, Into::Add, dims, slope, dense(query, hidden), 1.0, Threads::All);
        let input = room(&mut w.context, rows * hidden);
        let dims = (rows, hidden, 2 * hidden);
        let slope = dense(&w.qkv, 2 * hidden);
        nn(input, hidden, Into::Replace, dims, slope, dense(key_value, hidden), 1.0, Threads::All);
        for (sequence, own) in w.down.chunks_exact(hidden).take(batch.sequences()).enumerate() {
            let start = batch.starts[sequence] * hidden;
            input[start..start + hidden].iter_mut().zip(own).for_each(|(x, y)| *x += y);
        }
        std::mem::swap(&mut w.down, &mut w.context);
    } else {
        let dims = (rows, hidden, 3 * hidden);
        let slope = dense(&w.qkv, 3 * hidden);
        nn(&mut w.down, hidden, Into::Add, dims, slope, dense(matrix, hidden), 1.0, Threads::All);
    }
}

fn embeddings(pass: &Pass<'_>, a: &Activations, w: &mut Workspace, gradients: &mut [Gradient]) {
    let (hidden, batch) = (pass.config.shape.hidden, pass.batch);
    let product = Shared::new(room(&mut w.product, pass.rows() * hidden));
    let down = Shared::new(&mut w.down);
    with_sums(&mut w.partial, &batch.chunks, 3 * hidden, |chunk, sums| {
        let scale = pass.members[chunk.member].get(Slot::EmbeddingGamma);
        let (dgamma, rest) = sums.split_at_mut(hidden);
        let (dbeta, unused) = rest.split_at_mut(hidden);
        let mut sums = Sums { gamma: dgamma, beta: dbeta, bias: unused };
        with_row(hidden, |factors| {
            for row in chunk.start..chunk.end {
                let at = row * hidden..(row + 1) * hidden;
                // SAFETY: each row belongs to one chunk.
                let (dy, product) = unsafe { (down.part(at.clone()), product.part(at.clone())) };
                pass.factors(Site::Embeddings, chunk.member, row, false, factors);
                dy.iter_mut().zip(&*factors).for_each(|(dy, f)| *dy *= f);
                factors.fill(1.0);
                let inverse = a.embedding_inverses[row];
                layer_norm::backward(dy, &a.embedding_hats[at], inverse, scale, factors, product, &mut sums);
            }
        });
    });
    for (i, slot) in [Slot::EmbeddingGamma, Slot::EmbeddingBeta].into_iter().enumerate() {
        let part = (&batch.chunks[..], 3 * hidden, i * hidden..(i + 1) * hidden);
        collect(pass, gradients, slot, &w.partial, part);
    }
    let mut table = |slot: Slot, index: &dyn Fn(usize) -> usize| {
        gradients[0].write(&pass.members[0], slot, |table| {
            table.fill(0.0);
            for (row, slope) in w.down.chunks_exact(hidden).take(batch.rows()).enumerate() {
                let at = index(row) * hidden;
                table[at..at + hidden].iter_mut().zip(slope).for_each(|(sum, x)| *sum += x);
            }
        });
    };
    table(Slot::Words, &|row| batch.ids[row] as usize);
    table(Slot::Positions, &|row| batch.positions[row] as usize);
    table(Slot::Segments, &|row| usize::from(batch.segments[row]));
}

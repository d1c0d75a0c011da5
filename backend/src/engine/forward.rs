//! The forward pass, top to bottom: embeddings, blocks, pooler, head (Devlin et al., 2019).

use super::activations::{Activations, room};
use super::batch::Batch;
use super::kernels::attention::{self, Key, Scratch, View};
use super::kernels::dropout::{Dropout, Site};
use super::kernels::layer_norm::{self, Norm};
use super::kernels::matmul::{Into, Matrix, Threads, dense, fewest_rows, nt};
use super::kernels::rows::{self, Shared};
use super::kernels::{gelu, rows::Chunk};
use super::parameters::{BlockSlot::*, Parameters, Slot};
use super::{EncoderConfig, Objective};
use rayon::prelude::*;
use std::cell::RefCell;

/// What keys a member's dropout in a step; `None` turns it off.
#[derive(Clone, Copy, Debug)]
pub struct Draw {
    /// Seed of the run.
    pub seed: u64,
    /// Steps that the run has done.
    pub step: u32,
}

/// Everything a pass reads.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// The model's dimensions and dropout.
    pub config: &'a EncoderConfig,
    /// What the head predicts.
    pub objective: Objective,
    /// Weights of each member. Matrices are those of the first: members that train some go alone.
    pub members: &'a [Parameters],
    /// The packed sequences.
    pub batch: &'a Batch,
    /// Dropout of each member.
    pub draws: &'a [Option<Draw>],
}

thread_local! {
    static ROW: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static HEAD: RefCell<Scratch> = RefCell::default();
}

/// Lends the thread's row of `n` scalars.
pub fn with_row<R>(n: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    ROW.with_borrow_mut(|row| work(room(row, n)))
}

/// Lends the thread's room for one attention head.
pub fn with_head<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    HEAD.with_borrow_mut(work)
}

/// How the rows of a block are laid out: all tokens, or the one a sequence that the head reads.
#[derive(Clone, Copy)]
pub struct Layout<'a> {
    /// Whether it is the last block.
    pub last: bool,
    /// Rows behind attention, or the fewest of a product.
    pub rows: usize,
    /// The same rows, cut by member.
    pub chunks: &'a [Chunk],
}

impl<'a> Pass<'a> {
    /// A matrix that all members share.
    pub fn matrix(&self, slot: Slot) -> &'a [f32] {
        debug_assert!(slot.is_matrix());
        self.members[0].get(slot)
    }

    fn fewest_rows(&self) -> usize {
        fewest_rows(self.config.shape.hidden.min(self.config.shape.intermediate))
    }

    /// Tokens, or the fewest rows of a product.
    pub fn rows(&self) -> usize {
        self.batch.rows().max(self.fewest_rows())
    }

    /// Sequences, or the fewest rows of a product.
    pub fn sequences(&self) -> usize {
        self.batch.sequences().max(self.fewest_rows())
    }

    /// The layout of a block.
    pub fn layout(&self, layer: usize) -> Layout<'a> {
        if layer + 1 == self.config.shape.layers {
            Layout { last: true, rows: self.sequences(), chunks: &self.batch.head_chunks }
        } else {
            Layout { last: false, rows: self.rows(), chunks: &self.batch.chunks }
        }
    }

    fn dropout(&self, member: usize, probability: f32) -> Dropout {
        match self.draws[member] {
            Some(Draw { seed, step }) => Dropout { probability, seed, step },
            None => Dropout::OFF,
        }
    }

    /// Fills a row's dropout factors at a hidden site.
    pub fn factors(&self, site: Site, member: usize, row: usize, last: bool, out: &mut [f32]) {
        let (sequence, position) = match last {
            true => (row, 0),
            false => (self.batch.row_sequence[row] as usize, self.batch.positions[row] as usize),
        };
        let dropout = self.dropout(member, self.config.hidden_dropout);
        dropout.factors(site, self.batch.examples[sequence], position, out);
    }

    /// One head of one sequence: what keys its dropout, and its queries, tokens and width.
    pub fn head(
        &self,
        layer: usize,
        last: bool,
        sequence: usize,
        head: usize,
    ) -> (Key, (usize, usize, usize)) {
        let (batch, shape) = (self.batch, &self.config.shape);
        let n = batch.starts[sequence + 1] - batch.starts[sequence];
        let dropout = self.dropout(batch.members[sequence], self.config.attention_dropout);
        let key = Key { dropout, site: Site::Probabilities(layer), example: batch.examples[sequence], head };
        (key, (if last { 1 } else { n }, n, shape.hidden / shape.heads))
    }

    /// Where a head of a sequence keeps its probabilities.
    pub fn probabilities(&self, last: bool, sequence: usize, head: usize) -> std::ops::Range<usize> {
        let (batch, heads) = (self.batch, self.config.shape.heads);
        let n = batch.starts[sequence + 1] - batch.starts[sequence];
        let (start, size) = if last { (batch.starts[sequence], n) } else { (batch.squares[sequence], n * n) };
        start * heads + head * size..start * heads + (head + 1) * size
    }

    /// Copies a head's queries, keys and values, with their biases, into the scratch.
    pub fn gather(&self, s: &mut Scratch, qkv: &Projections<'_>, layer: usize, sequence: usize, head: usize) {
        let shape = &self.config.shape;
        let (hidden, width) = (shape.hidden, shape.hidden / shape.heads);
        let bias = self.members[self.batch.members[sequence]].get(Slot::Block(layer, QkvBias));
        let part = |i: usize| &bias[i * hidden + head * width..i * hidden + (head + 1) * width];
        let (_, (queries, n, _)) = self.head(layer, qkv.last, sequence, head);
        let start = self.batch.starts[sequence];
        let first = if qkv.last { sequence } else { start };
        let scale = attention_scale(width);
        let view = |start: usize, stride: usize| View { start: start + head * width, stride };
        let kv = qkv.key_value.stride;
        attention::gather(
            &mut s.q,
            queries,
            qkv.query.data,
            view(first * qkv.query.stride, qkv.query.stride),
            part(0),
            scale,
        );
        attention::gather(
            &mut s.k,
            n,
            qkv.key_value.data,
            view(start * kv + kv - 2 * hidden, kv),
            part(1),
            1.0,
        );
        attention::gather(&mut s.v, n, qkv.key_value.data, view(start * kv + kv - hidden, kv), part(2), 1.0);
    }
}

/// 1 / √d of a head of width d.
pub fn attention_scale(width: usize) -> f32 {
    1.0 / (width as f32).sqrt()
}

/// Where a block's queries, keys and values stand: key and value in the last two thirds of a row.
#[derive(Clone, Copy)]
pub struct Projections<'a> {
    /// One row a query.
    pub query: Matrix<'a>,
    /// One row a token.
    pub key_value: Matrix<'a>,
    /// Whether it is the last block's.
    pub last: bool,
}

impl<'a> Projections<'a> {
    /// Of a block.
    pub fn new(last: bool, hidden: usize, qkv: &'a [f32], head_queries: &'a [f32]) -> Self {
        if last {
            Self { query: dense(head_queries, hidden), key_value: dense(qkv, 2 * hidden), last }
        } else {
            Self { query: dense(qkv, 3 * hidden), key_value: dense(qkv, 3 * hidden), last }
        }
    }
}

/// Runs the encoder and the head; logits and all that the way back needs are in `a` afterwards.
pub fn forward(pass: &Pass<'_>, a: &mut Activations) {
    embed(pass, a);
    for layer in 0..pass.config.shape.layers {
        block(pass, layer, a);
    }
    head(pass, a);
}

fn embed(pass: &Pass<'_>, a: &mut Activations) {
    let (hidden, batch) = (pass.config.shape.hidden, pass.batch);
    let words = pass.matrix(Slot::Words);
    let positions = pass.matrix(Slot::Positions);
    let segments = pass.matrix(Slot::Segments);
    let hats = Shared::new(room(&mut a.embedding_hats, pass.rows() * hidden));
    let inverses = Shared::new(room(&mut a.embedding_inverses, pass.rows()));
    let out = Shared::new(a.inputs.room(0, pass.rows() * hidden));
    rows::for_each(&batch.chunks, |_, chunk| {
        let member = &pass.members[chunk.member];
        let norm = Norm {
            gamma: member.get(Slot::EmbeddingGamma),
            beta: member.get(Slot::EmbeddingBeta),
            epsilon: pass.config.layer_norm_epsilon,
        };
        with_row(hidden, |factors| {
            for row in chunk.start..chunk.end {
                let at = row * hidden..(row + 1) * hidden;
                // SAFETY: each row belongs to one chunk.
                let (z, y, inverse) =
                    unsafe { (hats.part(at.clone()), out.part(at), inverses.part(row..row + 1)) };
                let of = |table: &'_ [f32], i: usize, j: usize| table[i * hidden + j];
                let (word, position) = (batch.ids[row] as usize, batch.positions[row] as usize);
                let segment = usize::from(batch.segments[row]);
                for (j, z) in z.iter_mut().enumerate() {
                    *z = of(words, word, j) + of(segments, segment, j) + of(positions, position, j);
                }
                pass.factors(Site::Embeddings, chunk.member, row, false, factors);
                inverse[0] = layer_norm::forward_embedding(z, factors, y, norm);
            }
        });
    });
}

fn block(pass: &Pass<'_>, layer: usize, a: &mut Activations) {
    let (shape, batch) = (&pass.config.shape, pass.batch);
    let (hidden, inner) = (shape.hidden, shape.intermediate);
    let layout = pass.layout(layer);
    let weight = |slot| pass.matrix(Slot::Block(layer, slot));
    let linear = |y: &mut [f32], x: &[f32], weight: &[f32], dims: (usize, usize, usize)| {
        nt(y, dims.1, Into::Replace, dims, dense(x, dims.2), dense(weight, dims.2), 1.0, Threads::All);
    };

    let mut output = a.inputs.take(layer + 1, layout.rows * hidden);
    let input = a.inputs.get(layer);
    let projection = weight(QkvWeight);
    if layout.last {
        let heads = room(&mut a.head_inputs, layout.rows * hidden);
        for (sequence, row) in heads.chunks_exact_mut(hidden).take(batch.sequences()).enumerate() {
            let start = batch.starts[sequence] * hidden;
            row.copy_from_slice(&input[start..start + hidden]);
        }
        let (query, key_value) = projection.split_at(hidden * hidden);
        let queries = room(&mut a.head_queries, layout.rows * hidden);
        linear(queries, heads, query, (layout.rows, hidden, hidden));
        let qkv = a.qkv.room(layer, pass.rows() * 2 * hidden);
        linear(qkv, input, key_value, (pass.rows(), 2 * hidden, hidden));
    } else {
        let qkv = a.qkv.room(layer, pass.rows() * 3 * hidden);
        linear(qkv, input, projection, (pass.rows(), 3 * hidden, hidden));
    }

    let squares = if layout.last { batch.rows() } else { batch.squares[batch.sequences()] };
    let context = a.contexts.room(layer, layout.rows * hidden);
    let probabilities = Shared::new(a.probabilities.room(layer, squares * shape.heads));
    attend(
        pass,
        layer,
        Projections::new(layout.last, hidden, a.qkv.get(layer), &a.head_queries),
        context,
        probabilities,
    );

    let residual = if layout.last { a.head_inputs.as_slice() } else { input };
    let hats = a.attention_hats.room(layer, layout.rows * hidden);
    linear(hats, context, weight(MixWeight), (layout.rows, hidden, hidden));
    let inverses = a.attention_inverses.room(layer, layout.rows);
    let middle = a.middles.room(layer, layout.rows * hidden);
    let slots = [MixBias, AttentionGamma, AttentionBeta];
    norm(pass, layer, layout, (Site::Attention(layer), slots), residual, hats, inverses, middle);

    let slopes = a.slopes.room(layer, layout.rows * inner);
    linear(slopes, middle, weight(UpWeight), (layout.rows, inner, hidden));
    let hiddens = a.hiddens.room(layer, layout.rows * inner);
    let (up, out) = (Shared::new(slopes), Shared::new(hiddens));
    rows::for_each(layout.chunks, |_, chunk| {
        let at = chunk.start * inner..chunk.end * inner;
        // SAFETY: each row belongs to one chunk.
        let (up, out) = unsafe { (up.part(at.clone()), out.part(at)) };
        gelu::forward(up, pass.members[chunk.member].get(Slot::Block(layer, UpBias)), out);
    });

    let hats = a.feed_forward_hats.room(layer, layout.rows * hidden);
    linear(hats, hiddens, weight(DownWeight), (layout.rows, hidden, inner));
    let inverses = a.feed_forward_inverses.room(layer, layout.rows);
    let slots = [DownBias, FeedForwardGamma, FeedForwardBeta];
    norm(pass, layer, layout, (Site::FeedForward(layer), slots), middle, hats, inverses, &mut output);
    a.inputs.put(layer + 1, output);
}

fn attend(
    pass: &Pass<'_>,
    layer: usize,
    qkv: Projections<'_>,
    context: &mut [f32],
    probabilities: Shared<'_, f32>,
) {
    let (shape, batch) = (&pass.config.shape, pass.batch);
    let width = shape.hidden / shape.heads;
    let context = Shared::new(context);
    (0..batch.sequences() * shape.heads).into_par_iter().for_each(|task| {
        let (sequence, head) = (task / shape.heads, task % shape.heads);
        let (key, dims) = pass.head(layer, qkv.last, sequence, head);
        with_head(|s| {
            pass.gather(s, &qkv, layer, sequence, head);
            // SAFETY: each sequence and head has its own part.
            let p = unsafe { probabilities.part(pass.probabilities(qkv.last, sequence, head)) };
            attention::forward(s, dims, key, p);
            let first = if qkv.last { sequence } else { batch.starts[sequence] };
            for (i, row) in s.context[..dims.0 * width].chunks_exact(width).enumerate() {
                let start = (first + i) * shape.hidden + head * width;
                // SAFETY: each row's columns of a head belong to one task.
                unsafe { context.part(start..start + width) }.copy_from_slice(row);
            }
        });
    });
}

fn norm(
    pass: &Pass<'_>,
    layer: usize,
    layout: Layout<'_>,
    (site, [bias, gamma, beta]): (Site, [super::parameters::BlockSlot; 3]),
    residual: &[f32],
    hats: &mut [f32],
    inverses: &mut [f32],
    out: &mut [f32],
) {
    let hidden = pass.config.shape.hidden;
    let (hats, inverses, out) = (Shared::new(hats), Shared::new(inverses), Shared::new(out));
    rows::for_each(layout.chunks, |_, chunk| {
        let get = |slot| pass.members[chunk.member].get(Slot::Block(layer, slot));
        let norm = Norm { gamma: get(gamma), beta: get(beta), epsilon: pass.config.layer_norm_epsilon };
        let bias = get(bias);
        with_row(hidden, |factors| {
            for row in chunk.start..chunk.end {
                let at = row * hidden..(row + 1) * hidden;
                pass.factors(site, chunk.member, row, layout.last, factors);
                // SAFETY: each row belongs to one chunk.
                let (hat, y, inverse) =
                    unsafe { (hats.part(at.clone()), out.part(at.clone()), inverses.part(row..row + 1)) };
                inverse[0] = layer_norm::forward(hat, bias, factors, &residual[at], y, norm);
            }
        });
    });
}

fn head(pass: &Pass<'_>, a: &mut Activations) {
    let (shape, batch) = (&pass.config.shape, pass.batch);
    let (hidden, outputs, rows) = (shape.hidden, pass.objective.outputs(), pass.sequences());
    let pooled = room(&mut a.pooled, rows * hidden);
    let weight = dense(pass.matrix(Slot::PoolerWeight), hidden);
    let encoded = dense(a.inputs.get(shape.layers), hidden);
    nt(pooled, hidden, Into::Replace, (rows, hidden, hidden), encoded, weight, 1.0, Threads::All);
    let dropped = room(&mut a.dropped, rows * hidden);
    let logits = room(&mut a.logits, batch.sequences() * outputs);
    for sequence in 0..batch.sequences() {
        let member = &pass.members[batch.members[sequence]];
        let at = sequence * hidden..(sequence + 1) * hidden;
        let (row, dropped) = (&mut pooled[at.clone()], &mut dropped[at]);
        pass.factors(Site::Pooled, batch.members[sequence], sequence, true, dropped);
        for ((x, kept), bias) in row.iter_mut().zip(dropped.iter_mut()).zip(member.get(Slot::PoolerBias)) {
            *x = (*x + bias).tanh();
            *kept *= *x;
        }
        let (weight, bias) = member.head();
        let logits = &mut logits[sequence * outputs..(sequence + 1) * outputs];
        for ((logit, weight), bias) in logits.iter_mut().zip(weight.chunks_exact(hidden)).zip(bias) {
            *logit = bias + super::kernels::math::sum(hidden, |i| weight[i] * dropped[i]);
        }
    }
}

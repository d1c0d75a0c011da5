//! The backward pass, from the loss down to the lowest scalar that trains.
//!
//! It goes down with the members that have branched: what it works on are always their rows, and those of the
//! last of them are left behind as it passes their levels (see [`super::layout`]).

use super::activations::{Activations, room};
use super::batch::Space;
use super::kernels::attention;
use super::kernels::dropout::Site;
use super::kernels::layer_norm::{self, Sums};
use super::kernels::matmul::{Into, Threads, dense, nn, tn};
use super::kernels::rows::{self, Chunk, Shared};
use super::kernels::{gelu, head, sparse};
use super::layout::Level;
use super::parameters::Gradient;
use super::pass::{Heads, Pass, attention_scale, with_head, with_row};
use super::plan::{Depth, Plan, Stage};
use super::slots::{BlockSlot::*, Slot};
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
    /// To the last block's queries `[reads, hidden]`.
    queries: Vec<f32>,
    /// To the logits `[reads, outputs]`.
    logits: Vec<f32>,
    /// Sums of each chunk.
    partial: Vec<f32>,
}

impl Workspace {
    /// Bytes held.
    pub fn bytes(&self) -> usize {
        let all = [
            &self.down,
            &self.product,
            &self.context,
            &self.hidden,
            &self.qkv,
            &self.queries,
            &self.logits,
            &self.partial,
        ];
        4 * all.iter().map(|buffer| buffer.capacity()).sum::<usize>()
    }
}

/// What the way down reads and writes.
struct Way<'a, 'g, 'm> {
    pass: &'a Pass<'a>,
    plan: &'a Plan,
    a: &'a Activations,
    gradients: &'g mut [&'m mut Gradient],
}

/// Mean loss of each member, and its gradient into `gradients`.
pub fn backward(
    pass: &Pass<'_>,
    plan: &Plan,
    a: &Activations,
    w: &mut Workspace,
    gradients: &mut [&mut Gradient],
) -> Vec<f64> {
    let mut way = Way { pass, plan, a, gradients };
    let losses = way.loss(w);
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
    fn loss(&mut self, w: &mut Workspace) -> Vec<f64> {
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
            losses.push(head::loss(pass.objective, &a.logits[at], targets, slopes));
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
    fn features(&mut self, w: &mut Workspace) {
        let (pass, a, layers) = (self.pass, self.a, self.pass.config.shape.layers);
        let (hidden, outputs) = (pass.config.shape.hidden, pass.objective.outputs());
        let (at, pooled) = (pass.features(), pass.objective.is_pooled());
        let rows = pass.layout.kept(at, Space::Reads);
        let buffer = if pooled { &mut w.product } else { &mut w.down };
        let out = Shared::new(room(buffer, pass.padded(rows) * hidden));
        let slopes = &w.logits;
        rows::for_each(pass.layout.kept_chunks(at, Space::Reads), |_, chunk| {
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
            self.input(
                Slot::PoolerWeight,
                0..hidden,
                &w.product,
                (&mut w.down, Into::Replace),
                (before, Space::Reads, rows),
            );
        }
    }

    /// `dW = dyᵀ x` for rows `part` of a matrix, where a member trains it or elements of it.
    ///
    /// `level` is that of the matrix's input: whoever trains any of it has rows of its own there.
    fn weight(
        &mut self,
        slot: Slot,
        part: Range<usize>,
        slope: &[f32],
        input: &[f32],
        (level, space): (Level, Space),
        partial: &mut Vec<f32>,
    ) {
        let pass = self.pass;
        let (columns, outputs) = (slot.columns(&pass.config.shape), part.len());
        for (number, (member, gradient)) in pass.members.iter().zip(&mut *self.gradients).enumerate() {
            if let Some(difference) = member.difference(slot) {
                let (difference, first) = difference.rows(part.clone());
                let width = difference.elements.len();
                let chunks = pass.layout.kept_chunks(level, space).iter().filter(|c| c.member == number);
                let chunks: Vec<Chunk> = chunks.copied().collect();
                with_sums(partial, &chunks, width, |chunk, sums| {
                    let rows = chunk.start..chunk.start + chunk.rows;
                    let slope = &slope[rows.start * outputs..rows.end * outputs];
                    let input = &input[rows.start * columns..rows.end * columns];
                    sparse::gradient(difference, first, (slope, outputs), (input, columns), sums);
                });
                let (sum, rest) = partial[..chunks.len() * width].split_at_mut(width);
                for more in rest.chunks_exact(width.max(1)) {
                    sum.iter_mut().zip(more).for_each(|(sum, x)| *sum += x);
                }
                gradient.elements(difference.elements, sum);
            } else if member.trains(slot) {
                let rows = pass.layout.kept(level, space);
                gradient.write(member, slot, |weight| {
                    let out = &mut weight[part.start * columns..part.end * columns];
                    let dims = (outputs, columns, rows);
                    let (slope, input) = (dense(slope, outputs), dense(input, columns));
                    tn(out, columns, Into::Replace, dims, slope, input, 1.0, Threads::All);
                });
            }
        }
    }

    /// `dx (+)= dy W` for rows `part` of a matrix, of the first `rows` rows at the level of its input.
    fn input(
        &self,
        slot: Slot,
        part: Range<usize>,
        slope: &[f32],
        (out, into): (&mut Vec<f32>, Into),
        (level, space, rows): (Level, Space, usize),
    ) {
        let pass = self.pass;
        let (columns, outputs) = (slot.columns(&pass.config.shape), part.len());
        let rows = pass.padded(rows);
        let weight = &pass.matrix(slot)[part.start * columns..part.end * columns];
        let out = room(out, rows * columns);
        let dims = (rows, columns, outputs);
        nn(out, columns, into, dims, dense(slope, outputs), dense(weight, columns), 1.0, Threads::All);
        if !pass.members.iter().any(|m| m.difference(slot).is_some()) {
            return;
        }
        let out = Shared::new(out);
        rows::for_each(pass.layout.kept_chunks(level, space), |_, chunk| {
            let Some(difference) = pass.members[chunk.member].difference(slot) else { return };
            let (difference, first) = difference.rows(part.clone());
            let rows = chunk.start..chunk.start + chunk.rows;
            // SAFETY: each row belongs to one chunk.
            let out = unsafe { out.part(rows.start * columns..rows.end * columns) };
            let slope = &slope[rows.start * outputs..rows.end * outputs];
            sparse::backward(difference, first, (slope, outputs), (out, columns));
        });
    }

    /// Adds up columns `part` of the chunks' sums into each member's gradient of `slot`.
    fn collect(
        &mut self,
        slot: Slot,
        partial: &[f32],
        (chunks, width, part): (&[Chunk], usize, Range<usize>),
    ) {
        let mut own = chunks.iter().zip(partial.chunks_exact(width)).peekable();
        while let Some(&(&Chunk { member, .. }, _)) = own.peek() {
            self.gradients[member].write(self.pass.members[member], slot, |sums| {
                sums.fill(0.0);
                let more = own.clone().take_while(|(chunk, _)| chunk.member == member);
                for (_, vector) in more {
                    sums.iter_mut().zip(&vector[part.clone()]).for_each(|(sum, x)| *sum += x);
                }
            });
            while own.next_if(|(chunk, _)| chunk.member == member).is_some() {}
        }
    }

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
        self.input(slot(DownWeight), 0..hidden, &w.product, (&mut w.hidden, Into::Replace), rows);
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
        self.input(slot(UpWeight), 0..inner, &w.hidden, (&mut w.down, Into::Add), rows);

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
        self.input(slot(MixWeight), 0..hidden, &w.product, (&mut w.context, Into::Replace), rows);
        self.attend(layer, w);
        self.projections(layer, w);
    }

    /// From the gradient to the context to those of queries, keys and values.
    fn attend(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, a) = (self.pass, self.a);
        let shape = &pass.config.shape;
        let (hidden, width, space) = (shape.hidden, shape.hidden / shape.heads, pass.space(layer));
        let at = Level::attention(layer);
        let heads = Heads::new(pass, layer, a.qkv.get(layer), &a.head_queries);
        let (stride, last) = (heads.stride(), space == Space::Reads);
        let rows = pass.padded(pass.layout.kept(at, Space::Tokens));
        let qkv = Shared::new(room(&mut w.qkv, rows * stride));
        let rows = pass.padded(pass.layout.kept(at, Space::Reads));
        let queries = Shared::new(room(&mut w.queries, rows * hidden));
        let (probabilities, back) = (a.probabilities.get(layer), &w.context);
        let lanes = &pass.layout.lanes(at)[..pass.layout.branched(at)];
        heads.for_each(lanes, |lane, sequence, head| {
            let (key, dims) = heads.key(lane.member, sequence, head);
            let row = |space| pass.row(at, lane.member, space, pass.batch.range(sequence, space).start);
            with_head(|s| {
                heads.gather(s, lane.member, sequence, head);
                let view = attention::View { start: row(space) * hidden + head * width, stride: hidden };
                let zero = [0.0; MOST_WIDTH];
                attention::gather(&mut s.context, dims.0, back, view, &zero[..width], 1.0);
                let p = &probabilities[heads.probabilities(lane.member, sequence, head)];
                attention::backward(s, dims, key, p, attention_scale(width));
                let scatter = |to: &Shared<'_, f32>, from: &[f32], start: usize, stride: usize| {
                    for (i, row) in from.chunks_exact(width).enumerate() {
                        let at = start + i * stride + head * width;
                        // SAFETY: each row's columns of a head belong to one task.
                        unsafe { to.part(at..at + width) }.copy_from_slice(row);
                    }
                };
                let start = row(Space::Tokens) * stride;
                match last {
                    true => scatter(&queries, &s.dq[..dims.0 * width], row(Space::Reads) * hidden, hidden),
                    false => scatter(&qkv, &s.dq[..dims.0 * width], start, stride),
                }
                scatter(&qkv, &s.dk[..dims.1 * width], start + stride - 2 * hidden, stride);
                scatter(&qkv, &s.dv[..dims.1 * width], start + stride - hidden, stride);
            });
        });
    }

    /// From the gradients to queries, keys and values to their weights, biases and input.
    fn projections(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, a) = (self.pass, self.a);
        let hidden = pass.config.shape.hidden;
        let last = pass.space(layer) == Space::Reads;
        let (bias, weight) = (Slot::Block(layer, QkvBias), Slot::Block(layer, QkvWeight));
        let (own, stride) = if last { (hidden, 2 * hidden) } else { (0, 3 * hidden) };
        self.projection_bias(bias, (own, stride), Level::attention(layer), w);

        let at = Level::input(layer);
        let input = a.inputs.get(layer);
        let rest = own..3 * hidden;
        self.weight(weight, rest.clone(), &w.qkv, input, (at, Space::Tokens), &mut w.partial);
        if last {
            let heads = &a.head_inputs;
            self.weight(weight, 0..hidden, &w.queries, heads, (at, Space::Reads), &mut w.partial);
        }
        if self.plan.lowest >= Depth::Block(layer, Stage::Qkv) {
            return;
        }
        let kept = |space| (at, space, pass.layout.kept(at, space));
        if !last {
            self.input(weight, rest, &w.qkv, (&mut w.down, Into::Add), kept(Space::Tokens));
            return;
        }
        self.input(weight, 0..hidden, &w.queries, (&mut w.down, Into::Add), kept(Space::Reads));
        self.input(weight, rest, &w.qkv, (&mut w.context, Into::Replace), kept(Space::Tokens));
        for chunk in pass.layout.kept_chunks(at, Space::Reads) {
            for i in 0..chunk.rows {
                let to = pass.read_row(at, chunk.member, chunk.row + i) * hidden;
                let from = (chunk.start + i) * hidden;
                let own = &w.down[from..from + hidden];
                w.context[to..to + hidden].iter_mut().zip(own).for_each(|(x, y)| *x += y);
            }
        }
        std::mem::swap(&mut w.down, &mut w.context);
    }

    /// The gradient of the biases of queries, keys and values: `own` columns of queries stand apart.
    fn projection_bias(&mut self, bias: Slot, (own, stride): (usize, usize), at: Level, w: &mut Workspace) {
        let pass = self.pass;
        if !pass.members.iter().any(|m| m.trains(bias)) {
            return;
        }
        let tokens = pass.layout.kept_chunks(at, Space::Tokens);
        let reads = if own > 0 { pass.layout.kept_chunks(at, Space::Reads) } else { &[] };
        let (qkv, queries) = (&w.qkv, &w.queries);
        let chunks: Vec<(&[f32], usize, Chunk)> = reads
            .iter()
            .map(|chunk| (&queries[..], own, *chunk))
            .chain(tokens.iter().map(|chunk| (&qkv[..], stride, *chunk)))
            .collect();
        let all: Vec<Chunk> = chunks.iter().map(|(.., chunk)| *chunk).collect();
        let width = own + stride;
        with_indexed_sums(&mut w.partial, &all, width, |i, chunk, sums| {
            let (rows, columns, _) = chunks[i];
            let part = if columns == own && own > 0 { 0..own } else { own..width };
            let rows = &rows[chunk.start * columns..(chunk.start + chunk.rows) * columns];
            gelu::add_columns(rows, &mut sums[part]);
        });
        for (number, gradient) in self.gradients.iter_mut().enumerate().take(pass.layout.branched(at)) {
            let vectors = all.iter().zip(w.partial.chunks_exact(width));
            gradient.write(pass.members[number], bias, |sums| {
                sums.fill(0.0);
                for (_, vector) in vectors.filter(|(chunk, _)| chunk.member == number) {
                    sums.iter_mut().zip(vector).for_each(|(sum, x)| *sum += x);
                }
            });
        }
    }

    fn embeddings(&mut self, w: &mut Workspace) {
        let (pass, a) = (self.pass, self.a);
        let hidden = pass.config.shape.hidden;
        let at = Level::EMBEDDINGS;
        let chunks = pass.layout.kept_chunks(at, Space::Tokens);
        let product = Shared::new(room(&mut w.product, pass.layout.kept(at, Space::Tokens) * hidden));
        let down = Shared::new(&mut w.down);
        with_sums(&mut w.partial, chunks, 3 * hidden, |chunk, sums| {
            let scale = pass.members[chunk.member].get(Slot::EmbeddingGamma);
            let (dgamma, rest) = sums.split_at_mut(hidden);
            let (dbeta, unused) = rest.split_at_mut(hidden);
            let mut sums = Sums { gamma: dgamma, beta: dbeta, bias: unused };
            with_row(hidden, |factors| {
                for i in 0..chunk.rows {
                    let row = chunk.start + i;
                    let at = row * hidden..(row + 1) * hidden;
                    // SAFETY: each row belongs to one chunk.
                    let (dy, product) = unsafe { (down.part(at.clone()), product.part(at.clone())) };
                    pass.factors(Site::Embeddings, chunk.member, Space::Tokens, chunk.row + i, factors);
                    dy.iter_mut().zip(&*factors).for_each(|(dy, f)| *dy *= f);
                    factors.fill(1.0);
                    let (hat, inverse) = (&a.embedding_hats[at], a.embedding_inverses[row]);
                    layer_norm::backward(dy, hat, inverse, scale, factors, product, &mut sums);
                }
            });
        });
        for (i, slot) in [Slot::EmbeddingGamma, Slot::EmbeddingBeta].into_iter().enumerate() {
            self.collect(slot, &w.partial, (chunks, 3 * hidden, i * hidden..(i + 1) * hidden));
        }
        for (table, slot) in [Slot::Words, Slot::Segments, Slot::Positions].into_iter().enumerate() {
            self.table(table, slot, chunks, &w.down);
        }
    }

    /// The gradient of one of the embeddings' tables.
    fn table(&mut self, table: usize, slot: Slot, chunks: &[Chunk], slopes: &[f32]) {
        let pass = self.pass;
        let hidden = pass.config.shape.hidden;
        let rows = |member: usize| {
            let own = chunks.iter().filter(move |chunk| chunk.member == member);
            own.flat_map(|chunk| (0..chunk.rows).map(|i| (chunk.row + i, chunk.start + i))).map(
                |(token, row)| {
                    (pass.batch.embedding_rows(token)[table], &slopes[row * hidden..(row + 1) * hidden])
                },
            )
        };
        for (number, gradient) in
            self.gradients.iter_mut().enumerate().take(pass.layout.branched(Level::EMBEDDINGS))
        {
            let member = &pass.members[number];
            if let Some(difference) = member.difference(slot) {
                let mut sums = vec![0.0; difference.elements.len()];
                for (place, slope) in rows(number) {
                    let first = difference.elements.partition_point(|e| (e.row as usize) < place);
                    let own = difference.elements[first..].iter().zip(&mut sums[first..]);
                    own.take_while(|(e, _)| e.row as usize == place)
                        .for_each(|(e, sum)| *sum += slope[e.column as usize]);
                }
                gradient.elements(difference.elements, &sums);
            } else {
                gradient.write(member, slot, |table| {
                    table.fill(0.0);
                    for (place, slope) in rows(number) {
                        let at = place * hidden;
                        table[at..at + hidden].iter_mut().zip(slope).for_each(|(sum, x)| *sum += x);
                    }
                });
            }
        }
    }
}

/// Runs `work` on every chunk with `width` sums of its own, set to 0.
fn with_sums(
    partial: &mut Vec<f32>,
    chunks: &[Chunk],
    width: usize,
    work: impl Fn(Chunk, &mut [f32]) + Sync,
) {
    with_indexed_sums(partial, chunks, width, |_, chunk, sums| work(chunk, sums));
}

/// The same, with the chunk's place in the list.
fn with_indexed_sums(
    partial: &mut Vec<f32>,
    chunks: &[Chunk],
    width: usize,
    work: impl Fn(usize, Chunk, &mut [f32]) + Sync,
) {
    let sums = Shared::new(room(partial, chunks.len() * width));
    rows::for_each(chunks, |i, chunk| {
        // SAFETY: each chunk has its own part.
        let sums = unsafe { sums.part(i * width..(i + 1) * width) };
        sums.fill(0.0);
        work(i, chunk, sums);
    });
}

/// Widest head: no BERT has wider ones, and a model that does is refused.
pub const MOST_WIDTH: usize = 1024;

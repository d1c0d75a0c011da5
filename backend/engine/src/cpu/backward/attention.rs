//! From the gradient to attention's output to those of its projections and their input.

use super::Way;
use crate::cpu::chunks::with_indexed_sums;
use crate::cpu::heads::{Heads, MOST_WIDTH};
use crate::cpu::kernels::matmul::Into;
use crate::cpu::kernels::rows::Shared;
use crate::cpu::kernels::{attention, gelu};
use crate::cpu::scratch::{room, with_head};
use crate::cpu::workspace::Workspace;
use crate::pass::attention_scale;
use crate::plan::batch::Space;
use crate::plan::layout::Chunk;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot::*, Slot};
use crate::plan::{Depth, Stage};

impl Way<'_, '_, '_> {
    /// From the gradient to the context to those of queries, keys and values.
    pub(super) fn attend(&mut self, layer: usize, w: &mut Workspace) {
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
    pub(super) fn projections(&mut self, layer: usize, w: &mut Workspace) {
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
            pass.input_gradient(weight, rest, &w.qkv, (&mut w.down, Into::Add), kept(Space::Tokens));
            return;
        }
        pass.input_gradient(weight, 0..hidden, &w.queries, (&mut w.down, Into::Add), kept(Space::Reads));
        pass.input_gradient(weight, rest, &w.qkv, (&mut w.context, Into::Replace), kept(Space::Tokens));
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
    pub(super) fn projection_bias(
        &mut self,
        bias: Slot,
        (own, stride): (usize, usize),
        at: Level,
        w: &mut Workspace,
    ) {
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
}

//! From the gradient to attention's output to those of its projections and their input.

use super::Backward;
use crate::cpu::chunks::{ChunkSums, with_sums};
use crate::cpu::heads::{Heads, MAX_HEAD_WIDTH};
use crate::cpu::kernels::matmul::Accumulate;
use crate::cpu::kernels::rows::DisjointSlice;
use crate::cpu::kernels::{attention, gelu};
use crate::cpu::scratch::{room, with_head};
use crate::cpu::workspace::Workspace;
use crate::pass::attention_scale;
use crate::plan::batch::RowKind;
use crate::plan::layout::Chunk;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot::*, Slot};
use crate::plan::{Depth, Stage};

impl Backward<'_, '_, '_> {
    /// From the gradient to the context to those of queries, keys and values.
    pub(super) fn attend(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, a) = (self.pass, self.a);
        let shape = &pass.config.shape;
        let (hidden, width, kind) = (shape.hidden, shape.hidden / shape.heads, pass.row_kind(layer));
        let level = Level::attention(layer);
        let heads = Heads::new(pass, layer, a.qkv.get(layer), &a.head_queries);
        let (stride, last) = (heads.stride(), pass.is_last(layer));
        let count = pass.padded(pass.layout.kept(level.tokens()));
        let d_qkv = DisjointSlice::new(room(&mut w.d_qkv, count * stride));
        let count = pass.padded(pass.layout.kept(level.reads()));
        let d_queries = DisjointSlice::new(room(&mut w.d_queries, count * hidden));
        let (probabilities, d_context) = (a.probabilities.get(layer), &w.d_context);
        let lanes = &pass.layout.lanes(level)[..pass.layout.branched(level)];
        heads.for_each(lanes, |lane, sequence, head| {
            let (key, dims) = (heads.dropout_key(lane.member, sequence, head), heads.dims(sequence));
            let row = |kind| pass.row(level, lane.member, kind, pass.batch.range(sequence, kind).start);
            with_head(|s| {
                heads.gather(s, lane.member, sequence, head);
                let view = attention::View { start: row(kind) * hidden + head * width, stride: hidden };
                let zero = [0.0; MAX_HEAD_WIDTH];
                attention::gather(&mut s.context, dims.queries, d_context, view, &zero[..width], 1.0);
                let p = &probabilities[heads.probabilities(lane.member, sequence, head)];
                attention::backward(s, dims, key, p, attention_scale(width));
                let scatter = |to: &DisjointSlice<'_, f32>, from: &[f32], start: usize, stride: usize| {
                    for (i, row) in from.chunks_exact(width).enumerate() {
                        let at = start + i * stride + head * width;
                        // SAFETY: each row's columns of a head belong to one task.
                        unsafe { to.get_mut(at..at + width) }.copy_from_slice(row);
                    }
                };
                let start = row(RowKind::Tokens) * stride;
                let d_q = &s.d_q[..dims.queries * width];
                match last {
                    true => scatter(&d_queries, d_q, row(RowKind::Reads) * hidden, hidden),
                    false => scatter(&d_qkv, d_q, start, stride),
                }
                scatter(&d_qkv, &s.d_k[..dims.keys * width], start + stride - 2 * hidden, stride);
                scatter(&d_qkv, &s.d_v[..dims.keys * width], start + stride - hidden, stride);
            });
        });
    }

    /// From the gradients to queries, keys and values to their weights, biases and input.
    pub(super) fn projections(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, a, hidden) = (self.pass, self.a, self.pass.hidden());
        let last = pass.is_last(layer);
        let weight = Slot::Block(layer, QkvWeight);
        self.projection_bias(layer, w);

        let (tokens, reads) = (Level::input(layer).tokens(), Level::input(layer).reads());
        let input = a.inputs.get(layer);
        let query = pass.part(weight, 0, 0..hidden);
        let rest = match last {
            true => pass.part(weight, 1, hidden..3 * hidden),
            false => pass.part(weight, 0, 0..3 * hidden),
        };
        self.weight_gradient(rest, &w.d_qkv, input, tokens, &mut w.partial);
        if last {
            self.weight_gradient(query, &w.d_queries, &a.head_inputs, reads, &mut w.partial);
        }
        if self.plan.lowest >= Depth::Block(layer, Stage::Qkv) {
            return;
        }
        if !last {
            pass.input_gradient(&mut w.d_x, Accumulate::Add, &w.d_qkv, rest, tokens);
            return;
        }
        pass.input_gradient(&mut w.d_x, Accumulate::Add, &w.d_queries, query, reads);
        pass.input_gradient(&mut w.d_context, Accumulate::Overwrite, &w.d_qkv, rest, tokens);
        for chunk in pass.layout.kept_chunks(reads) {
            for i in 0..chunk.rows {
                let to = pass.read_row(reads.level, chunk.member, chunk.row + i) * hidden;
                let from = (chunk.start + i) * hidden;
                let own = &w.d_x[from..from + hidden];
                w.d_context[to..to + hidden].iter_mut().zip(own).for_each(|(x, y)| *x += y);
            }
        }
        std::mem::swap(&mut w.d_x, &mut w.d_context);
    }

    /// The gradient of the biases of queries, keys and values. In the last block those of the queries are sums over
    /// other rows than the rest: reads.
    fn projection_bias(&mut self, layer: usize, w: &mut Workspace) {
        let (pass, hidden, level) = (self.pass, self.pass.hidden(), Level::attention(layer));
        let bias = Slot::Block(layer, QkvBias);
        if !pass.members.iter().any(|m| m.trained().trains_at(bias)) {
            return;
        }
        let last = pass.is_last(layer);
        let own = if last { hidden } else { 0 };
        let (width, stride) = (3 * hidden, 3 * hidden - own);
        let reads = if last { pass.layout.kept_chunks(level.reads()) } else { &[] };
        let tokens = pass.layout.kept_chunks(level.tokens());
        let chunks: Vec<Chunk> = reads.iter().chain(tokens).copied().collect();
        // Rows, their scalars, and the columns of the sums that they are added to.
        let queries = reads.iter().map(|_| (&w.d_queries[..], own, 0..own));
        let rest = tokens.iter().map(|_| (&w.d_qkv[..], stride, own..width));
        let parts = queries.chain(rest).collect();
        let ChunkSums { sums, .. } =
            with_sums(&mut w.partial, &chunks, width, parts, |chunk, (rows, columns, part), sums| {
                let rows = &rows[chunk.start * columns..(chunk.start + chunk.rows) * columns];
                gelu::add_columns(rows, &mut sums[part]);
            });
        for (number, gradient) in self.gradients.iter_mut().enumerate().take(pass.layout.branched(level)) {
            let sums = chunks.iter().zip(sums.chunks_exact(width));
            gradient.write(pass.members[number], bias, |total| {
                total.fill(0.0);
                for (_, sums) in sums.filter(|(chunk, _)| chunk.member == number) {
                    total.iter_mut().zip(sums).for_each(|(sum, x)| *sum += x);
                }
            });
        }
    }
}

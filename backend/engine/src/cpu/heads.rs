//! Attention's heads: where their queries, keys and values stand.

use super::kernels::attention::{self, AttnDims, DropoutKey, Scratch, View};
use super::pass::HostPass;
use crate::dropout::Site;
use crate::pass::attention_scale;
use crate::plan::batch::RowKind;
use crate::plan::layout::Lane;
use crate::plan::level::Level;
use crate::plan::slots::{BlockSlot::QkvBias, Slot};
use rayon::prelude::*;
use std::ops::Range;

/// Widest head: no BERT has wider ones, and a model that does is refused.
pub(crate) const MAX_HEAD_WIDTH: usize = 1024;

/// A block's attention heads: where their queries, keys and values stand.
pub(super) struct Heads<'a> {
    pass: &'a HostPass<'a>,
    layer: usize,
    last: bool,
    qkv: &'a [f32],
    queries: &'a [f32],
}

impl<'a> Heads<'a> {
    /// Of a block; `queries` are those of the last one.
    pub(super) fn new(pass: &'a HostPass<'a>, layer: usize, qkv: &'a [f32], queries: &'a [f32]) -> Self {
        Self { pass, layer, last: pass.is_last(layer), qkv, queries }
    }

    /// Scalars of a row of keys and values, which hold the queries too in all blocks but the last.
    pub(super) fn stride(&self) -> usize {
        (if self.last { 2 } else { 3 }) * self.pass.config.shape.hidden
    }

    /// Sizes of a head of a sequence.
    pub(super) fn dims(&self, sequence: usize) -> AttnDims {
        let (batch, shape) = (self.pass.batch, &self.pass.config.shape);
        let keys = batch.range(sequence, RowKind::Tokens).len();
        let queries = if self.last { batch.range(sequence, RowKind::Reads).len() } else { keys };
        AttnDims { queries, keys, width: shape.hidden / shape.heads }
    }

    /// What keys the dropout of a head of a sequence.
    pub(super) fn dropout_key(&self, member: usize, sequence: usize, head: usize) -> DropoutKey<'a> {
        let pass = self.pass;
        let reads = pass.batch.range(sequence, RowKind::Reads);
        let positions = self.last.then(|| &pass.batch.read_positions[reads]);
        let dropout = pass.dropout(member, pass.config.attention_dropout);
        let site = Site::Probabilities(self.layer);
        DropoutKey { dropout, site, example: pass.batch.examples[sequence], head, positions }
    }

    /// Where a head of a sequence of a branched member keeps its probabilities.
    pub(super) fn probabilities(&self, member: usize, sequence: usize, head: usize) -> Range<usize> {
        let kind = if self.last { RowKind::ReadSquares } else { RowKind::Squares };
        let (level, heads) = (Level::attention(self.layer), self.pass.config.shape.heads);
        let range = self.pass.batch.range(sequence, kind);
        let start = self.pass.row(level, member, kind, range.start) * heads + head * range.len();
        start..start + range.len()
    }

    /// Copies a head's queries, keys and values, with their biases, into the scratch.
    pub(super) fn gather(&self, s: &mut Scratch, member: usize, sequence: usize, head: usize) {
        let (pass, shape) = (self.pass, &self.pass.config.shape);
        let (hidden, width) = (shape.hidden, shape.hidden / shape.heads);
        let bias = pass.members[member].get(Slot::Block(self.layer, QkvBias));
        let part = |i: usize| &bias[i * hidden + head * width..i * hidden + (head + 1) * width];
        let (level, stride) = (Level::input(self.layer), self.stride());
        let range = pass.batch.range(sequence, RowKind::Tokens);
        let first = pass.row(level, member, RowKind::Tokens, range.start) * stride + head * width;
        let scale = attention_scale(width);
        if self.last {
            let reads = pass.batch.range(sequence, RowKind::Reads);
            let start = pass.row(level, member, RowKind::Reads, reads.start) * hidden + head * width;
            let view = View { start, stride: hidden };
            attention::gather(&mut s.q, reads.len(), self.queries, view, part(0), scale);
        } else {
            let view = View { start: first, stride };
            attention::gather(&mut s.q, range.len(), self.qkv, view, part(0), scale);
        }
        let view = |i: usize| View { start: first + stride - i * hidden, stride };
        attention::gather(&mut s.k, range.len(), self.qkv, view(2), part(1), 1.0);
        attention::gather(&mut s.v, range.len(), self.qkv, view(1), part(2), 1.0);
    }

    /// Does something for every head of every sequence of some lanes, in parallel.
    pub(super) fn for_each(&self, lanes: &[Lane], work: impl Fn(&Lane, usize, usize) + Sync) {
        let heads = self.pass.config.shape.heads;
        lanes.par_iter().for_each(|lane| {
            let sequences = self.pass.batch.streams[lane.stream].sequences.clone();
            (0..sequences.len() * heads).into_par_iter().for_each(|task| {
                work(lane, sequences.start + task / heads, task % heads);
            });
        });
    }
}

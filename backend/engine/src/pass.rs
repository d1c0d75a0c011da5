//! What a pass through the network reads, and how it finds its rows.

use super::batch::{Batch, Space};
use super::kernels::attention::{self, Key, Scratch, View};
use super::kernels::dropout::{Dropout, Site};
use super::kernels::matmul::fewest_rows;
use super::layout::{Lane, Layout, Level};
use super::narrow::Narrow;
use super::parameters::Parameters;
use super::slots::{BlockSlot::QkvBias, Slot};
use super::{EncoderConfig, Objective};
use rayon::prelude::*;
use std::cell::RefCell;
use std::ops::Range;

/// What keys a member's dropout in a step; `None` turns it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
    /// Frozen matrices in bf16, where they are multiplied so.
    pub narrow: Option<&'a Narrow>,
    /// Weights of each member, in the order of the layout. Matrices are those of the first: a member that has some of
    /// its own goes alone.
    pub members: &'a [&'a Parameters],
    /// The packed sequences.
    pub batch: &'a Batch,
    /// Whose rows are where.
    pub layout: &'a Layout,
    /// Dropout of each member.
    pub draws: &'a [Option<Draw>],
    /// Whether there is a way back.
    pub purpose: Purpose,
}

/// Whether there is a way back, for which things must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// There is.
    Train,
    /// There is not.
    Predict,
}

thread_local! {
    static ROW: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
    static HEAD: RefCell<Scratch> = RefCell::default();
}

/// Lends the thread's row of `n` scalars.
pub fn with_row<R>(n: usize, work: impl FnOnce(&mut [f32]) -> R) -> R {
    ROW.with_borrow_mut(|row| work(super::activations::room(row, n)))
}

/// Lends the thread's room for one attention head.
pub fn with_head<R>(work: impl FnOnce(&mut Scratch) -> R) -> R {
    HEAD.with_borrow_mut(work)
}

impl<'a> Pass<'a> {
    /// A matrix that all members share.
    pub fn matrix(&self, slot: Slot) -> &'a [f32] {
        debug_assert!(slot.is_matrix());
        self.members[0].get(slot)
    }

    /// What multiplies a matrix in bf16, if it is to be and nobody trains it.
    pub fn narrow(&self, slot: Slot) -> Option<&'a Narrow> {
        self.narrow.filter(|_| !self.members[0].owns_matrix(slot))
    }

    /// Whether things are kept of rows, given whether they are a branched member's.
    pub fn keeps(&self, branched: bool) -> bool {
        branched && self.purpose == Purpose::Train
    }

    /// Rows at a level of which things are kept.
    pub fn kept(&self, level: Level, space: Space) -> usize {
        if self.purpose == Purpose::Train { self.layout.kept(level, space) } else { 0 }
    }

    /// So many rows, or the fewest of a product.
    pub fn padded(&self, rows: usize) -> usize {
        rows.max(fewest_rows(self.config.shape.hidden.min(self.config.shape.intermediate)))
    }

    /// Rows of all lanes at a level, or the fewest of a product.
    pub fn rows(&self, level: Level, space: Space) -> usize {
        self.padded(self.layout.total(level, space))
    }

    /// What a block has a row of, from attention on: the last one computes what the head reads, and no more.
    pub fn space(&self, layer: usize) -> Space {
        if layer + 1 == self.config.shape.layers { Space::Reads } else { Space::Tokens }
    }

    /// The level of the vectors that the head reads.
    pub fn features(&self) -> Level {
        let pooler = Level::pooler(self.config.shape.layers);
        if self.objective.is_pooled() { pooler } else { pooler.before() }
    }

    /// A member's row at a level, for a row of the batch.
    pub fn row(&self, level: Level, member: usize, space: Space, row: usize) -> usize {
        let stream = &self.batch.streams[self.layout.stream(member)];
        self.layout.base(level, member, space) + row - stream.start[space as usize]
    }

    /// The row of tokens at a level that a read of a member stands for.
    pub fn read_row(&self, level: Level, member: usize, read: usize) -> usize {
        self.row(level, member, Space::Tokens, self.batch.reads[read] as usize)
    }

    fn dropout(&self, member: usize, probability: f32) -> Dropout {
        match self.draws[member] {
            Some(Draw { seed, step }) => Dropout { probability, seed, step },
            None => Dropout::OFF,
        }
    }

    /// Fills the dropout factors at a hidden site, of a row of the batch.
    pub fn factors(&self, site: Site, member: usize, space: Space, row: usize, out: &mut [f32]) {
        let (sequence, position) = self.batch.place(space, row);
        let probability = match site {
            Site::Pooled => self.config.head_dropout(),
            _ => self.config.hidden_dropout,
        };
        let dropout = self.dropout(member, probability);
        dropout.factors(site, self.batch.examples[sequence], position, out);
    }
}

/// 1 / √d of a head of width d.
pub fn attention_scale(width: usize) -> f32 {
    1.0 / (width as f32).sqrt()
}

/// A block's attention heads: where their queries, keys and values stand.
pub struct Heads<'a> {
    pass: &'a Pass<'a>,
    layer: usize,
    last: bool,
    qkv: &'a [f32],
    queries: &'a [f32],
}

impl<'a> Heads<'a> {
    /// Of a block; `queries` are those of the last one.
    pub fn new(pass: &'a Pass<'a>, layer: usize, qkv: &'a [f32], queries: &'a [f32]) -> Self {
        Self { pass, layer, last: pass.space(layer) == Space::Reads, qkv, queries }
    }

    /// Scalars of a row of keys and values, which hold the queries too in all blocks but the last.
    pub fn stride(&self) -> usize {
        (if self.last { 2 } else { 3 }) * self.pass.config.shape.hidden
    }

    /// One head of one sequence: what keys its dropout, and its queries, tokens and width.
    pub fn key(&self, member: usize, sequence: usize, head: usize) -> (Key<'a>, (usize, usize, usize)) {
        let (pass, shape) = (self.pass, &self.pass.config.shape);
        let n = pass.batch.range(sequence, Space::Tokens).len();
        let reads = pass.batch.range(sequence, Space::Reads);
        let positions = self.last.then(|| &pass.batch.read_positions[reads.clone()]);
        let dropout = pass.dropout(member, pass.config.attention_dropout);
        let site = Site::Probabilities(self.layer);
        let key = Key { dropout, site, example: pass.batch.examples[sequence], head, positions };
        (key, (if self.last { reads.len() } else { n }, n, shape.hidden / shape.heads))
    }

    /// Where a head of a sequence of a branched member keeps its probabilities.
    pub fn probabilities(&self, member: usize, sequence: usize, head: usize) -> Range<usize> {
        let space = if self.last { Space::ReadSquares } else { Space::Squares };
        let (level, heads) = (Level::attention(self.layer), self.pass.config.shape.heads);
        let range = self.pass.batch.range(sequence, space);
        let start = self.pass.row(level, member, space, range.start) * heads + head * range.len();
        start..start + range.len()
    }

    /// Copies a head's queries, keys and values, with their biases, into the scratch.
    pub fn gather(&self, s: &mut Scratch, member: usize, sequence: usize, head: usize) {
        let (pass, shape) = (self.pass, &self.pass.config.shape);
        let (hidden, width) = (shape.hidden, shape.hidden / shape.heads);
        let bias = pass.members[member].get(Slot::Block(self.layer, QkvBias));
        let part = |i: usize| &bias[i * hidden + head * width..i * hidden + (head + 1) * width];
        let (level, stride) = (Level::input(self.layer), self.stride());
        let range = pass.batch.range(sequence, Space::Tokens);
        let first = pass.row(level, member, Space::Tokens, range.start) * stride + head * width;
        let scale = attention_scale(width);
        if self.last {
            let reads = pass.batch.range(sequence, Space::Reads);
            let start = pass.row(level, member, Space::Reads, reads.start) * hidden + head * width;
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
    pub fn for_each(&self, lanes: &[Lane], work: impl Fn(&Lane, usize, usize) + Sync) {
        let heads = self.pass.config.shape.heads;
        lanes.par_iter().for_each(|lane| {
            let sequences = self.pass.batch.streams[lane.stream].sequences.clone();
            (0..sequences.len() * heads).into_par_iter().for_each(|task| {
                work(lane, sequences.start + task / heads, task % heads);
            });
        });
    }
}

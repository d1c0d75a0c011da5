//! What a pass through the network reads on every device, and how it finds its rows.

use crate::dropout::Site;
use crate::plan::batch::{Batch, RowKind};
use crate::plan::layout::Layout;
use crate::plan::level::{Level, Rows};
use crate::plan::slots::Slot;
use crate::{EncoderConfig, Objective};
use std::ops::Range;
use tunemask_shared::family::DenseLayer;

/// What keys a member's dropout in a step; `None` turns it off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draw {
    /// Seed of the run.
    pub seed: u64,
    /// Steps that the run has done.
    pub step: u32,
}

/// What a pass of a wave of a gang's members reads, beside their scalars.
#[derive(Clone, Copy)]
pub struct Pass<'a> {
    /// The model's dimensions and dropout.
    pub config: &'a EncoderConfig,
    /// What the head predicts.
    pub objective: Objective,
    /// Which of the gang's members each of the wave's is, in the order of the layout.
    pub wave: &'a [usize],
    /// The packed sequences.
    pub batch: &'a Batch,
    /// Whose rows are where.
    pub layout: &'a Layout,
    /// Dropout of each of the wave's members.
    pub draws: &'a [Option<Draw>],
    /// What the sum of each one's losses is divided by; none where no backward pass follows.
    pub divisors: &'a [f64],
    /// A weight for each class, where they are weighted.
    pub class_weights: Option<&'a [f32]>,
    /// Whether a backward pass follows.
    pub purpose: Purpose,
}

/// Whether a backward pass follows, for which things must be kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// It does.
    Train,
    /// It does not.
    Predict,
}

/// How many parts of its batch a step's gradients are of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Parts {
    /// One: the gradients are those of the last pass.
    One,
    /// Several, whose gradients were added up.
    Several,
}

/// To what a part's gradients are added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Add {
    /// To nothing: it is the first.
    First,
    /// To those of the parts before.
    More,
}

/// Whether matrices train.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matrices {
    /// They are the model's.
    Frozen,
    /// They do, so they are the member's own.
    Trained,
}

/// A matrix `[outputs, columns]`, or some of its rows.
#[derive(Clone, Copy, Debug)]
pub struct MatrixPart {
    /// Whose tensor the matrix is.
    pub slot: Slot,
    /// Of the last block's query, key and value the queries are part 0, the rest part 1; else 0.
    pub part: usize,
    /// First row.
    pub first: usize,
    /// Rows: what a product has columns of.
    pub outputs: usize,
    /// Columns: what a product reads.
    pub columns: usize,
}

impl MatrixPart {
    /// Its rows.
    pub fn rows(&self) -> Range<usize> {
        self.first..self.first + self.outputs
    }
}

impl Pass<'_> {
    /// Some rows of a matrix, see [`MatrixPart`].
    pub fn part(&self, slot: Slot, part: usize, rows: Range<usize>) -> MatrixPart {
        let columns = slot.columns(&self.config.shape);
        MatrixPart { slot, part, first: rows.start, outputs: rows.len(), columns }
    }

    /// Whether things are kept of rows, given whether they are a branched member's.
    pub fn keeps(&self, branched: bool) -> bool {
        branched && self.purpose == Purpose::Train
    }

    /// Rows of which things are kept.
    pub fn kept(&self, rows: Rows) -> usize {
        if self.purpose == Purpose::Train { self.layout.kept(rows) } else { 0 }
    }

    /// Scalars of a hidden vector.
    pub fn hidden(&self) -> usize {
        self.config.shape.hidden
    }

    /// What a block has a row of, from attention on: the last one computes what the head reads, and no more.
    pub fn row_kind(&self, layer: usize) -> RowKind {
        if self.is_last(layer) { RowKind::Reads } else { RowKind::Tokens }
    }

    /// Whether a block is the last one.
    pub fn is_last(&self, layer: usize) -> bool {
        layer + 1 == self.config.shape.layers
    }

    /// The probability with which elements are dropped at a site.
    pub fn drop_probability(&self, site: Site) -> f32 {
        match site {
            Site::Pooled | Site::Features => self.config.head_dropout(self.objective),
            Site::Embeddings | Site::FeedForward(_) => self.config.hidden_dropout,
            Site::Attention(_) => self.config.attention_output_dropout(),
            Site::Probabilities(_) => self.config.attention_dropout,
        }
    }

    /// The level of the encoder's output.
    pub fn encoded(&self) -> Level {
        Level::pooler(self.config.shape.layers).before()
    }

    /// The dense layer that the head has, if any.
    pub fn dense(&self) -> Option<DenseLayer> {
        if self.objective.is_pooled() { self.config.shape.family.dense() } else { None }
    }

    /// The level of the vectors that the head's outputs read: a dense layer is each member's own.
    pub fn features(&self) -> Level {
        let layers = self.config.shape.layers;
        match (self.objective.is_pooled(), self.dense()) {
            (true, Some(_)) => Level::head(layers),
            (true, None) => Level::pooler(layers),
            (false, _) => self.encoded(),
        }
    }

    /// A member's row at a level, for a row of the batch.
    pub fn row(&self, level: Level, member: usize, kind: RowKind, row: usize) -> usize {
        let stream = &self.batch.streams[self.layout.stream(member)];
        self.layout.base(level.rows(kind), member) + row - stream.start[kind as usize]
    }

    /// The row of tokens at a level that a read of a member stands for.
    pub fn read_row(&self, level: Level, member: usize, read: usize) -> usize {
        self.row(level, member, RowKind::Tokens, self.batch.reads[read] as usize)
    }
}

/// 1 / √d of a head of width d.
pub(crate) fn attention_scale(width: usize) -> f32 {
    1.0 / (width as f32).sqrt()
}

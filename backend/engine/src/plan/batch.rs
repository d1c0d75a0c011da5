//! A batch is its real tokens, end to end: no padding in any product or row kernel.

use crate::error::SequenceError;
use crate::{EngineError, LossFunction, Objective};
use std::ops::Range;
use tunemask_shared::family::Family;
use tunemask_shared::shape::ModelShape;

/// One tokenised example.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a> {
    /// Word pieces, special tokens included; at least one, at most the model's positions.
    pub ids: &'a [u32],
    /// Segment of each word piece.
    pub segments: &'a [u8],
    /// Positions that the head reads, ascending: at least one; of a pooled objective the first one only.
    pub reads: &'a [u32],
    /// What it should say there, `[reads, Objective::targets]`: the label's number, the score of a regression, or for each of
    /// several labels 1 or 0.
    pub targets: &'a [f32],
    /// The example's number in its data set: keys its dropout.
    pub index: u32,
}

impl Sequence<'_> {
    /// Whether two stand for the same computation: same example, tokens and targets.
    fn same(&self, other: &Sequence<'_>) -> bool {
        fn equal<T: PartialEq>(a: &[T], b: &[T]) -> bool {
            std::ptr::eq(a, b) || a == b
        }
        self.index == other.index
            && equal(self.ids, other.ids)
            && equal(self.segments, other.segments)
            && equal(self.reads, other.reads)
            && equal(self.targets, other.targets)
    }
}

/// Whether two batches are the same sequences in the same order.
pub(crate) fn same_batch(a: &[Sequence<'_>], b: &[Sequence<'_>]) -> bool {
    std::ptr::eq(a, b) || (a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)))
}

/// How the extent of something grows with a sequence of n tokens and r reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum RowKind {
    /// n rows.
    Tokens,
    /// r rows: in and behind the last block's attention.
    Reads,
    /// n² probabilities a head.
    Squares,
    /// r n probabilities a head, in the last block.
    ReadSquares,
}

/// One extent for each [`RowKind`].
pub(crate) type Sizes = [usize; 4];

/// Sequences of one stream: members that share it read the same batch with the same dropout.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stream {
    /// Its sequences.
    pub sequences: Range<usize>,
    /// Where it starts in the batch.
    pub start: Sizes,
    /// How much it holds.
    pub size: Sizes,
}

/// The sequences of all streams end to end; buffers are reused from batch to batch.
#[derive(Default)]
pub struct Batch {
    /// Word piece of each token.
    pub ids: Vec<u32>,
    /// Segment of each token.
    pub segments: Vec<u8>,
    /// Position of each token in its sequence.
    pub positions: Vec<u32>,
    /// Row of the table of positions of each token.
    pub position_rows: Vec<u32>,
    /// Sequence of each token.
    pub token_sequences: Vec<u32>,
    /// Token of each read.
    pub reads: Vec<u32>,
    /// Position of each read in its sequence.
    pub read_positions: Vec<u32>,
    /// Targets of each read, `[reads, Objective::targets]`.
    pub targets: Vec<f32>,
    /// Sequence of each read.
    pub read_sequences: Vec<u32>,
    /// Where each sequence starts, and where the last one ends.
    pub starts: Vec<Sizes>,
    /// Example number of each sequence.
    pub examples: Vec<u32>,
    /// The streams.
    pub streams: Vec<Stream>,
}

impl Batch {
    /// Packs one list of sequences a stream; [`check`] has found nothing wrong with them.
    pub fn pack<'a>(&mut self, family: Family, streams: impl IntoIterator<Item = &'a [Sequence<'a>]>) {
        self.clear();
        for sequences in streams {
            let first = self.examples.len();
            sequences.iter().for_each(|sequence| self.push(family, sequence));
            let (start, end) = (self.starts[first], self.starts[self.examples.len()]);
            let size = std::array::from_fn(|i| end[i] - start[i]);
            self.streams.push(Stream { sequences: first..self.examples.len(), start, size });
        }
    }

    fn clear(&mut self) {
        self.ids.clear();
        self.segments.clear();
        self.positions.clear();
        self.position_rows.clear();
        self.token_sequences.clear();
        self.reads.clear();
        self.read_positions.clear();
        self.targets.clear();
        self.read_sequences.clear();
        self.starts.clear();
        self.starts.push([0; 4]);
        self.examples.clear();
        self.streams.clear();
    }

    fn push(&mut self, family: Family, sequence: &Sequence<'_>) {
        let (n, r) = (sequence.ids.len(), sequence.reads.len());
        let number = self.examples.len() as u32;
        let start = self.starts[self.examples.len()];
        self.ids.extend_from_slice(sequence.ids);
        self.segments.extend_from_slice(sequence.segments);
        self.positions.extend(0..n as u32);
        match family {
            Family::Roberta { padding, .. } => {
                // A padding token that stands in a text is not counted.
                let mut last = padding;
                self.position_rows.extend(sequence.ids.iter().map(|&id| {
                    let counts = id != padding;
                    last += u32::from(counts);
                    if counts { last } else { padding }
                }));
            }
            Family::Bert | Family::DistilBert | Family::Electra { .. } => {
                self.position_rows.extend(0..n as u32);
            }
        }
        self.token_sequences.extend(std::iter::repeat_n(number, n));
        self.reads.extend(sequence.reads.iter().map(|read| start[0] as u32 + read));
        self.read_positions.extend_from_slice(sequence.reads);
        self.targets.extend_from_slice(sequence.targets);
        self.read_sequences.extend(std::iter::repeat_n(number, r));
        let size = [n, r, n * n, r * n];
        self.starts.push(std::array::from_fn(|i| start[i] + size[i]));
        self.examples.push(sequence.index);
    }

    /// Rows of the tables of words, segments and positions that make a token.
    pub fn embedding_rows(&self, token: usize) -> [usize; 3] {
        let (id, row) = (self.ids[token], self.position_rows[token]);
        [id as usize, usize::from(self.segments[token]), row as usize]
    }

    /// What a sequence has of a kind.
    pub fn range(&self, sequence: usize, kind: RowKind) -> Range<usize> {
        self.starts[sequence][kind as usize]..self.starts[sequence + 1][kind as usize]
    }

    /// Sequence and position in it of a row of tokens or reads.
    pub fn place(&self, kind: RowKind, row: usize) -> (usize, usize) {
        match kind {
            RowKind::Reads | RowKind::ReadSquares => {
                (self.read_sequences[row] as usize, self.read_positions[row] as usize)
            }
            RowKind::Tokens | RowKind::Squares => {
                (self.token_sequences[row] as usize, self.positions[row] as usize)
            }
        }
    }
}

/// Whether a model with a head for `objective` can read these sequences.
///
/// # Errors
/// [`EngineError::Sequence`] for the first that it cannot.
pub(crate) fn check(
    shape: &ModelShape,
    objective: Objective,
    sequences: &[Sequence<'_>],
) -> Result<(), EngineError> {
    sequences.iter().try_for_each(|sequence| check_one(shape, objective, sequence))
}

fn check_one(shape: &ModelShape, objective: Objective, sequence: &Sequence<'_>) -> Result<(), EngineError> {
    let n = sequence.ids.len();
    let (outputs, reads) = (objective.outputs(), sequence.reads.len());
    // Without segments all tokens are of the first.
    let segments = shape.segments.max(1);
    let wrong = |target: &&f32| match objective.loss() {
        LossFunction::SquaredError => !target.is_finite(),
        LossFunction::CrossEntropy => !(**target >= 0.0 && (**target as usize) < outputs),
        LossFunction::BinaryCrossEntropy => **target != 0.0 && **target != 1.0,
    };
    let order = |pair: &[u32]| pair[0] >= pair[1];
    let why = if n == 0 {
        SequenceError::NoTokens
    } else if n > shape.positions {
        SequenceError::TooLong { tokens: n, positions: shape.positions }
    } else if sequence.segments.len() != n {
        SequenceError::Segments { tokens: n, segments: sequence.segments.len() }
    } else if let Some(&id) = sequence.ids.iter().find(|&&id| id as usize >= shape.vocabulary) {
        SequenceError::Token { id, vocabulary: shape.vocabulary }
    } else if let Some(&segment) = sequence.segments.iter().find(|&&s| usize::from(s) >= segments) {
        SequenceError::Segment { segment, segments }
    } else if sequence.reads.is_empty() {
        SequenceError::NoLabel
    } else if let Some(&position) = sequence.reads.iter().find(|&&read| read as usize >= n) {
        SequenceError::LabelBehind { position, tokens: n }
    } else if sequence.reads.windows(2).any(order) {
        SequenceError::LabelOrder
    } else if objective.is_pooled() && sequence.reads != [0] {
        SequenceError::NotFirst
    } else if sequence.targets.len() != reads * objective.targets() {
        SequenceError::Targets { targets: sequence.targets.len(), want: reads * objective.targets() }
    } else if let Some(&target) = sequence.targets.iter().find(wrong) {
        match objective.loss() {
            LossFunction::SquaredError => SequenceError::Score(target),
            LossFunction::CrossEntropy => SequenceError::Label { label: target, outputs },
            LossFunction::BinaryCrossEntropy => SequenceError::Presence(target),
        }
    } else {
        return Ok(());
    };
    Err(EngineError::Sequence { index: sequence.index, why })
}

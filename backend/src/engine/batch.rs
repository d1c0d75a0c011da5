//! A batch is its real tokens, end to end: no padding in any product or row kernel.

use super::EngineError;
use super::kernels::rows::{Chunk, chunks};
use std::ops::Range;
use tunemask_shared::shape::ModelShape;

/// One tokenised example.
#[derive(Clone, Copy, Debug)]
pub struct Sequence<'a> {
    /// Word pieces, special tokens included; at least one, at most the model's positions.
    pub ids: &'a [u32],
    /// Segment of each word piece.
    pub segments: &'a [u8],
    /// The label's number, or the score of a regression.
    pub target: f32,
    /// The example's number in its data set: keys its dropout.
    pub index: u32,
}

/// Sequences of all members end to end, member by member; buffers are reused from batch to batch.
#[derive(Default)]
pub struct Batch {
    /// Word piece of each row.
    pub ids: Vec<u32>,
    /// Segment of each row.
    pub segments: Vec<u8>,
    /// Position of each row in its sequence.
    pub positions: Vec<u32>,
    /// Sequence of each row.
    pub row_sequence: Vec<u32>,
    /// First row of each sequence, and the number of rows behind the last.
    pub starts: Vec<usize>,
    /// Example number of each sequence.
    pub examples: Vec<u32>,
    /// Target of each sequence.
    pub targets: Vec<f32>,
    /// Member of each sequence.
    pub members: Vec<usize>,
    /// Sequences of each member.
    pub member_sequences: Vec<Range<usize>>,
    /// Rows of each member, cut.
    pub chunks: Vec<Chunk>,
    /// The same for one row a sequence.
    pub head_chunks: Vec<Chunk>,
    /// First attention probability of each sequence, in units of one head, and their number.
    pub squares: Vec<usize>,
}

impl Batch {
    /// Packs one list of sequences a member.
    ///
    /// # Errors
    /// [`EngineError::Sequence`] for one that the model cannot read.
    pub fn pack<'a>(
        &mut self,
        shape: &ModelShape,
        outputs: usize,
        members: impl IntoIterator<Item = &'a [Sequence<'a>]>,
    ) -> Result<(), EngineError> {
        self.clear();
        for (member, sequences) in members.into_iter().enumerate() {
            let first = self.examples.len();
            for sequence in sequences {
                check(shape, outputs, sequence)?;
                self.push(member, sequence);
            }
            self.member_sequences.push(first..self.examples.len());
        }
        let rows = self.member_sequences.iter().map(|s| self.starts[s.start]..self.starts[s.end]);
        chunks(rows, &mut self.chunks);
        chunks(self.member_sequences.iter().cloned(), &mut self.head_chunks);
        Ok(())
    }

    fn clear(&mut self) {
        self.ids.clear();
        self.segments.clear();
        self.positions.clear();
        self.row_sequence.clear();
        self.starts.clear();
        self.starts.push(0);
        self.examples.clear();
        self.targets.clear();
        self.members.clear();
        self.member_sequences.clear();
        self.squares.clear();
        self.squares.push(0);
    }

    fn push(&mut self, member: usize, sequence: &Sequence<'_>) {
        let n = sequence.ids.len();
        self.row_sequence.extend(std::iter::repeat_n(self.examples.len() as u32, n));
        self.ids.extend_from_slice(sequence.ids);
        self.segments.extend_from_slice(sequence.segments);
        self.positions.extend(0..n as u32);
        self.starts.push(self.ids.len());
        self.examples.push(sequence.index);
        self.targets.push(sequence.target);
        self.members.push(member);
        self.squares.push(self.squares[self.squares.len() - 1] + n * n);
    }

    /// Real tokens.
    pub fn rows(&self) -> usize {
        self.ids.len()
    }
    /// Sequences.
    pub fn sequences(&self) -> usize {
        self.examples.len()
    }
}

fn check(shape: &ModelShape, outputs: usize, sequence: &Sequence<'_>) -> Result<(), EngineError> {
    let n = sequence.ids.len();
    let why = if n == 0 {
        "it has no tokens".to_owned()
    } else if n > shape.positions {
        format!("its {n} tokens are more than the model's {} positions; lower max_length", shape.positions)
    } else if sequence.segments.len() != n {
        format!("it has {n} tokens but {} segments", sequence.segments.len())
    } else if let Some(id) = sequence.ids.iter().find(|&&id| id as usize >= shape.vocabulary) {
        format!("its token {id} is not one of the model's {}", shape.vocabulary)
    } else if let Some(s) = sequence.segments.iter().find(|&&s| usize::from(s) >= shape.segments) {
        format!("its segment {s} is not one of the model's {}", shape.segments)
    } else if outputs > 1 && !(sequence.target >= 0.0 && (sequence.target as usize) < outputs) {
        format!("its label {} is not one of {outputs}", sequence.target)
    } else if !sequence.target.is_finite() {
        format!("its score is {}", sequence.target)
    } else {
        return Ok(());
    };
    Err(EngineError::Sequence { index: sequence.index, why })
}

//! Examples as the engine reads them.

use super::record::{Input, Record};
use crate::engine::{Read, Sequence};
use crate::model::{ModelError, Tokenizer};
use rayon::prelude::*;

/// A tokenised example with its targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Word pieces, special tokens included.
    pub ids: Vec<u32>,
    /// Segment of each word piece.
    pub segments: Vec<u8>,
    /// Where the head predicts, ascending: at `[CLS]`; for tagging at the first piece of each word.
    pub reads: Vec<Read>,
    /// The row's number in its file, from 0, header not counted.
    pub index: u32,
}

impl Example {
    /// The example as the engine reads it.
    pub fn sequence(&self) -> Sequence<'_> {
        Sequence { ids: &self.ids, segments: &self.segments, reads: &self.reads, index: self.index }
    }
}

/// An example and what was cut of it.
pub(super) struct Cut {
    pub example: Example,
    /// Whether tokens were cut to fit.
    pub truncated: bool,
    /// Words without a read, because they were cut off.
    pub lost_words: usize,
}

/// Tokenises records in parallel, in their order.
///
/// # Errors
/// A text that cannot be tokenised.
pub(super) fn examples(
    records: &[&Record],
    tokenizer: &Tokenizer,
    max_length: usize,
) -> Result<Vec<Cut>, ModelError> {
    records.par_iter().map(|record| example(record, tokenizer, max_length)).collect()
}

fn example(record: &Record, tokenizer: &Tokenizer, max_length: usize) -> Result<Cut, ModelError> {
    let (encoding, positions) = match &record.input {
        Input::Text(text) => (tokenizer.encode(text, None, max_length)?, vec![0]),
        Input::Pair(first, second) => (tokenizer.encode(first, Some(second), max_length)?, vec![0]),
        Input::Words(words) => tokenizer.encode_words(words, max_length)?,
    };
    let read = |(&position, &target)| Read { position, target };
    let reads: Vec<Read> = positions.iter().zip(&record.targets).map(read).collect();
    Ok(Cut {
        lost_words: record.targets.len() - reads.len(),
        truncated: encoding.truncated,
        example: Example { ids: encoding.ids, segments: encoding.segments, reads, index: record.index },
    })
}

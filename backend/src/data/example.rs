//! Examples as the engine reads them.

use super::record::{Input, Record};
use crate::model::{EncodedWords, Encoding, ModelError, Tokenizer};
use rayon::prelude::*;
use tunemask_engine::Sequence;

/// A tokenised example with its targets.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// Word pieces, special tokens included.
    pub ids: Vec<u32>,
    /// Segment of each word piece.
    pub segments: Vec<u8>,
    /// Where the head predicts, ascending: at `[CLS]`; for tagging at the first piece of each word.
    pub reads: Vec<u32>,
    /// What it should say there, as the engine's sequences have it: for each read a label's number or a score, or for each of
    /// several labels 1 or 0.
    pub targets: Vec<f32>,
    /// The row's number in its file, from 0, header not counted.
    pub index: u32,
}

impl Example {
    /// The example as the engine reads it.
    pub fn sequence(&self) -> Sequence<'_> {
        Sequence {
            ids: &self.ids,
            segments: &self.segments,
            reads: &self.reads,
            targets: &self.targets,
            index: self.index,
        }
    }
}

/// An example and what was cut of it.
pub(super) struct Cut {
    pub example: Example,
    /// Whether tokens were cut to fit.
    pub truncated: bool,
    /// Words without a read, because they were cut off.
    pub lost_words: usize,
    /// Words without a read, because the tokenizer makes nothing of them.
    pub unread_words: usize,
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

/// How many tokens records have, uncut, special tokens counted; in parallel, in their order.
///
/// # Errors
/// A text that cannot be tokenised.
pub(super) fn lengths(records: &[&Record], tokenizer: &Tokenizer) -> Result<Vec<u32>, ModelError> {
    /// Beyond any text that is read.
    const UNCUT: usize = 1 << 24;
    let length = |record: &&Record| Ok(example(record, tokenizer, UNCUT)?.example.ids.len() as u32);
    records.par_iter().map(length).collect()
}

/// Tokenises a record.
///
/// # Errors
/// A text that cannot be tokenised.
pub(super) fn example(record: &Record, tokenizer: &Tokenizer, max_length: usize) -> Result<Cut, ModelError> {
    let text = |encoding: Encoding| Cut {
        truncated: encoding.truncated,
        lost_words: 0,
        unread_words: 0,
        example: Example {
            ids: encoding.ids,
            segments: encoding.segments,
            reads: vec![0],
            targets: record.targets.clone(),
            index: record.index,
        },
    };
    match &record.input {
        Input::Text(only) => Ok(text(tokenizer.encode(only, None, max_length)?)),
        Input::Pair(a, b) => Ok(text(tokenizer.encode(a, Some(b), max_length)?)),
        Input::Words(words) => Ok(sentence(record, tokenizer.encode_words(words, max_length)?)),
    }
}

/// A sentence of which each word has a target.
fn sentence(record: &Record, EncodedWords { encoding, firsts }: EncodedWords) -> Cut {
    let places = firsts.iter().zip(&record.targets);
    let read = |(first, &target): (&Option<u32>, &f32)| first.map(|position| (position, target));
    let (reads, targets) = places.filter_map(read).unzip();
    let Encoding { ids, segments, truncated } = encoding;
    Cut {
        lost_words: record.targets.len() - firsts.len(),
        unread_words: firsts.iter().filter(|first| first.is_none()).count(),
        truncated,
        example: Example { ids, segments, reads, targets, index: record.index },
    }
}

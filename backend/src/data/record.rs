//! Labelled texts before tokenisation.

use super::report::Skipped;

/// A text or a pair of texts with its target.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// The text, or the first of two.
    pub text: String,
    /// The second text.
    pub pair: Option<String>,
    /// The label's number, or the score.
    pub target: f32,
    /// The row's number in its file, from 0, header not counted.
    pub index: u32,
}

impl Record {
    /// The texts as the tokenizer takes them.
    pub fn texts(&self) -> (&str, Option<&str>) {
        (&self.text, self.pair.as_deref())
    }
}

/// The records of a file or of a generated set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RecordSet {
    /// `train`, or a name of `Task::development_sets`.
    pub name: String,
    pub records: Vec<Record>,
    pub skipped: Vec<Skipped>,
}

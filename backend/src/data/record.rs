//! Labelled texts before tokenisation.

use super::report::Skipped;
use tunemask_shared::task::Task;

/// What an example's encoder reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// One text.
    Text(String),
    /// Two texts.
    Pair(String, String),
    /// The words of one sentence, each with a target of its own.
    Words(Vec<String>),
}

impl Input {
    /// Its texts in order: one, two, or each word.
    pub(super) fn texts(&self) -> Vec<&str> {
        match self {
            Self::Text(text) => vec![text],
            Self::Pair(first, second) => vec![first, second],
            Self::Words(words) => words.iter().map(String::as_str).collect(),
        }
    }
}

/// An input with what is to be predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// What is read.
    pub input: Input,
    /// The label's number or the score; of words, one a word; of several labels for a text, for each of the task's labels 1
    /// where it holds and 0 where not.
    pub targets: Vec<f32>,
    /// The row's (or the sentence's) number in its file, from 0, header not counted.
    pub index: u32,
}

/// The names of a task's sets, the training set's first.
pub(super) fn sets_of(task: &Task) -> Vec<String> {
    ["train"].into_iter().map(str::to_owned).chain(task.development_sets().iter().cloned()).collect()
}

/// The records of a file or of a generated set.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct RecordSet {
    /// `train`, or a name of `Task::development_sets`.
    pub name: String,
    pub records: Vec<Record>,
    pub skipped: Vec<Skipped>,
}

/// A task's records, training set first.
pub(super) struct TaskRecords {
    pub sets: Vec<RecordSet>,
    /// SHA-256 over the files or the generated sentences, in hexadecimal.
    pub fingerprint: String,
    /// What the user should know.
    pub notes: Vec<String>,
}

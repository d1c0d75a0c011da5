//! Labelled inputs, as a task's generator draws them.

/// What an encoder reads.
#[derive(Clone, Debug, PartialEq)]
pub enum Input {
    /// One text.
    Text(String),
    /// Two texts.
    Pair(String, String),
    /// The words of one sentence, each with a target of its own.
    Words(Vec<String>),
}

/// An input with what is to be predicted.
#[derive(Clone, Debug, PartialEq)]
pub struct Labelled {
    /// What is read.
    pub input: Input,
    /// The label's number or the score; for words, one per word.
    pub targets: Vec<f32>,
}

/// A generated training or development set.
#[derive(Clone, Debug, PartialEq)]
pub struct LabelledSet {
    /// `train`, or a name of `Task::development_sets`.
    pub name: String,
    /// Its examples in their order.
    pub examples: Vec<Labelled>,
}

/// A task's sets, training set first.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskSets {
    /// The sets.
    pub sets: Vec<LabelledSet>,
    /// SHA-256 over the language's version and the sentences, in hexadecimal.
    pub fingerprint: String,
}

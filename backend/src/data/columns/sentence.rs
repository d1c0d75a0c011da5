//! A sentence of words with their tags.

/// A word's line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row<'a> {
    /// From 1.
    pub line: usize,
    pub word: &'a str,
    /// Its part of speech or its entity, whichever the task reads.
    pub tag: &'a str,
}

/// Words up to an empty line.
#[derive(Clone, Debug, Default)]
pub(super) struct Sentence<'a> {
    pub rows: Vec<Row<'a>>,
}

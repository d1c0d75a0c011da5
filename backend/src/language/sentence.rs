//! A sentence under construction, with the edits that would break it.

use super::dice::Dice;
use super::tag::Tag;
use std::ops::Range;

/// A rule of the grammar that an edit breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Rule {
    /// A finite verb has its subject's number.
    Agreement,
    /// A determiner has its noun's number.
    DeterminerNumber,
    /// A singular noun has a determiner.
    Determiner,
    /// Determiner, adjective and noun, auxiliary and verb stand in this order.
    Order,
    /// An auxiliary asks for a form of its verb.
    VerbForm,
    /// A verb has its objects and no others.
    Arguments,
    /// A pronoun has the case of its place.
    Case,
    /// A reflexive has its subject's gender and number.
    Reflexive,
    /// `ever` stands in what is negated.
    Polarity,
}

/// A change of a sentence's words.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Edit {
    /// Another word in a place.
    Replace(usize, &'static str),
    /// Words taken out.
    Delete(Range<usize>),
    /// A word and the next one change places.
    Swap(usize),
    /// Words put in before a place.
    Insert(usize, Vec<&'static str>),
}

/// Words so far, their parts of speech, and what would break them.
#[derive(Debug)]
pub(super) struct Sentence<'d, 's> {
    pub words: Vec<&'static str>,
    pub tags: Vec<Tag>,
    pub breaks: Vec<(Rule, Edit)>,
    pub dice: &'d mut Dice<'s>,
}

impl<'d, 's> Sentence<'d, 's> {
    pub(super) fn new(dice: &'d mut Dice<'s>) -> Self {
        Self { words: Vec::new(), tags: Vec::new(), breaks: Vec::new(), dice }
    }

    /// Adds a word and gives its place.
    pub(super) fn push(&mut self, tag: Tag, word: &'static str) -> usize {
        self.words.push(word);
        self.tags.push(tag);
        self.words.len() - 1
    }

    /// Adds words.
    pub(super) fn extend(&mut self, words: &[(Tag, &'static str)]) {
        for &(tag, word) in words {
            self.push(tag, word);
        }
    }

    /// Notes an edit that would break a rule.
    pub(super) fn breakable(&mut self, rule: Rule, edit: Edit) {
        self.breaks.push((rule, edit));
    }

    /// The words after an edit.
    pub(super) fn edited(&self, edit: &Edit) -> Vec<&'static str> {
        let mut words = self.words.clone();
        match edit {
            Edit::Replace(at, word) => words[*at] = word,
            Edit::Delete(range) => drop(words.drain(range.clone())),
            Edit::Swap(at) => words.swap(*at, at + 1),
            Edit::Insert(at, new) => drop(words.splice(*at..*at, new.iter().copied())),
        }
        words
    }

    /// The words as a text.
    pub(super) fn text(&self) -> String {
        text(&self.words)
    }
}

/// The words as they are written, one by one: the first letter and `I` large, `an` before a vowel.
pub(super) fn written(words: &[&str]) -> Vec<String> {
    let mut written = Vec::with_capacity(words.len());
    for (i, word) in words.iter().enumerate() {
        let next = words.get(i + 1).copied().unwrap_or_default().to_lowercase();
        let word = match *word {
            "a" if next.starts_with(['a', 'e', 'i', 'o', 'u']) => "an",
            "i" => "I",
            other => other,
        };
        let begins = i == 0 || matches!(words[i - 1], "." | "?");
        match word.chars().next() {
            Some(first) if begins => {
                written.push(first.to_uppercase().chain(word[first.len_utf8()..].chars()).collect());
            }
            _ => written.push(word.to_owned()),
        }
    }
    written
}

/// Words as a text, no space before punctuation.
pub(super) fn text(words: &[&str]) -> String {
    let mut text = String::new();
    for word in written(words) {
        if !text.is_empty() && !matches!(word.as_str(), "." | "," | "?" | "!") {
            text.push(' ');
        }
        text.push_str(&word);
    }
    text
}

//! A sentence under construction, with the edits that would break it.

use std::ops::Range;
use tunemask_shared::philox::Stream;

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

/// Words so far, and what would break them.
#[derive(Debug)]
pub(super) struct Sentence<'s> {
    pub words: Vec<&'static str>,
    pub breaks: Vec<(Rule, Edit)>,
    pub stream: &'s mut Stream,
}

impl<'s> Sentence<'s> {
    pub(super) fn new(stream: &'s mut Stream) -> Self {
        Self { words: Vec::new(), breaks: Vec::new(), stream }
    }

    /// Adds a word and gives its place.
    pub(super) fn push(&mut self, word: &'static str) -> usize {
        self.words.push(word);
        self.words.len() - 1
    }

    /// Adds words.
    pub(super) fn extend(&mut self, words: &[&'static str]) {
        self.words.extend(words);
    }

    /// Notes an edit that would break a rule.
    pub(super) fn breakable(&mut self, rule: Rule, edit: Edit) {
        self.breaks.push((rule, edit));
    }

    /// One of these, uniformly. `items` must not be empty.
    pub(super) fn pick<T>(&mut self, items: &'static [T]) -> &'static T {
        &items[self.stream.below(items.len() as u64) as usize]
    }

    /// True so many times in a hundred.
    pub(super) fn percent(&mut self, chance: u64) -> bool {
        self.stream.below(100) < chance
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
}

/// Words as a text: the first letter and `I` large, no space before punctuation, `an` before a vowel.
pub(super) fn text(words: &[&'static str]) -> String {
    let mut text = String::new();
    for (i, word) in words.iter().enumerate() {
        let next = words.get(i + 1).copied().unwrap_or_default().to_lowercase();
        let word = match *word {
            "a" if next.starts_with(['a', 'e', 'i', 'o', 'u']) => "an",
            "i" => "I",
            other => other,
        };
        if i > 0 && !matches!(word, "." | "," | "?" | "!") {
            text.push(' ');
        }
        match word.chars().next() {
            Some(first) if i == 0 => {
                text.extend(first.to_uppercase());
                text.push_str(&word[first.len_utf8()..]);
            }
            _ => text.push_str(word),
        }
    }
    text
}

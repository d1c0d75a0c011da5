//! Named entities of tagged sentences, counted as `conlleval` and seqeval (default mode) do.

use std::collections::HashSet;
use std::ops::Range;
use tunemask_shared::task::labels::entity;

/// A run of words of one type.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Entity<'a> {
    /// Its words.
    pub words: Range<usize>,
    /// Its type: `PER`.
    pub kind: &'a str,
}

/// Entities there, predicted, and both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// Entities that were predicted.
    pub predicted: usize,
    /// Entities that are there.
    pub actual: usize,
    /// Those that were predicted with the right words and type.
    pub right: usize,
}

impl Counts {
    /// Share of the predicted that are right; 0 if none was predicted.
    pub fn precision(self) -> f64 {
        share(self.right, self.predicted)
    }
    /// Share of those there that were predicted; 0 if none is there.
    pub fn recall(self) -> f64 {
        share(self.right, self.actual)
    }
    /// Harmonic mean of precision and recall; 0 if both are.
    pub fn f1(self) -> f64 {
        let (p, r) = (self.precision(), self.recall());
        if p + r == 0.0 { 0.0 } else { 2.0 * p * r / (p + r) }
    }
}

fn share(part: usize, whole: usize) -> f64 {
    if whole == 0 { 0.0 } else { part as f64 / whole as f64 }
}

/// The entities of one sentence, by the labels `O`, `B-…` and `I-…` of its words.
///
/// Ill-formed sequences are read by conlleval's rules: an `I-` after `O`, at the beginning, or after another type
/// begins an entity.
pub fn entities<'a>(labels: impl IntoIterator<Item = &'a str>) -> Vec<Entity<'a>> {
    let mut found: Vec<Entity<'a>> = Vec::new();
    let mut open = false;
    for (at, label) in labels.into_iter().enumerate() {
        let Some((begins, kind)) = entity(label) else {
            open = false;
            continue;
        };
        match found.last_mut() {
            Some(last) if open && !begins && last.kind == kind => last.words.end = at + 1,
            _ => found.push(Entity { words: at..at + 1, kind }),
        }
        open = true;
    }
    found
}

/// Entities of sentences, counted. `sentences` are numbers of words; `predicted` and `actual` hold a label number
/// for every word of all of them, end to end.
pub fn count_entities(
    names: &[String],
    predicted: &[usize],
    actual: &[usize],
    sentences: &[usize],
) -> Counts {
    let mut counts = Counts::default();
    let mut start = 0;
    for &words in sentences {
        let entities_of = |labels: &[usize]| {
            let sentence = labels.iter().skip(start).take(words);
            entities(sentence.map(|&l| names.get(l).map_or("O", String::as_str)))
        };
        let (p, a) = (entities_of(predicted), entities_of(actual));
        counts.predicted += p.len();
        counts.actual += a.len();
        let a: HashSet<Entity<'_>> = a.into_iter().collect();
        counts.right += p.iter().filter(|e| a.contains(e)).count();
        start += words;
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(labels: &str) -> Vec<(usize, usize, &str)> {
        entities(labels.split(' ')).into_iter().map(|e| (e.words.start, e.words.end, e.kind)).collect()
    }

    #[test]
    fn ill_formed_sequences_are_read_as_conlleval_does() {
        assert_eq!(of("B-PER I-PER O B-LOC"), [(0, 2, "PER"), (3, 4, "LOC")]);
        assert_eq!(of("I-PER I-PER O I-LOC"), [(0, 2, "PER"), (3, 4, "LOC")]);
        assert_eq!(of("B-PER I-LOC I-LOC B-LOC"), [(0, 1, "PER"), (1, 3, "LOC"), (3, 4, "LOC")]);
        assert_eq!(of("B-PER B-PER"), [(0, 1, "PER"), (1, 2, "PER")]);
        assert!(of("O O").is_empty());
    }

    #[test]
    fn an_entity_ends_with_its_sentence() {
        let names = &["O", "B-PER", "I-PER"].map(String::from);
        let counts = count_entities(names, &[1, 2, 2], &[1, 2, 2], &[2, 1]);
        assert_eq!(counts, Counts { predicted: 2, actual: 2, right: 2 });
        let missed = count_entities(names, &[1, 0, 2], &[1, 2, 2], &[2, 1]);
        assert_eq!((missed.precision(), missed.recall(), missed.f1()), (0.5, 0.5, 0.5));
        let none = count_entities(names, &[0], &[0], &[1]);
        assert_eq!((none.precision(), none.recall(), none.f1()), (0.0, 0.0, 0.0));
    }
}

//! Acceptability: a sentence of the grammar, and the same one with exactly one of its rules broken by one edit.

use super::sentence::{Edit, RULES, Sentence, text};
use tunemask_shared::philox::Stream;

/// A sentence that breaks the grammar, and the one that it was made of.
pub(super) fn sentences(stream: &mut Stream) -> [String; 2] {
    loop {
        let mut sentence = Sentence::new(stream);
        sentence.whole();
        // First the rule, then the place, so that rules with many places do not crowd out the others.
        let rules: Vec<_> =
            RULES.into_iter().filter(|rule| sentence.breaks.iter().any(|(r, _)| r == rule)).collect();
        if rules.is_empty() {
            continue;
        }
        let rule = rules[sentence.stream.below(rules.len() as u64) as usize];
        let edits: Vec<Edit> =
            sentence.breaks.iter().filter(|(r, _)| *r == rule).map(|(_, e)| e.clone()).collect();
        let edit = &edits[sentence.stream.below(edits.len() as u64) as usize];
        return [text(&sentence.edited(edit)), text(&sentence.words)];
    }
}

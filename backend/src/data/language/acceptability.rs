//! Acceptability: a sentence of the grammar, or one that breaks exactly one of its rules by one edit.

use super::sentence::{Edit, Rule, Sentence, text};
use tunemask_shared::philox::Stream;

/// How often each rule is broken where a sentence lets all be. Those that a small encoder learns from few
/// examples come often, so that it learns something; agreement over a distance comes too, so that it is not all.
pub(super) const WEIGHTS: [(Rule, usize); 8] = [
    (Rule::Order, 24),
    (Rule::Determiner, 18),
    (Rule::VerbForm, 18),
    (Rule::Case, 14),
    (Rule::Arguments, 10),
    (Rule::DeterminerNumber, 8),
    (Rule::Agreement, 6),
    (Rule::Reflexive, 2),
];

/// A sentence that follows the grammar, or one that does not.
pub(super) fn sentence(stream: &mut Stream, acceptable: bool) -> String {
    loop {
        let mut sentence = Sentence::new(stream);
        sentence.whole();
        if acceptable {
            return text(&sentence.words);
        }
        if let Some(rule) = rule(&mut sentence) {
            let edits: Vec<Edit> =
                sentence.breaks.iter().filter(|(r, _)| *r == rule).map(|(_, e)| e.clone()).collect();
            let edit = &edits[sentence.stream.below(edits.len() as u64) as usize];
            return text(&sentence.edited(edit));
        }
    }
}

/// One of the rules that can be broken here, by weight: first the rule, then its place, so that rules with many
/// places do not crowd out the others.
fn rule(sentence: &mut Sentence<'_>) -> Option<Rule> {
    let breakable = |rule: Rule| sentence.breaks.iter().any(|(r, _)| *r == rule);
    let rules: Vec<Rule> = WEIGHTS
        .into_iter()
        .filter(|(rule, _)| breakable(*rule))
        .flat_map(|(rule, weight)| std::iter::repeat_n(rule, weight))
        .collect();
    let at = sentence.stream.below(rules.len().max(1) as u64) as usize;
    rules.get(at).copied()
}

//! Acceptability: a sentence of the grammar, or one that breaks exactly one of its rules by one edit.

use super::super::dice::Dice;
use super::super::sentence::{Edit, Rule, Sentence, text};

/// How often each rule is broken where a sentence lets all be: those that show in two neighbouring words, and those
/// that take a look at the whole sentence.
pub(in super::super) const WEIGHTS: [(Rule, usize); 9] = [
    (Rule::Order, 18),
    (Rule::VerbForm, 16),
    (Rule::Determiner, 13),
    (Rule::Case, 13),
    (Rule::Arguments, 12),
    (Rule::DeterminerNumber, 10),
    (Rule::Agreement, 10),
    (Rule::Reflexive, 4),
    (Rule::Polarity, 4),
];

/// A sentence that follows the grammar, or one that does not.
pub(in super::super) fn sentence(dice: &mut Dice<'_>, acceptable: bool) -> String {
    loop {
        let mut sentence = Sentence::new(dice);
        sentence.whole();
        if acceptable {
            return sentence.text();
        }
        if let Some(rule) = rule(&mut sentence) {
            let edits: Vec<Edit> =
                sentence.breaks.iter().filter(|(r, _)| *r == rule).map(|(_, e)| e.clone()).collect();
            let edit = sentence.dice.pick(&edits);
            return text(&sentence.edited(edit));
        }
    }
}

/// One of the rules that can be broken here, by weight: first the rule, then its place, so that rules with many
/// places do not crowd out the others.
fn rule(sentence: &mut Sentence<'_, '_>) -> Option<Rule> {
    let breakable = |rule: Rule| sentence.breaks.iter().any(|(r, _)| *r == rule);
    let rules: Vec<Rule> = WEIGHTS
        .into_iter()
        .filter(|(rule, _)| breakable(*rule))
        .flat_map(|(rule, weight)| std::iter::repeat_n(rule, weight))
        .collect();
    let at = sentence.dice.below(rules.len().max(1));
    rules.get(at).copied()
}

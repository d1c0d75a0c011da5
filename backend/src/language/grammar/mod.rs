//! The grammar: noun phrases, verb phrases, clauses, with every way in which they break.
//!
//! In reading order:

/// Noun phrases.
mod noun_phrase;
/// Verb phrases.
mod verb_phrase;
/// Clauses, questions and their combinations.
mod clause;

pub(super) use noun_phrase::Number;
#[cfg(test)]
pub(super) use noun_phrase::Subject;

//! Parts of speech.

/// A part of speech of the Penn Treebank; its number is its place in `BUILT_IN_TAGS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    /// `and`
    Conjunction,
    /// `one`
    Number,
    /// `the`
    Determiner,
    /// `in`, `because`, `that` before a clause
    Preposition,
    /// `old`
    Adjective,
    /// `older`
    Comparative,
    /// `will`
    Modal,
    /// `boy`
    Noun,
    /// `boys`
    Plural,
    /// `Anna`
    Name,
    /// `he`
    Pronoun,
    /// `my`
    Possessive,
    /// `quickly`, `not`
    Adverb,
    /// `to`
    To,
    /// `sing`
    Base,
    /// `sang`
    Past,
    /// `sung`
    Participle,
    /// `they sing`
    Present,
    /// `he sings`
    Third,
    /// `which`
    Which,
    /// `who`, `what`
    Who,
    /// `where`
    Where,
    /// `.`, `?`
    Stop,
    /// `,`
    Comma,
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::task::labels::BUILT_IN_TAGS;

    #[test]
    fn numbers_are_places() {
        let known = [
            (Tag::Conjunction, "CC"),
            (Tag::Determiner, "DT"),
            (Tag::Preposition, "IN"),
            (Tag::Modal, "MD"),
            (Tag::Plural, "NNS"),
            (Tag::Possessive, "PRP$"),
            (Tag::Base, "VB"),
            (Tag::Participle, "VBN"),
            (Tag::Third, "VBZ"),
            (Tag::Where, "WRB"),
            (Tag::Comma, ","),
        ];
        assert!(known.iter().all(|&(tag, name)| BUILT_IN_TAGS[tag as usize] == name));
    }
}

//! The labels of token classification. A label's position is its number.

/// Entities of CoNLL-2003 in IOB2: outside, then beginning and inside of each type.
pub const ENTITIES: [&str; 9] =
    ["O", "B-PER", "I-PER", "B-ORG", "I-ORG", "B-LOC", "I-LOC", "B-MISC", "I-MISC"];

/// The Penn Treebank's parts of speech (Marcus, Santorini and Marcinkiewicz, 1993), words first, then punctuation.
pub const PENN_TAGS: [&str; 45] = [
    "CC", "CD", "DT", "EX", "FW", "IN", "JJ", "JJR", "JJS", "LS", "MD", "NN", "NNS", "NNP", "NNPS", "PDT",
    "POS", "PRP", "PRP$", "RB", "RBR", "RBS", "RP", "SYM", "TO", "UH", "VB", "VBD", "VBG", "VBN", "VBP",
    "VBZ", "WDT", "WP", "WP$", "WRB", "#", "$", ".", ",", ":", "-LRB-", "-RRB-", "``", "''",
];

/// Those of them that the built-in language has.
pub const BUILT_IN_TAGS: [&str; 24] = [
    "CC", "CD", "DT", "IN", "JJ", "JJR", "MD", "NN", "NNS", "NNP", "PRP", "PRP$", "RB", "TO", "VB", "VBD",
    "VBN", "VBP", "VBZ", "WDT", "WP", "WRB", ".", ",",
];

/// Whether a label begins an entity, and its type; none outside.
pub fn entity(label: &str) -> Option<(bool, &str)> {
    match label.split_once('-') {
        Some(("B", kind)) => Some((true, kind)),
        Some(("I", kind)) => Some((false, kind)),
        _ => None,
    }
}

//! Parts of speech of the Penn Treebank.

use super::Skipped;
use super::sentence::Sentence;
use tunemask_shared::task::labels::PENN_TAGS;

/// The tag of what is not written: a trace of movement, an omitted word.
const TRACE: &str = "-NONE-";

/// A tag as the Treebank spells it; brackets and quotes have other spellings in the wild.
pub(super) fn label(tag: &str) -> &str {
    match tag {
        "(" => "-LRB-",
        ")" => "-RRB-",
        "\"" => "''",
        tag => tag,
    }
}

/// Whether this is one of the Treebank's tags, or how it spells one in the wild.
pub(super) fn is_tag(tag: &str) -> bool {
    tag == TRACE || PENN_TAGS.contains(&label(tag))
}

/// The sentences without traces, which are no words; they are counted.
pub(super) fn without_traces<'a>(
    sentences: Vec<Sentence<'a>>,
    skipped: &mut Vec<Skipped>,
) -> Vec<Sentence<'a>> {
    let mut kept = Vec::with_capacity(sentences.len());
    for mut sentence in sentences {
        sentence.rows.retain(|row| {
            let trace = row.tag == TRACE;
            if trace {
                Skipped::count(skipped, row.line, "traces, not words");
            }
            !trace
        });
        if !sentence.rows.is_empty() {
            kept.push(sentence);
        }
    }
    kept
}

//! The labels of a folder: the standard ones, or those that its training file has.

use super::{penn, scheme};
use crate::data::table::shortened;
use std::collections::BTreeSet;
use tunemask_shared::task::labels::ENTITIES;
use tunemask_shared::task::{ColumnTask, MAX_LABELS, Task};

/// The labels of a training file's tags, of which some are not the known task's; `None` where all are, or where there are more of them
/// than a task can have: then the tags are more likely something else, and an error at the first of them tells.
pub(in crate::data) fn own_labels<'a>(
    task: ColumnTask,
    tags: impl Iterator<Item = &'a str>,
) -> Option<Vec<String>> {
    let labels: Vec<String> = match task {
        ColumnTask::Ner => {
            let kinds: BTreeSet<&str> = tags.filter_map(scheme::kind).collect();
            if kinds.iter().all(|kind| ENTITIES.iter().any(|label| scheme::kind(label) == Some(*kind))) {
                return None;
            }
            let of_kinds = kinds.iter().flat_map(|kind| [format!("B-{kind}"), format!("I-{kind}")]);
            std::iter::once("O".to_owned()).chain(of_kinds).collect()
        }
        ColumnTask::Pos => {
            let tags: BTreeSet<&str> = tags.collect();
            if tags.iter().all(|tag| penn::is_tag(tag)) {
                return None;
            }
            tags.into_iter().map(str::to_owned).collect()
        }
    };
    (labels.len() <= MAX_LABELS).then_some(labels)
}

/// Whether a task's labels are a folder's own.
pub(super) fn are_own(task: ColumnTask, labels: &[String]) -> bool {
    Task::from(task).kind().labels() != labels
}

/// The tags of a sentence as a task's labels spell them.
pub(in crate::data) fn spelled(task: ColumnTask, labels: &[String], tags: &[&str]) -> Vec<String> {
    match task {
        // A folder's own tags are not spelled anew.
        ColumnTask::Pos if are_own(task, labels) => tags.iter().map(|&tag| tag.to_owned()).collect(),
        ColumnTask::Pos => tags.iter().map(|tag| penn::label(tag).to_owned()).collect(),
        ColumnTask::Ner => scheme::second_form(tags),
    }
}

/// What to say of labels that are a folder's own.
pub(in crate::data) fn note(task: ColumnTask, labels: &[String]) -> Option<String> {
    let (what, whose) = match task {
        ColumnTask::Ner => ("entity types", "CoNLL-2003's"),
        ColumnTask::Pos => ("tags", "the Penn Treebank's"),
    };
    let found = names(task, labels).join(", ");
    are_own(task, labels).then(|| format!("{what} are those of the training file, not {whose}: {found}"))
}

/// What is wrong with a tag that is none of the labels.
pub(in crate::data) fn unknown(task: ColumnTask, labels: &[String], tag: &str) -> String {
    format!("the tag is `{}`; expected {}", shortened(tag), expected(task, labels, tag))
}

fn expected(task: ColumnTask, labels: &[String], tag: &str) -> String {
    let known = "one of the Penn Treebank's, such as NN or VBD";
    let is_entity = scheme::kind(tag).is_some();
    match task {
        ColumnTask::Ner if !is_entity => {
            let kinds = either(&names(task, labels));
            format!("O, or B- or I- with {kinds} (or IOBES's and BILOU's letters)")
        }
        ColumnTask::Ner if are_own(task, labels) => {
            format!("an entity of the training file's types: {}", either(&names(task, labels)))
        }
        ColumnTask::Ner => format!("an entity of CoNLL-2003's types: {}", either(&names(task, labels))),
        ColumnTask::Pos if are_own(task, labels) => {
            format!("one of the training file's: {}", either(&names(task, labels)))
        }
        ColumnTask::Pos if UNIVERSAL.contains(&tag) => {
            format!("{known}; this is one of the Universal Dependencies'")
        }
        ColumnTask::Pos => known.to_owned(),
    }
}

/// Parts of speech that only the Universal Dependencies have.
const UNIVERSAL: [&str; 14] = [
    "NOUN", "VERB", "ADJ", "ADV", "ADP", "PROPN", "PRON", "AUX", "PUNCT", "NUM", "PART", "SCONJ", "CCONJ",
    "INTJ",
];

/// The types of entities, or the parts of speech.
fn names(task: ColumnTask, labels: &[String]) -> Vec<&str> {
    let labels = labels.iter().map(String::as_str);
    match task {
        ColumnTask::Ner => labels.filter_map(|label| label.strip_prefix("B-")).collect(),
        ColumnTask::Pos => labels.collect(),
    }
}

/// Words with `or` before the last.
fn either(words: &[&str]) -> String {
    match words {
        [first @ .., last] if !first.is_empty() => format!("{} or {last}", first.join(", ")),
        _ => words.concat(),
    }
}

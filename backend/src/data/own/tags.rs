//! Tags of words: which there are, and how they are learnt.

use super::label::{Label, label, ordered};
use super::unusable::Unusable;
use crate::data::DataError;
use crate::data::columns::{is_entity_tag, second_form};
use crate::data::frame::{Column, Frame};
use std::borrow::Cow;
use std::collections::HashSet;

/// The labels of tags.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tags {
    pub labels: Vec<String>,
    /// They are tags of entities, and are read as IOB2.
    pub entities: bool,
}

/// The tags of a column; their labels are `said`, if any is.
///
/// # Errors
/// A cell that cannot be a tag.
pub(super) fn tags(frame: &Frame, column: &Column, said: &[String]) -> Result<Tags, DataError> {
    let mut found: HashSet<String> = HashSet::new();
    for row in 0..frame.rows() {
        for tag in labels_of_row(column, row).map_err(|why| frame.error(row, why))? {
            match tag {
                Label::Name(tag) if !found.contains(tag.as_ref()) => {
                    found.insert(tag.into_owned());
                }
                Label::Name(_) | Label::Missing => {}
            }
        }
    }
    let entities =
        found.iter().all(|tag| tag == "O" || is_entity_tag(tag)) && found.iter().any(|tag| tag != "O");
    if !said.is_empty() {
        return Ok(Tags { labels: said.to_vec(), entities });
    }
    if !entities {
        return Ok(Tags { labels: column.class_names.clone().unwrap_or_else(|| ordered(found)), entities });
    }
    // As they are read: in IOB2, each type's beginning before its inside.
    let classes = column.class_names.iter().flatten();
    let whole = |tag: &String| tag == "O" || tag.starts_with("B-") || tag.starts_with("I-");
    if let Some(classes) = &column.class_names
        && classes.iter().all(whole)
        && classes.iter().any(|tag| tag.starts_with("B-"))
    {
        return Ok(Tags { labels: classes.clone(), entities });
    }
    let types = found.iter().chain(classes).filter_map(|tag| Some(tag.split_once('-')?.1.to_owned()));
    let mut types: Vec<String> = types.collect::<HashSet<_>>().into_iter().collect();
    types.sort();
    let both = types.iter().flat_map(|kind| [format!("B-{kind}"), format!("I-{kind}")]);
    Ok(Tags { labels: ["O".to_owned()].into_iter().chain(both).collect(), entities })
}

/// The tags of a row, as they stand.
///
/// # Errors
/// A number without a class.
fn labels_of_row(column: &Column, row: usize) -> Result<Vec<Label<'_>>, String> {
    column.items(row).map(|cell| label(column, cell)).collect()
}

/// The names of a row's tags, as they stand.
///
/// # Errors
/// One is missing; a number without a class.
pub(super) fn names_of_tags(column: &Column, row: usize) -> Result<Vec<Cow<'_, str>>, Unusable> {
    let name = |tag| match tag {
        Label::Name(name) => Ok(name),
        Label::Missing => Err(Unusable::NoLabel),
    };
    // What is wrong with a tag is said though one before it is missing.
    labels_of_row(column, row)?.into_iter().map(name).collect()
}

impl Tags {
    /// A sentence's tags as they are learnt.
    pub(super) fn as_learnt(&self, tags: &[&str]) -> Vec<String> {
        if self.entities { second_form(tags) } else { tags.iter().map(|&tag| tag.to_owned()).collect() }
    }
}

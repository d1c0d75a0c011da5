//! What is predicted, and with which labels: as `dataset.toml` says, else by what the label's column holds.

use super::alike::alike;
use super::label::{Label, label};
use super::roles::Roles;
use crate::data::DataError;
use crate::data::columns::{is_entity_tag, second_form};
use crate::data::frame::{CellType, Column, Frame};
use std::collections::HashSet;
use tunemask_shared::dataset::{DatasetKind, DatasetSettings};
use tunemask_shared::experiment::FieldError;

/// What is predicted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// One of these labels.
    Classes(Vec<String>),
    /// A number; the least and the greatest in training.
    Scores(f32, f32),
    /// One of these labels for each word. `entities`: they are tags of entities, and are read as IOB2.
    Tags { labels: Vec<String>, entities: bool },
}

/// More labels than a head is meant for: such a column has texts or numbers of rows.
const MOST_LABELS: usize = 1000;

/// What is predicted; a question where it cannot be told.
///
/// # Errors
/// A cell that cannot be a label of its kind.
pub(super) fn find(
    frame: &Frame,
    roles: Roles,
    settings: &DatasetSettings,
    questions: &mut Vec<FieldError>,
    notes: &mut Vec<String>,
) -> Result<Option<Target>, DataError> {
    let column = &frame.columns[roles.label];
    let mut ask = |field: &str, message: String| {
        questions.push(FieldError { field: field.to_owned(), message });
        Ok(None)
    };
    let name = &column.name;
    let words = &frame.columns[roles.text];
    let kind = match settings.kind {
        Some(kind) => kind,
        None if column.is_list() && words.is_list() => DatasetKind::Tagging,
        None if column.is_list() => {
            return ask(
                "label",
                format!("`{name}` has lists of labels; several labels of one text cannot be trained on yet"),
            );
        }
        None if column.class_names.is_some() => DatasetKind::Classification,
        None => match column.cell_type {
            CellType::Empty => return ask("label", format!("`{name}` has no values")),
            CellType::Nested => {
                return ask("label", format!("`{name}` has objects; expected labels or scores"));
            }
            CellType::Boolean | CellType::Text => DatasetKind::Classification,
            CellType::Decimal | CellType::Integer => {
                let names = names(frame, column)?;
                let whole = names.iter().all(|name| name.parse::<i64>().is_ok());
                match (whole, names.len()) {
                    (false, _) => DatasetKind::Regression,
                    (true, ..=2) => DatasetKind::Classification,
                    (true, count) => {
                        let (first, last) = ends(&names);
                        return ask(
                            "kind",
                            format!(
                                "`{name}` has {count} different whole numbers from {first} to {last}: say whether each \
                                 is a label (kind = \"classification\") or they are scores (kind = \"regression\")"
                            ),
                        );
                    }
                }
            }
        },
    };
    match kind {
        DatasetKind::Tagging if !(column.is_list() && words.is_list()) => {
            let other = if column.is_list() { &words.name } else { name };
            ask(
                "kind",
                format!(
                    "tagging needs lists of words and of tags, as in JSON or parquet; `{other}` has none"
                ),
            )
        }
        DatasetKind::Tagging => {
            let (labels, entities) = tags(frame, column, settings)?;
            if labels.len() < 2 {
                return ask("labels", format!("every tag in `{name}` is `{}`", labels.concat()));
            }
            Ok(Some(Target::Tags { labels, entities }))
        }
        DatasetKind::Classification | DatasetKind::Regression if column.is_list() || words.is_list() => {
            let list = if column.is_list() { name } else { &words.name };
            ask("kind", format!("`{list}` has lists, of which only tagging can learn"))
        }
        DatasetKind::Regression => {
            let Some((low, high)) = scores(frame, column)? else {
                return ask("label", format!("`{name}` has no scores, or a single one"));
            };
            Ok(Some(Target::Scores(low, high)))
        }
        DatasetKind::Classification => {
            let labels = if settings.labels.is_empty() {
                let found = names(frame, column)?;
                if found.len() > MOST_LABELS {
                    return ask(
                        "label",
                        format!(
                            "`{name}` has more than {MOST_LABELS} different values; is it the label? Scores need a \
                             point for their decimals, and kind = \"regression\" where they are whole"
                        ),
                    );
                }
                column.class_names.clone().unwrap_or_else(|| ordered(found))
            } else {
                settings.labels.clone()
            };
            if labels.len() < 2 {
                return ask(
                    "labels",
                    format!("every label in `{name}` is `{}`; two are needed at least", labels.concat()),
                );
            }
            if labels.iter().any(|label| label == "-1") && settings.labels.is_empty() {
                notes.push(
                    "-1 is read as a label; if it stands for none, name the others with labels = [...]"
                        .into(),
                );
            }
            notes.extend(alike(&labels));
            Ok(Some(Target::Classes(labels)))
        }
    }
}

/// The different labels of a column, at most one more than are allowed.
fn names(frame: &Frame, column: &Column) -> Result<HashSet<String>, DataError> {
    let mut found = HashSet::new();
    for row in 0..frame.rows() {
        match label(column, column.cell(row)).map_err(|why| frame.error(row, why))? {
            Label::Name(name) if !found.contains(name.as_ref()) => {
                found.insert(name.into_owned());
                if found.len() > MOST_LABELS {
                    break;
                }
            }
            Label::Name(_) | Label::Missing => {}
        }
    }
    Ok(found)
}

/// By number where all are numbers, else by the alphabet.
fn ordered(labels: HashSet<String>) -> Vec<String> {
    let number = |label: &String| label.parse::<f64>().ok();
    let numbers = labels.iter().all(|label| number(label).is_some());
    let mut labels: Vec<String> = labels.into_iter().collect();
    labels.sort();
    if numbers {
        labels.sort_by(|a, b| number(a).unwrap_or_default().total_cmp(&number(b).unwrap_or_default()));
    }
    labels
}

fn ends(names: &HashSet<String>) -> (i64, i64) {
    let numbers = || names.iter().filter_map(|name| name.parse::<i64>().ok());
    (numbers().min().unwrap_or_default(), numbers().max().unwrap_or_default())
}

/// The least and the greatest score; `None` if they are one.
fn scores(frame: &Frame, column: &Column) -> Result<Option<(f32, f32)>, DataError> {
    let mut range: Option<(f32, f32)> = None;
    for row in 0..frame.rows() {
        if let Some(cell) = column.cell(row).filter(|cell| !cell.trim().is_empty()) {
            let score = score(cell).map_err(|why| frame.error(row, why))?;
            let (low, high) = range.unwrap_or((score, score));
            range = Some((low.min(score), high.max(score)));
        }
    }
    Ok(range.filter(|(low, high)| low < high))
}

/// A score.
///
/// # Errors
/// What is not a number, or not a finite one.
pub(super) fn score(cell: &str) -> Result<f32, String> {
    let number = cell.trim().parse::<f32>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| {
        let comma = if cell.contains(',') { " with a point before its decimals" } else { "" };
        format!("the score is `{}`; expected a number{comma}", crate::data::table::shortened(cell))
    })
}

/// The labels of tags, and whether they are entities'.
fn tags(
    frame: &Frame,
    column: &Column,
    settings: &DatasetSettings,
) -> Result<(Vec<String>, bool), DataError> {
    let mut found: HashSet<String> = HashSet::new();
    for row in 0..frame.rows() {
        for tag in names_of_tags(column, row).map_err(|why| frame.error(row, why))?.into_iter().flatten() {
            if !found.contains(tag.as_ref()) {
                found.insert(tag.into_owned());
            }
        }
    }
    let entities =
        found.iter().all(|tag| tag == "O" || is_entity_tag(tag)) && found.iter().any(|tag| tag != "O");
    if !settings.labels.is_empty() {
        return Ok((settings.labels.clone(), entities));
    }
    if !entities {
        return Ok((column.class_names.clone().unwrap_or_else(|| ordered(found)), false));
    }
    // As they are read: in IOB2, each type's beginning before its inside.
    let classes = column.class_names.iter().flatten();
    let whole = |tag: &String| tag == "O" || tag.starts_with("B-") || tag.starts_with("I-");
    if let Some(classes) = &column.class_names
        && classes.iter().all(whole)
        && classes.iter().any(|tag| tag.starts_with("B-"))
    {
        return Ok((classes.clone(), true));
    }
    let types = found.iter().chain(classes).filter_map(|tag| Some(tag.split_once('-')?.1.to_owned()));
    let mut types: Vec<String> = types.collect::<HashSet<_>>().into_iter().collect();
    types.sort();
    let both = types.iter().flat_map(|kind| [format!("B-{kind}"), format!("I-{kind}")]);
    Ok((["O".to_owned()].into_iter().chain(both).collect(), true))
}

/// The names of a row's tags; `None` for one that is missing.
pub(super) fn names_of_tags(
    column: &Column,
    row: usize,
) -> Result<Vec<Option<std::borrow::Cow<'_, str>>>, String> {
    let name = |cell| match label(column, cell)? {
        Label::Name(name) => Ok(Some(name)),
        Label::Missing => Ok(None),
    };
    column.items(row).map(name).collect()
}

/// A sentence's tags as they are learnt.
pub(super) fn as_learnt(tags: &[&str], entities: bool) -> Vec<String> {
    if entities { second_form(tags) } else { tags.iter().map(|&tag| tag.to_owned()).collect() }
}

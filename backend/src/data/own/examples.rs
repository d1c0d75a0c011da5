//! Rows become examples. A row without a text or a label is skipped and counted; any other that cannot be one is an
//! error.

use super::label::{Label, label, unknown};
use super::label_sets::presences;
use super::roles::Roles;
use super::score::score;
use super::tags::{Tags, names_of_tags};
use super::target::Target;
use crate::data::DataError;
use crate::data::frame::{Column, Frame};
use crate::data::record::{Input, Record};
use crate::data::report::Skipped;
use std::collections::HashMap;

/// The records of a frame's rows; a record's index is its row's number, from 0.
///
/// # Errors
/// A label that is not among the target's, a score that is not a number, more or fewer tags than words, a flag of a label
/// that is neither 0 nor 1.
pub(super) fn records(
    frame: &Frame,
    roles: &Roles,
    target: &Target,
    skipped: &mut Vec<Skipped>,
) -> Result<Vec<Record>, DataError> {
    let column = &frame.columns[roles.label()];
    let numbers: HashMap<&str, f32> =
        target.labels().iter().map(String::as_str).zip((0_u16..).map(f32::from)).collect();
    let mut records = Vec::with_capacity(frame.rows());
    for row in 0..frame.rows() {
        let error = |why| frame.error(row, why);
        let mut skip = |why: &str| Skipped::count(skipped, frame.line(row), why);
        let Some(input) = input(frame, roles, row).map_err(error)? else {
            skip("no text");
            continue;
        };
        let targets = match target {
            Target::Classes(labels) => class(column, row, labels, &numbers).map(|t| t.map(|t| vec![t])),
            Target::Scores(..) => match column.cell(row).filter(|cell| !cell.trim().is_empty()) {
                Some(cell) => score(cell).map(|score| Some(vec![score])),
                None => Ok(None),
            },
            Target::Tags(own) => tags(column, row, &input, own, &numbers),
            Target::LabelSets(sets) => presences(frame, roles, row, sets, &numbers),
        };
        let Some(targets) = targets.map_err(error)? else {
            skip("no label");
            continue;
        };
        let index = u32::try_from(row).map_err(|_| error("more rows than can be numbered".to_owned()))?;
        records.push(Record { input, targets, index });
    }
    Ok(records)
}

/// `None` for a row without a text.
fn input(frame: &Frame, roles: &Roles, row: usize) -> Result<Option<Input>, String> {
    let column = &frame.columns[roles.text];
    if column.is_list() {
        let words: Option<Vec<String>> = column.items(row).map(|word| word.map(str::to_owned)).collect();
        let words = words.ok_or_else(|| format!("a word in `{}` has no text", column.name))?;
        return Ok((!words.is_empty()).then_some(Input::Words(words)));
    }
    let text = |place: usize| frame.columns[place].cell(row).filter(|text| !text.trim().is_empty());
    Ok(match roles.pair {
        None => text(roles.text).map(|text| Input::Text(text.to_owned())),
        Some(pair) => match (text(roles.text), text(pair)) {
            (Some(first), Some(second)) => Some(Input::Pair(first.to_owned(), second.to_owned())),
            _ => None,
        },
    })
}

fn class(
    column: &Column,
    row: usize,
    labels: &[String],
    numbers: &HashMap<&str, f32>,
) -> Result<Option<f32>, String> {
    match label(column, column.cell(row))? {
        Label::Missing => Ok(None),
        Label::Name(name) => match numbers.get(name.as_ref()) {
            Some(&number) => Ok(Some(number)),
            // How test sets write that a label is withheld.
            None if name == "-1" => Ok(None),
            None => Err(unknown(&name, labels)),
        },
    }
}

fn tags(
    column: &Column,
    row: usize,
    input: &Input,
    tags: &Tags,
    numbers: &HashMap<&str, f32>,
) -> Result<Option<Vec<f32>>, String> {
    let (words, found) = (input.texts().len(), column.items(row).len());
    if words != found {
        return Err(format!("{words} words and {found} tags; each word needs one"));
    }
    let names: Option<Vec<_>> = names_of_tags(column, row)?.into_iter().collect();
    let Some(names) = names else { return Ok(None) };
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let number =
        |name: String| numbers.get(name.as_str()).copied().ok_or_else(|| unknown(&name, &tags.labels));
    tags.as_learnt(&names).into_iter().map(number).collect::<Result<_, _>>().map(Some)
}

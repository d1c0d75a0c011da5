//! Rows become examples. A row without a text or a label is skipped and counted; any other that cannot be one is an
//! error.

use super::label::{Label, label, unknown};
use super::label_sets::presences;
use super::roles::Roles;
use super::score::score;
use super::tags::{Tags, names_of_tags};
use super::target::Target;
use super::unusable::Unusable;
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
    let columns = Columns { frame, roles, target, numbers: numbers(target) };
    let mut records = Vec::with_capacity(frame.rows());
    for row in 0..frame.rows() {
        match columns.record(row) {
            Ok(record) => records.push(record),
            Err(Unusable::Wrong(why)) => return Err(frame.error(row, why)),
            Err(lack @ (Unusable::NoText | Unusable::NoLabel)) => {
                Skipped::count(skipped, frame.line(row), &lack.to_string());
            }
        }
    }
    Ok(records)
}

/// The numbers of a target's labels.
fn numbers(target: &Target) -> HashMap<&str, f32> {
    target.labels().iter().map(String::as_str).zip((0_u16..).map(f32::from)).collect()
}

/// What of a frame's rows becomes what of an example.
struct Columns<'a> {
    frame: &'a Frame,
    roles: &'a Roles,
    target: &'a Target,
    numbers: HashMap<&'a str, f32>,
}

impl Columns<'_> {
    fn record(&self, row: usize) -> Result<Record, Unusable> {
        let input = self.input(row)?;
        let targets = self.targets(row, &input)?;
        let index = u32::try_from(row).map_err(|_| "more rows than can be numbered".to_owned())?;
        Ok(Record { input, targets, index })
    }

    fn input(&self, row: usize) -> Result<Input, Unusable> {
        let column = &self.frame.columns[self.roles.text];
        if column.is_list() {
            let words: Option<Vec<String>> = column.items(row).map(|word| word.map(str::to_owned)).collect();
            let words = words.ok_or_else(|| format!("a word in `{}` has no text", column.name))?;
            return if words.is_empty() { Err(Unusable::NoText) } else { Ok(Input::Words(words)) };
        }
        let text = |place: usize| {
            let text = self.frame.columns[place].cell(row).filter(|text| !text.trim().is_empty());
            text.map(str::to_owned).ok_or(Unusable::NoText)
        };
        Ok(match self.roles.pair {
            None => Input::Text(text(self.roles.text)?),
            Some(pair) => Input::Pair(text(self.roles.text)?, text(pair)?),
        })
    }

    fn targets(&self, row: usize, input: &Input) -> Result<Vec<f32>, Unusable> {
        let column = &self.frame.columns[self.roles.label()];
        match self.target {
            Target::Classes(labels) => Ok(vec![class(column, row, labels, &self.numbers)?]),
            Target::Scores(_) => {
                let cell = column.cell(row).filter(|cell| !cell.trim().is_empty());
                Ok(vec![score(cell.ok_or(Unusable::NoLabel)?)?])
            }
            Target::Tags(own) => tags(column, row, input, own, &self.numbers),
            Target::LabelSets(sets) => presences(self.frame, self.roles, row, sets, &self.numbers),
        }
    }
}

fn class(
    column: &Column,
    row: usize,
    labels: &[String],
    numbers: &HashMap<&str, f32>,
) -> Result<f32, Unusable> {
    let Label::Name(name) = label(column, column.cell(row))? else { return Err(Unusable::NoLabel) };
    match numbers.get(name.as_ref()) {
        Some(&number) => Ok(number),
        // How test sets write that a label is withheld.
        None if name == "-1" => Err(Unusable::NoLabel),
        None => Err(unknown(&name, labels).into()),
    }
}

fn tags(
    column: &Column,
    row: usize,
    input: &Input,
    tags: &Tags,
    numbers: &HashMap<&str, f32>,
) -> Result<Vec<f32>, Unusable> {
    let (words, found) = (input.texts().len(), column.items(row).len());
    if words != found {
        return Err(format!("{words} words and {found} tags; each word needs one").into());
    }
    let names = names_of_tags(column, row)?;
    let names: Vec<&str> = names.iter().map(AsRef::as_ref).collect();
    let number = |name: String| {
        let number = numbers.get(name.as_str()).copied();
        number.ok_or_else(|| Unusable::Wrong(unknown(&name, &tags.labels)))
    };
    tags.as_learnt(&names).into_iter().map(number).collect()
}

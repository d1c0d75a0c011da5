//! How a label's cell is read, and which labels a column has.

use crate::data::DataError;
use crate::data::frame::{CellType, Column, Frame};
use crate::data::table::shortened;
use std::borrow::Cow;
use std::collections::HashSet;
use tunemask_shared::dataset::{DatasetSettings, SETTINGS_FILE};

/// A label's cell.
#[derive(Debug, PartialEq)]
pub(super) enum Label<'a> {
    /// Its name.
    Name(Cow<'a, str>),
    /// It is withheld, or was never given.
    Missing,
}

/// The name in a label's cell. Numbers of classes become the classes' names; of them −1 is a label that is withheld.
/// Numbers and truth values have one spelling, whichever the file has: `1.0` is `1`, `True` is `true`.
///
/// # Errors
/// A number without a class.
pub(super) fn label<'a>(column: &'a Column, cell: Option<&'a str>) -> Result<Label<'a>, String> {
    let Some(cell) = cell.filter(|cell| !cell.is_empty()) else { return Ok(Label::Missing) };
    if let Some(classes) = &column.class_names {
        if cell == "-1" {
            return Ok(Label::Missing);
        }
        let name = cell.parse::<usize>().ok().and_then(|number| classes.get(number));
        return name.map(|name| Label::Name(name.into())).ok_or_else(|| {
            let last = classes.len().saturating_sub(1);
            format!("`{}` is {cell}; the file's own classes have numbers from 0 to {last}", column.name)
        });
    }
    let name: Cow<'a, str> = match column.cell_type {
        CellType::Boolean => cell.to_lowercase().into(),
        CellType::Decimal => match cell.parse::<f64>() {
            Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}").into(),
            _ => cell.into(),
        },
        CellType::Empty | CellType::Integer | CellType::Text | CellType::Nested => cell.into(),
    };
    Ok(Label::Name(name))
}

/// More labels than a head is meant for: such a column has texts or numbers of rows.
pub(super) const MAX_LABELS: usize = 1000;

/// The different labels of a column, at most one more than are meant.
///
/// # Errors
/// A number without a class.
pub(super) fn names(frame: &Frame, column: &Column) -> Result<HashSet<String>, DataError> {
    let mut found = HashSet::new();
    for row in 0..frame.rows() {
        match label(column, column.cell(row)).map_err(|why| frame.error(row, why))? {
            Label::Name(name) if !found.contains(name.as_ref()) => {
                found.insert(name.into_owned());
                if found.len() > MAX_LABELS {
                    break;
                }
            }
            Label::Name(_) | Label::Missing => {}
        }
    }
    Ok(found)
}

/// By number where all are numbers, else by the alphabet.
pub(super) fn ordered(labels: HashSet<String>) -> Vec<String> {
    let number = |label: &String| label.parse::<f64>().ok();
    let numbers = labels.iter().all(|label| number(label).is_some());
    let mut labels: Vec<String> = labels.into_iter().collect();
    labels.sort();
    if numbers {
        labels.sort_by(|a, b| number(a).unwrap_or_default().total_cmp(&number(b).unwrap_or_default()));
    }
    labels
}

/// What to say of a list of `dataset.toml` that has a single label; `None` if it has not.
pub(super) fn one_alone(settings: &DatasetSettings) -> Option<String> {
    let [only] = settings.labels.as_slice() else { return None };
    Some(format!("the list in {SETTINGS_FILE} has `{}` alone; two are needed at least", shortened(only)))
}

/// What to say of a label of a development set that training does not have.
pub(super) fn unknown(name: &str, labels: &[String]) -> String {
    let known: Vec<String> = labels.iter().take(20).map(|label| format!("`{}`", shortened(label))).collect();
    let more = if labels.len() > 20 { ", …" } else { "" };
    format!(
        "the label `{}` is not among those of the training files: {}{more}",
        shortened(name),
        known.join(", ")
    )
}

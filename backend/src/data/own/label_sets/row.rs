//! Which labels there are, and which a row has.

use super::LabelSets;
use super::form::Form;
use crate::data::DataError;
use crate::data::frame::{Column, Frame};
use crate::data::own::flag::{Flag, flag};
use crate::data::own::label::{Label, MAX_LABELS, label, ordered, unknown};
use crate::data::own::roles::Roles;
use crate::data::own::unusable::Unusable;
use crate::data::table::shortened;
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// The labels that stand in a column of lists or of separated labels, at most one more than are meant.
///
/// # Errors
/// A number without a class.
pub(super) fn names(frame: &Frame, column: &Column, form: &Form) -> Result<Vec<String>, DataError> {
    match form {
        Form::Flags => return Ok((0..column.items(0).len()).map(|label| label.to_string()).collect()),
        Form::Names | Form::Separated(_) | Form::Columns => {}
    }
    if let Some(classes) = &column.class_names {
        return Ok(classes.clone());
    }
    let mut found = HashSet::new();
    for row in 0..frame.rows() {
        let names = match of_cell(column, row, form) {
            Ok(names) => names,
            Err(Unusable::NoText | Unusable::NoLabel) => continue,
            Err(Unusable::Wrong(why)) => return Err(frame.error(row, why)),
        };
        for name in names {
            if !found.contains(name.as_ref()) {
                found.insert(name.into_owned());
            }
        }
        if found.len() > MAX_LABELS {
            break;
        }
    }
    Ok(ordered(found))
}

/// For each label 1 if a row has it, else 0. Numbers are the labels'.
///
/// # Errors
/// That is withheld or was never said; a label that is not among these; a cell that is neither 0 nor 1, or a list with more or
/// fewer of them than labels.
pub(in crate::data::own) fn presences(
    frame: &Frame,
    roles: &Roles,
    row: usize,
    LabelSets { labels, form }: &LabelSets,
    numbers: &HashMap<&str, f32>,
) -> Result<Vec<f32>, Unusable> {
    let column = &frame.columns[roles.label()];
    match form {
        Form::Columns => {
            let columns = roles.labels.iter().map(|&place| &frame.columns[place]);
            columns.map(|column| presence(column, column.cell(row))).collect()
        }
        Form::Flags => {
            let items = column.items(row);
            if items.len() != labels.len() {
                let (name, found, wanted) = (shortened(&column.name), items.len(), labels.len());
                let why = format!("`{name}` has {found} numbers for {wanted} labels; each label needs one");
                return Err(why.into());
            }
            items.map(|item| presence(column, item)).collect()
        }
        Form::Names | Form::Separated(_) => {
            let mut targets = vec![0.0; labels.len()];
            for name in of_cell(column, row, form)? {
                match numbers.get(name.as_ref()) {
                    Some(&number) => targets[number as usize] = 1.0,
                    // How test sets write that labels are withheld.
                    None if name == "-1" => return Err(Unusable::NoLabel),
                    None => return Err(unknown(&name, labels).into()),
                }
            }
            Ok(targets)
        }
    }
}

/// 1 if a cell of a column says that the text has its label, else 0.
fn presence(column: &Column, cell: Option<&str>) -> Result<f32, Unusable> {
    match flag(cell).map_err(|why| format!("`{}` {why}", shortened(&column.name)))? {
        Flag::Absent => Ok(0.0),
        Flag::Present => Ok(1.0),
        Flag::Missing => Err(Unusable::NoLabel),
    }
}

/// The labels that stand in a row's cell, as they stand.
fn of_cell<'a>(column: &'a Column, row: usize, form: &Form) -> Result<Vec<Cow<'a, str>>, Unusable> {
    let name = |item| match label(column, item)? {
        Label::Name(name) => Ok(name),
        Label::Missing => Err(Unusable::NoLabel),
    };
    match form {
        Form::Separated(separator) => {
            let cell = column.cell(row).unwrap_or_default();
            let parts = cell.split(separator.as_str()).map(str::trim).filter(|part| !part.is_empty());
            Ok(parts.map(Cow::Borrowed).collect())
        }
        Form::Names | Form::Flags | Form::Columns => column.items(row).map(name).collect(),
    }
}

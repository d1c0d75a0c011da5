//! Which labels there are, and which a row has.

use super::LabelSets;
use super::form::Form;
use crate::data::DataError;
use crate::data::frame::{Column, Frame};
use crate::data::own::flag::flag;
use crate::data::own::label::{Label, MAX_LABELS, label, ordered, unknown};
use crate::data::own::roles::Roles;
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
        for name in of_cell(column, row, form).map_err(|why| frame.error(row, why))?.unwrap_or_default() {
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

/// For each label 1 if a row has it, else 0; `None` where that is withheld or was never said. Numbers are the labels'.
///
/// # Errors
/// A label that is not among these; a cell that is neither 0 nor 1, or a list with more or fewer of them than labels.
pub(in crate::data::own) fn presences(
    frame: &Frame,
    roles: &Roles,
    row: usize,
    LabelSets { labels, form }: &LabelSets,
    numbers: &HashMap<&str, f32>,
) -> Result<Option<Vec<f32>>, String> {
    let column = &frame.columns[roles.label()];
    let named = |what: &str, why: String| format!("`{}` {why}", shortened(what));
    let as_targets = |flags: Option<Vec<bool>>| {
        flags.map(|flags| flags.into_iter().map(|flag| f32::from(u8::from(flag))).collect())
    };
    match form {
        Form::Columns => {
            let flags = roles.labels.iter().map(|&place| {
                let column = &frame.columns[place];
                flag(column.cell(row)).map_err(|why| named(&column.name, why))
            });
            flags.collect::<Result<Option<Vec<bool>>, _>>().map(as_targets)
        }
        Form::Flags => {
            let items = column.items(row);
            if items.len() != labels.len() {
                return Err(named(
                    &column.name,
                    format!("has {} numbers for {} labels; each label needs one", items.len(), labels.len()),
                ));
            }
            let flags = items.map(|item| flag(item).map_err(|why| named(&column.name, why)));
            flags.collect::<Result<Option<Vec<bool>>, _>>().map(as_targets)
        }
        Form::Names | Form::Separated(_) => {
            let Some(names) = of_cell(column, row, form)? else { return Ok(None) };
            let mut targets = vec![0.0; labels.len()];
            for name in names {
                match numbers.get(name.as_ref()) {
                    Some(&number) => targets[number as usize] = 1.0,
                    // How test sets write that labels are withheld.
                    None if name == "-1" => return Ok(None),
                    None => return Err(unknown(&name, labels)),
                }
            }
            Ok(Some(targets))
        }
    }
}

/// The labels that stand in a row's cell, as they stand; `None` where they are withheld.
fn of_cell<'a>(column: &'a Column, row: usize, form: &Form) -> Result<Option<Vec<Cow<'a, str>>>, String> {
    let name = |item| match label(column, item)? {
        Label::Name(name) => Ok(Some(name)),
        Label::Missing => Ok(None),
    };
    match form {
        Form::Separated(separator) => {
            let cell = column.cell(row).unwrap_or_default();
            let parts = cell.split(separator.as_str()).map(str::trim).filter(|part| !part.is_empty());
            Ok(Some(parts.map(Cow::Borrowed).collect()))
        }
        Form::Names | Form::Flags | Form::Columns => column.items(row).map(name).collect(),
    }
}

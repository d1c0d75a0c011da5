//! How a label's cell is read.

use crate::data::frame::{CellType, Column};
use std::borrow::Cow;

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

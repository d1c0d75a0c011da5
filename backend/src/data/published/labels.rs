//! What a label's cell says.

use crate::data::frame::Column;

/// What stands in a label's cell.
pub(super) enum Found<'a> {
    /// A name or a number.
    Label(&'a str),
    /// None: it is withheld.
    Withheld,
}

/// A number that stands for a class becomes the class's name; all else is as it stands.
///
/// # Errors
/// A number without a class.
pub(super) fn found<'a>(column: &'a Column, cell: Option<&'a str>) -> Result<Found<'a>, String> {
    let Some(cell) = cell.map(str::trim).filter(|cell| !cell.is_empty()) else { return Ok(Found::Withheld) };
    if cell == "-1" || cell == "-1.0" {
        return Ok(Found::Withheld);
    }
    let Some(classes) = &column.class_names else { return Ok(Found::Label(cell)) };
    let class = cell.parse::<usize>().ok().and_then(|number| classes.get(number));
    class.map(|name| Found::Label(name)).ok_or_else(|| {
        let last = classes.len().saturating_sub(1);
        format!("`{}` is {cell}; the file's own classes have numbers from 0 to {last}", column.name)
    })
}

//! 1 or 0: whether a text has a label.

use crate::data::frame::{CellType, Column};
use crate::data::table::shortened;

/// What a cell says of a label.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flag {
    /// The text does not have it.
    Absent,
    /// The text has it.
    Present,
    /// Nothing: the cell is empty, or −1.
    Missing,
}

/// What a cell says of a label.
///
/// # Errors
/// It is neither 1 nor 0.
pub(super) fn flag(cell: Option<&str>) -> Result<Flag, String> {
    match cell.map(str::trim) {
        None | Some("" | "-1" | "-1.0") => Ok(Flag::Missing),
        Some("0" | "0.0") => Ok(Flag::Absent),
        Some("1" | "1.0") => Ok(Flag::Present),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Flag::Absent),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Flag::Present),
        Some(other) => {
            Err(format!("is `{}`; expected 1 where the text has the label, else 0", shortened(other)))
        }
    }
}

/// Whether every cell of a column is 0 or 1, and neither is missing throughout.
pub(super) fn has_flags(column: &Column) -> bool {
    !column.is_list()
        && column.cell_type != CellType::Empty
        && (0..column.rows()).all(|row| flag(column.cell(row)).is_ok())
}

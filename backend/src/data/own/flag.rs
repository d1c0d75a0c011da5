//! 1 or 0: whether a text has a label.

use crate::data::frame::{CellType, Column};
use crate::data::table::shortened;

/// Whether a label is there; `None` where it is not said: an empty cell, or −1.
pub(super) fn flag(cell: Option<&str>) -> Result<Option<bool>, String> {
    match cell.map(str::trim) {
        None | Some("" | "-1" | "-1.0") => Ok(None),
        Some("0" | "0.0") => Ok(Some(false)),
        Some("1" | "1.0") => Ok(Some(true)),
        Some(text) if text.eq_ignore_ascii_case("false") => Ok(Some(false)),
        Some(text) if text.eq_ignore_ascii_case("true") => Ok(Some(true)),
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

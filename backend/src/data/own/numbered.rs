//! Numbers that stand for labels: in a column without classes of its own, whose labels a `dataset.toml` names.

use super::roles::Roles;
use crate::data::frame::{CellType, Column, Frame};
use tunemask_shared::dataset::{DatasetKind, DatasetSettings};

/// Whether the numbers of the label's column are places among the labels that are said: none of these is a number itself, and
/// every number is the place of one.
pub(super) fn are_places(frame: &Frame, roles: &Roles, settings: &DatasetSettings) -> bool {
    let (column, labels) = (&frame.columns[roles.label()], &settings.labels);
    let kind = match settings.kind {
        None | Some(DatasetKind::Classification | DatasetKind::Tagging) => true,
        Some(DatasetKind::Regression | DatasetKind::MultiLabel) => false,
    };
    // A list beside a text says which of several labels there are.
    let alike = column.is_list() == frame.columns[roles.text].is_list();
    let plain =
        column.class_names.is_none() && column.cell_type == CellType::Integer && roles.labels.len() == 1;
    let named = !labels.is_empty() && labels.iter().all(|label| label.parse::<f64>().is_err());
    kind && alike && plain && named && (0..frame.rows()).all(|row| is_place(column, row, labels.len()))
}

/// Whether all numbers of a row are places, or withheld.
fn is_place(column: &Column, row: usize, labels: usize) -> bool {
    let fits = |cell: &str| cell == "-1" || cell.parse::<usize>().is_ok_and(|place| place < labels);
    if column.is_list() { column.items(row).flatten().all(fits) } else { column.cell(row).is_none_or(fits) }
}

//! Of what kind the labels are: as `dataset.toml` says, else by what their columns hold.

use super::label::names;
use super::question::{FindError, Question};
use super::roles::Roles;
use crate::data::frame::{CellType, Frame};
use std::collections::HashSet;
use tunemask_shared::dataset::{DatasetKind, DatasetSettings};

/// The kind.
///
/// # Errors
/// It cannot be told; a cell that cannot be a label.
pub(super) fn find(
    frame: &Frame,
    roles: &Roles,
    settings: &DatasetSettings,
) -> Result<DatasetKind, FindError> {
    let (column, words) = (&frame.columns[roles.label()], &frame.columns[roles.text]);
    let name = &column.name;
    let several = roles.labels.len() > 1;
    match settings.kind {
        Some(kind) if kind != DatasetKind::MultiLabel && several => {
            let message =
                format!("{} columns, which only kind = \"multi-label\" can learn", roles.labels.len());
            Err(Question::new("label", message).into())
        }
        Some(kind) if kind != DatasetKind::MultiLabel && settings.separator.is_some() => {
            let message = "only of kind = \"multi-label\" several labels stand in one cell";
            Err(Question::new("separator", message).into())
        }
        Some(kind) => Ok(kind),
        None if several || settings.separator.is_some() => Ok(DatasetKind::MultiLabel),
        None if column.is_list() && words.is_list() => Ok(DatasetKind::Tagging),
        None if column.is_list() => Ok(DatasetKind::MultiLabel),
        None if column.class_names.is_some() => Ok(DatasetKind::Classification),
        None => match column.cell_type {
            CellType::Empty => Err(Question::new("label", format!("`{name}` has no values")).into()),
            CellType::Nested => {
                let message = format!("`{name}` has objects; expected labels or scores");
                Err(Question::new("label", message).into())
            }
            CellType::Boolean | CellType::Text => Ok(DatasetKind::Classification),
            CellType::Decimal | CellType::Integer => {
                let names = names(frame, column)?;
                let whole = names.iter().all(|name| name.parse::<i64>().is_ok());
                match (whole, names.len()) {
                    (false, _) => Ok(DatasetKind::Regression),
                    (true, ..=2) => Ok(DatasetKind::Classification),
                    (true, count) => {
                        let (first, last) = ends(&names);
                        let message = format!(
                            "`{name}` has {count} different whole numbers from {first} to {last}: say whether each \
                             is a label (kind = \"classification\") or they are scores (kind = \"regression\")"
                        );
                        Err(Question::new("kind", message).into())
                    }
                }
            }
        },
    }
}

fn ends(names: &HashSet<String>) -> (i64, i64) {
    let numbers = || names.iter().filter_map(|name| name.parse::<i64>().ok());
    (numbers().min().unwrap_or_default(), numbers().max().unwrap_or_default())
}

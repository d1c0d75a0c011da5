//! In which form the labels of a text stand.

use crate::data::frame::{CellType, Column};
use crate::data::own::flag::{Flag, flag};

/// In which form the labels of a text stand.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::data::own) enum Form {
    /// A list of those that it has.
    Names,
    /// A list with 1 or 0 for each.
    Flags,
    /// A text of those that it has, with this between them.
    Separated(String),
    /// A column for each, with 1 or 0.
    Columns,
}

/// Of a column of lists: whether each has 1 or 0 for each label rather than the labels that a text has. No label stands
/// twice among the latter, but in a list of three or more numbers that are 1 or 0 one does.
pub(super) fn of_lists(column: &Column) -> Form {
    let are_numbers = matches!(column.cell_type, CellType::Integer | CellType::Decimal | CellType::Boolean);
    if column.class_names.is_some() || !are_numbers {
        return Form::Names;
    }
    let width = column.items(0).len();
    let mut repeats = false;
    for row in 0..column.rows() {
        if column.items(row).len() != width {
            return Form::Names;
        }
        let (mut absent, mut present) = (0, 0);
        for item in column.items(row) {
            match flag(item) {
                Ok(Flag::Absent) => absent += 1,
                Ok(Flag::Present) => present += 1,
                Ok(Flag::Missing) => {}
                Err(_) => return Form::Names,
            }
        }
        repeats |= absent > 1 || present > 1;
    }
    if repeats { Form::Flags } else { Form::Names }
}

//! How many different values a column has.

use crate::data::frame::Column;
use std::collections::HashSet;

/// More are not counted.
const MAX_DISTINCT: usize = 10_000;

/// What is said of a column's cells.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Values {
    /// `None` where there are more than are counted.
    pub distinct: Option<u64>,
    /// Cells without a value; empty lists.
    pub missing: u64,
    /// Characters of the longest cell; of lists, items.
    pub longest: u64,
}

/// Goes through a column once.
pub(super) fn values(column: &Column) -> Values {
    let mut seen: HashSet<&str> = HashSet::new();
    let (mut many, mut missing, mut longest) = (false, 0, 0);
    let see = |text, seen: &mut HashSet<_>, many: &mut bool| {
        if !*many {
            seen.insert(text);
            *many = seen.len() > MAX_DISTINCT;
        }
    };
    for row in 0..column.rows() {
        if column.is_list() {
            let items = column.items(row);
            longest = longest.max(items.len());
            missing += u64::from(items.len() == 0);
            items.flatten().for_each(|item| see(item, &mut seen, &mut many));
        } else {
            match column.cell(row).filter(|text| !text.is_empty()) {
                Some(text) => {
                    // Most are shorter in bytes than the longest is in characters.
                    if text.len() > longest {
                        longest = longest.max(text.chars().count());
                    }
                    see(text, &mut seen, &mut many);
                }
                None => missing += 1,
            }
        }
    }
    Values { distinct: (!many).then_some(seen.len() as u64), missing, longest: longest as u64 }
}

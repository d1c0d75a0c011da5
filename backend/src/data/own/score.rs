//! Scores: a number for each text.

use super::question::{FindError, Question};
use crate::data::frame::{Column, Frame};
use crate::data::table::shortened;
use tunemask_shared::task::Range;

/// The least and the greatest score.
///
/// # Errors
/// There are no scores, or they are one; a cell that is not a score.
pub(super) fn range(frame: &Frame, column: &Column) -> Result<Range, FindError> {
    let mut range: Option<Range> = None;
    for row in 0..frame.rows() {
        if let Some(cell) = column.cell(row).filter(|cell| !cell.trim().is_empty()) {
            let score = score(cell).map_err(|why| frame.error(row, why))?;
            let Range { low, high } = range.unwrap_or(Range { low: score, high: score });
            range = Some(Range { low: low.min(score), high: high.max(score) });
        }
    }
    let question = || Question::new("label", format!("`{}` has no scores, or a single one", column.name));
    Ok(range.filter(|range| range.low < range.high).ok_or_else(question)?)
}

/// A score.
///
/// # Errors
/// What is not a number, or not a finite one.
pub(super) fn score(cell: &str) -> Result<f32, String> {
    let number = cell.trim().parse::<f32>().ok().filter(|number| number.is_finite());
    number.ok_or_else(|| {
        let comma = if cell.contains(',') { " with a point before its decimals" } else { "" };
        format!("the score is `{}`; expected a number{comma}", shortened(cell))
    })
}

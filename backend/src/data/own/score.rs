//! Scores: a number for each text.

use crate::data::DataError;
use crate::data::frame::{Column, Frame};
use crate::data::table::shortened;

/// The least and the greatest score; `None` if they are one.
///
/// # Errors
/// A cell that is not a score.
pub(super) fn range(frame: &Frame, column: &Column) -> Result<Option<(f32, f32)>, DataError> {
    let mut range: Option<(f32, f32)> = None;
    for row in 0..frame.rows() {
        if let Some(cell) = column.cell(row).filter(|cell| !cell.trim().is_empty()) {
            let score = score(cell).map_err(|why| frame.error(row, why))?;
            let (low, high) = range.unwrap_or((score, score));
            range = Some((low.min(score), high.max(score)));
        }
    }
    Ok(range.filter(|(low, high)| low < high))
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

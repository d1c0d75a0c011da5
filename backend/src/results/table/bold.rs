//! What tables set in bold: one rule for all of them.

use super::{MetricSummary, ResultCell, ResultTable};
use tunemask_shared::mask::Mask;

/// The rule, for a reader.
pub const BOLD: &str = "Bold: the best mean of each column over all seeds; `full`, which the others are held against, is left out.";

/// Of the figures of a column which stand bold: those that equal the best, if two or more take part. `full` does not.
pub fn bold<'a>(column: impl Iterator<Item = Option<(&'a Mask, &'a MetricSummary)>>) -> Vec<bool> {
    best(column.map(|f| f.filter(|(mask, _)| **mask != Mask::Full).map(|(_, figure)| figure)))
}

/// Of some figures of one metric those that equal the best, if two or more take part: a mean over fewer seeds than were asked
/// for does not.
pub fn best<'a>(figures: impl Iterator<Item = Option<&'a MetricSummary>>) -> Vec<bool> {
    let whole = |figure: &&MetricSummary| figure.gap.is_none() && figure.summary.n > 0;
    let column: Vec<Option<&MetricSummary>> = figures.map(|figure| figure.filter(whole)).collect();
    let best = column
        .iter()
        .flatten()
        .map(|f| (f.metric, f.summary.mean))
        .reduce(|best, new| if best.0.improves(new.1, best.1) { new } else { best });
    let several = column.iter().flatten().count() > 1;
    let is_best =
        |figure: &MetricSummary| several && best.is_some_and(|(_, mean)| figure.summary.mean == mean);
    column.into_iter().map(|figure| figure.is_some_and(is_best)).collect()
}

impl ResultTable {
    /// What stands bold: for each of [`ResultTable::columns`], one mark per row.
    pub fn bold(&self) -> Vec<Vec<bool>> {
        let column = |place: usize| {
            bold(self.rows.iter().map(|row| {
                let figure = row.cells.iter().flat_map(|cell| &cell.figures).nth(place)?;
                Some((&row.mask, figure))
            }))
        };
        (0..self.columns().len()).map(column).collect()
    }
}

impl ResultCell {
    /// Seeds that were asked for.
    pub fn seeds(&self) -> usize {
        self.rates.first().map_or(0, |rate| rate.seeds.len())
    }
}

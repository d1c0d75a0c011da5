//! Cells and headers of the paper's tables as text.

use crate::results::format::{column, mean_and_deviation, value};
use crate::results::paper::{PaperCell, PaperColumn, PaperTable};
use crate::results::table::Edge;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::text::{NONE, rate, thousands};

impl PaperColumn {
    /// The column's title: `RTE accuracy`, `RTE accuracy, random`.
    pub fn title(&self) -> String {
        let title = column(&self.task, self.metric, self.set);
        self.side.map_or(title.clone(), |side| format!("{title}, {side}"))
    }
}

impl PaperTable {
    /// The titles of all columns.
    pub(in crate::results) fn header(&self) -> Vec<String> {
        let mut header = vec![self.stub.clone(), "trainable".to_owned()];
        header.extend(self.columns.iter().map(PaperColumn::title));
        header
    }

    /// The runs behind each row, a line for each task and mask, which is written as `written` says.
    pub(in crate::results) fn run_lines(&self, written: impl Fn(&Mask) -> String) -> Vec<String> {
        let mut out = Vec::new();
        for row in &self.rows {
            let mut seen = Vec::new();
            for (column, cell) in self.columns.iter().zip(&row.cells) {
                let Some(cell) = cell.as_ref().filter(|c| !c.runs.is_empty()) else { continue };
                if !seen.contains(&(&column.task, &cell.mask)) {
                    seen.push((&column.task, &cell.mask));
                    let runs: Vec<&str> = cell.runs.iter().map(|r| r.0.as_str()).collect();
                    let mask = written(&cell.mask);
                    out.push(format!("{mask} on {}: {}", column.task.title(), runs.join(" ")));
                }
            }
        }
        out
    }
}

/// Scalars that train, or a dash.
pub(in crate::results) fn trainable(count: Option<u64>) -> String {
    count.map_or_else(|| NONE.to_owned(), thousands)
}

/// `66.4 ± 1.3 @ 1e-3 [66.5]`, the learning rate with an arrow on the edge of its grid.
pub(in crate::results) fn cell(column: &PaperColumn, cell: Option<&PaperCell>) -> String {
    let Some(cell) = cell else { return NONE.to_owned() };
    let mut out = mean_and_deviation(column.metric, cell.summary);
    if let Some(share) = cell.share() {
        out.push_str(&format!(" ({share})"));
    }
    if !cell.rates.is_empty() {
        out.push_str(&format!(" @ {}", rates(cell)));
    }
    if cell.is_provisional() {
        out.push('†');
    }
    if let Some(reference) = reference(column.metric, cell) {
        out.push_str(&format!(" [{reference}]"));
    }
    out
}

/// The picked learning rates, with an arrow where one is an end of its grid.
pub(in crate::results) fn rates(cell: &PaperCell) -> String {
    let mut rates = cell.rates.iter().map(|&r| rate(r)).collect::<Vec<_>>().join(", ");
    rates.extend(cell.edge.map(Edge::sign));
    rates
}

/// What others found: `66.5` or `66.5 ± 1.2`.
pub(in crate::results) fn reference(metric: Metric, cell: &PaperCell) -> Option<String> {
    let (mean, std) = cell.reference?;
    let std = std.map(|s| format!(" ± {}", value(metric, s))).unwrap_or_default();
    Some(format!("{}{std}", value(metric, mean)))
}

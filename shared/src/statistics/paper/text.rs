use super::{PaperCell, PaperColumn, PaperTable};
use crate::metric::Metric;
use crate::statistics::text::{NONE, column, mean_and_deviation, rate, thousands, value};

impl PaperColumn {
    /// The column's title: `RTE accuracy`, `RTE accuracy, random`.
    pub fn title(&self) -> String {
        let title = column(self.task, self.metric, self.set);
        self.side.map_or(title.clone(), |side| format!("{title}, {side}"))
    }
}

impl PaperCell {
    /// What it is over, where that is not all seeds: `n 4 of 6: 2 undefined`, or without any `6 to come`.
    pub fn share(&self) -> Option<String> {
        let gap = self.gap.as_ref()?;
        Some(if self.summary.n == 0 {
            gap.clone()
        } else {
            format!("n {} of {}: {gap}", self.summary.n, self.seeds)
        })
    }

    /// Whether it is over all seeds, but runs at other learning rates are still to come.
    pub fn is_provisional(&self) -> bool {
        !self.settled && self.gap.is_none()
    }
}

impl PaperTable {
    /// The titles of all columns.
    pub(super) fn header(&self) -> Vec<String> {
        let mut header = vec![self.stub.clone(), "trainable".to_owned()];
        header.extend(self.columns.iter().map(PaperColumn::title));
        header
    }

    /// The runs behind each row, a line a cell of the first figure of a task and side.
    pub(super) fn run_lines(&self) -> Vec<String> {
        let mut out = Vec::new();
        for row in &self.rows {
            let mut seen = Vec::new();
            for (column, cell) in self.columns.iter().zip(&row.cells) {
                let Some(cell) = cell.as_ref().filter(|c| !c.runs.is_empty()) else { continue };
                if !seen.contains(&(column.task, column.side)) {
                    seen.push((column.task, column.side));
                    let runs: Vec<&str> = cell.runs.iter().map(|r| r.0.as_str()).collect();
                    out.push(format!("{} on {}: {}", cell.mask, column.task.title(), runs.join(" ")));
                }
            }
        }
        out
    }
}

/// Scalars that train, or a dash.
pub(super) fn trainable(count: Option<u64>) -> String {
    count.map_or_else(|| NONE.to_owned(), thousands)
}

/// `66.4 ± 1.25 @ 1e-3 [66.5]`, the learning rate with an arrow on the edge of its grid.
pub(super) fn cell(column: &PaperColumn, cell: Option<&PaperCell>) -> String {
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
pub(super) fn rates(cell: &PaperCell) -> String {
    let rates = cell.rates.iter().map(|&r| rate(r)).collect::<Vec<_>>().join(", ");
    if cell.on_edge { format!("{rates}↕") } else { rates }
}

/// What others found: `66.5` or `66.5 ± 1.20`.
pub(super) fn reference(metric: Metric, cell: &PaperCell) -> Option<String> {
    let (mean, std) = cell.reference?;
    let std =
        std.map(|s| format!(" ± {}", crate::statistics::text::deviation(metric, s))).unwrap_or_default();
    Some(format!("{}{std}", value(metric, mean)))
}

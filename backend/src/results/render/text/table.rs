//! Cells of a result table as text.

use crate::results::format::mean_and_deviation;
use crate::results::table::{Edge, MetricSummary, ResultCell};
use tunemask_shared::text::rate;

/// A cell's picked learning rates, each once, in the order of the seeds: `1e-3`, or `1e-3, 5e-3`.
pub fn picked_rates(cell: &ResultCell) -> String {
    let mut seen: Vec<f64> = Vec::new();
    for &rate in &cell.picked {
        if !seen.contains(&rate) {
            seen.push(rate);
        }
    }
    seen.into_iter().map(rate).collect::<Vec<_>>().join(", ")
}

/// A cell's picked learning rates, with an arrow on the edge of their grid: `1e-3↑`.
fn rates_and_edge(cell: &ResultCell) -> String {
    let mut text = picked_rates(cell);
    text.extend(cell.edge.map(Edge::sign));
    text
}

/// What a figure that is not over all seeds is over: `n 4 of 6: 2 undefined`, or without any `6 to come`.
pub fn share(figure: &MetricSummary, seeds: usize) -> Option<String> {
    let gap = figure.gap.as_ref()?;
    Some(match figure.summary.n {
        0 => gap.clone(),
        n => format!("n {n} of {seeds}: {gap}"),
    })
}

/// Mean and deviation with what they are over, where that is not all seeds: `66.4 ± 1.3 (n 4 of 6: 2 undefined)`.
pub fn mean_of(figure: &MetricSummary, seeds: usize) -> String {
    let text = mean_and_deviation(figure.metric, figure.summary);
    share(figure, seeds).map_or(text.clone(), |share| format!("{text} ({share})"))
}

/// A figure with the learning rate behind it, if it is the one that picked: `66.4 ± 1.3 @ 1e-3`.
pub(in crate::results) fn figure(cell: &ResultCell, index: usize, figure: &MetricSummary) -> String {
    let text = mean_of(figure, cell.seeds());
    if index == 0 && !cell.picked.is_empty() { format!("{text} @ {}", rates_and_edge(cell)) } else { text }
}

use super::text::{count, rate};
use super::{Edge, ResultCell, ResultRow, ResultTable};
use crate::experiment::{RatePick, ReportedEpoch};
use crate::mask::Mask;
use crate::run::RunStatus;

/// What a reader must know of a table, a sentence each: how it was made, what was cut of its data, which runs are missing in which cell,
/// which learning rates lie on the edge of their grid.
pub fn notes(table: &ResultTable) -> Vec<String> {
    let mut notes = vec![legend(table)];
    notes.extend(table.remarks.iter().cloned());
    for row in &table.rows {
        notes.extend(row.cells.iter().filter_map(|cell| missing(&row.mask, cell)));
        notes.extend([Edge::Lowest, Edge::Highest].into_iter().filter_map(|end| on_edge(row, end)));
    }
    notes
}

fn legend(table: &ResultTable) -> String {
    let epoch = match table.reported_epoch {
        ReportedEpoch::Best => "the epoch best on the development set",
        ReportedEpoch::Last => "the last epoch",
    };
    let pick = match table.rate_pick {
        RatePick::BestMean => "the learning rate with the best mean",
        RatePick::PerSeed => "each seed's best learning rate",
    };
    let seeds = count(table.seeds.len(), "seed");
    format!(
        "Mean ± sample standard deviation (n − 1) in percent over {seeds}, at {epoch} and {pick} (behind the @)."
    )
}

fn missing(mask: &Mask, cell: &ResultCell) -> Option<String> {
    let total: usize = cell.rates.iter().map(|r| r.seeds.len()).sum();
    let with = |status: RunStatus| cell.unfinished().filter(|(_, s)| s.status == status).count();
    let kinds = [
        (RunStatus::Queued, "queued"),
        (RunStatus::Running, "running"),
        (RunStatus::Failed, "failed"),
        (RunStatus::Cancelled, "cancelled"),
        (RunStatus::Interrupted, "interrupted"),
    ];
    let parts: Vec<String> = kinds
        .into_iter()
        .filter_map(|(status, word)| Some(with(status)).filter(|&n| n > 0).map(|n| format!("{n} {word}")))
        .collect();
    let reason = cell.unfinished().find_map(|(lr, s)| {
        s.failure.as_ref().map(|why| format!("; at {} and seed {}: {why}", rate(lr), s.seed))
    });
    let title = cell.task.title();
    (!parts.is_empty()).then(|| {
        let reason = reason.unwrap_or_default();
        format!("{mask} on {title}: of {} {}{reason}.", count(total, "run"), parts.join(", "))
    })
}

fn on_edge(row: &ResultRow, edge: Edge) -> Option<String> {
    let (end, beyond) = match edge {
        Edge::Lowest => ("lowest", "lower"),
        Edge::Highest => ("highest", "higher"),
    };
    let there = row.cells.iter().filter(|cell| cell.edge == Some(edge));
    let tasks: Vec<&str> = there.map(|cell| cell.task.title()).collect();
    let (mask, tasks) = (&row.mask, Some(tasks.join(", ")).filter(|t| !t.is_empty())?);
    Some(format!("{mask} on {tasks}: the picked learning rate is the {end} of the grid; try {beyond} ones."))
}

use super::text::{count, rate};
use super::{Edge, ResultCell, ResultTable};
use crate::experiment::{RatePick, ReportedEpoch};
use crate::mask::Mask;
use crate::run::RunStatus;

/// What a reader must know of a table, a sentence each: how it was made, what was cut of its data, which runs are missing in which cell,
/// which learning rates lie on the edge of their grid.
pub fn notes(table: &ResultTable) -> Vec<String> {
    let mut notes = vec![legend(table)];
    notes.extend(table.remarks.iter().cloned());
    for row in &table.rows {
        for cell in &row.cells {
            notes.extend(missing(&row.mask, cell));
            notes.extend(on_edge(&row.mask, cell));
        }
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

fn on_edge(mask: &Mask, cell: &ResultCell) -> Option<String> {
    let (end, beyond) = match cell.edge? {
        Edge::Lowest => ("lowest", "lower"),
        Edge::Highest => ("highest", "higher"),
    };
    let title = cell.task.title();
    Some(format!("{mask} on {title}: the picked learning rate is the {end} of the grid; try {beyond} ones."))
}

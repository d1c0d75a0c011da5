//! What heat map and table say alike of a cell's learning rates and runs.

use super::csv_text;
use crate::results::table::{RateResult, ResultCell, ResultTable, SeedResult};
use tunemask_shared::metric::Metric;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::task::Task;
use tunemask_shared::text::rate;

/// The learning rates that any mask has on the task at this place, the smallest first.
pub(super) fn rates_at(results: &ResultTable, at: usize) -> Vec<f64> {
    let cells = results.rows.iter().filter_map(|row| row.cells.get(at));
    let mut rates: Vec<f64> =
        cells.flat_map(|cell| cell.rates.iter().map(|given| given.learning_rate)).collect();
    rates.sort_by(f64::total_cmp);
    rates.dedup();
    rates
}

/// A cell's learning rates, the smallest first.
pub(super) fn by_size(cell: &ResultCell) -> Vec<&RateResult> {
    let mut rates: Vec<&RateResult> = cell.rates.iter().collect();
    rates.sort_by(|a, b| a.learning_rate.total_cmp(&b.learning_rate));
    rates
}

/// Why a run has no number; empty if it has one.
pub(super) fn lack(seed: &SeedResult, metric: Metric) -> &'static str {
    match seed.status {
        RunStatus::Finished if seed.is_undefined(metric, 0) => "undefined",
        RunStatus::Finished => "",
        RunStatus::Queued | RunStatus::Running | RunStatus::Failed => seed.status.name(),
        RunStatus::Cancelled | RunStatus::Interrupted => seed.status.name(),
        RunStatus::Retired => "cut short",
    }
}

/// The runs whose values the result table reports of a cell.
pub(super) fn reported(results: &ResultTable, cell: &ResultCell) -> Vec<RunId> {
    cell.reported(results.rate_pick).into_iter().filter_map(|s: &SeedResult| s.run.clone()).collect()
}

/// A line for each run on these tasks, unrounded and in the metric's own unit (not percent).
pub(super) fn csv_of_runs(results: &ResultTable, tasks: &[Task]) -> String {
    let head =
        ["task", "metric", "mask", "learning_rate", "seed", "run", "status", "value", "reason", "reported"];
    let mut lines = vec![head.map(str::to_owned)];
    for row in &results.rows {
        for cell in row.cells.iter().filter(|cell| tasks.contains(&cell.task)) {
            let (metric, reported) = (cell.task.primary_metric(), reported(results, cell));
            for given in by_size(cell) {
                lines.extend(given.seeds.iter().map(|seed| {
                    let run = seed.run.as_ref();
                    [
                        cell.task.to_string(),
                        metric.name().to_owned(),
                        row.mask.to_string(),
                        rate(given.learning_rate),
                        seed.seed.to_string(),
                        run.map(|r| r.0.clone()).unwrap_or_default(),
                        seed.status.name().to_owned(),
                        seed.value(metric, 0)
                            .filter(|v| v.is_finite())
                            .map(|v| v.to_string())
                            .unwrap_or_default(),
                        match &seed.failure {
                            Some(why) => why.clone(),
                            None => lack(seed, metric).to_owned(),
                        },
                        run.is_some_and(|r| reported.contains(r)).to_string(),
                    ]
                }));
            }
        }
    }
    csv_text(&lines)
}

//! Learning rate by seed on a task as a heat map, mask by mask: each run by itself, as the table of learning rates holds it.

use super::cells::{csv_of_runs, lack, rates_at, reported};
use crate::results::format::{column, value};
use crate::results::table::{ResultCell, ResultTable, SeedResult};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::report::{Choice, HeatCell, HeatMap, HeatRow};
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;
use tunemask_shared::text::{count, rate};

/// The map of the task at this place of a result table; `None` if no mask has a learning rate there.
///
/// A row is a seed of a mask, those of one mask one below the other; a column is a rate that any mask has on the task.
pub(super) fn seed_map(results: &ResultTable, at: usize, task: &Task) -> Option<HeatMap> {
    let metric = task.primary_metric();
    let rates = rates_at(results, at);
    let cells = results.rows.iter().filter_map(|row| Some((&row.mask, row.cells.get(at)?)));
    let rows: Vec<HeatRow> = cells
        .flat_map(|(mask, cell)| {
            let picked = reported(results, cell);
            let of_seed = |&seed: &u64| HeatRow {
                mask: mask.clone(),
                seed: Some(seed),
                cells: rates.iter().map(|&rate| run_cell(mask, cell, rate, seed, metric, &picked)).collect(),
            };
            results.seeds.iter().map(of_seed).collect::<Vec<_>>()
        })
        .collect();
    (!rates.is_empty()).then(|| HeatMap {
        title: format!("Each seed: {}", column(task, metric, 0)),
        summary: summary(results, &rows, rates.len()),
        down: "Mask, seed".into(),
        across: "Learning rate".into(),
        columns: rates.iter().map(|&r| rate(r)).collect(),
        rows,
        better: metric.direction(),
        csv: csv_of_runs(results, std::slice::from_ref(task)),
    })
}

/// A run's cell; an empty one where the experiment has no such run.
fn run_cell(
    mask: &Mask,
    cell: &ResultCell,
    learning_rate: f64,
    seed: u64,
    metric: Metric,
    picked: &[RunId],
) -> HeatCell {
    let given = cell.rates.iter().find(|given| given.learning_rate == learning_rate);
    let Some(run) = given.and_then(|given| given.seeds.iter().find(|run| run.seed == seed)) else {
        return HeatCell::default();
    };
    let is_picked = run.run.as_ref().is_some_and(|id| picked.contains(id));
    let text = run.value(metric, 0).map_or_else(|| lack(run, metric).to_owned(), |v| value(metric, v));
    let more = if is_picked { "; picked".to_owned() } else { why(run) };
    HeatCell {
        value: run.value(metric, 0).filter(|value| value.is_finite()),
        said: format!("{mask} at {}, seed {seed}: {text}{more}", rate(learning_rate)),
        text,
        choice: if is_picked { Choice::Picked } else { Choice::Open },
        runs: run.run.iter().cloned().collect(),
        ..HeatCell::default()
    }
}

fn why(run: &SeedResult) -> String {
    run.failure.as_ref().map_or_else(String::new, |why| format!(", {why}"))
}

/// What is to be seen, in sentences.
fn summary(results: &ResultTable, rows: &[HeatRow], rates: usize) -> String {
    let asked = || rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.is_asked());
    let (masks, seeds) = (count(results.rows.len(), "mask"), count(results.seeds.len(), "seed"));
    let without = asked().filter(|cell| cell.value.is_none()).count();
    let figures = asked().count() - without;
    let mut sentences = vec![format!("{masks} at {} with {seeds}.", count(rates, "learning rate"))];
    sentences.push(format!("{} with a figure, {without} without.", count(figures, "run")));
    sentences.join(" ")
}

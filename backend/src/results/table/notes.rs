//! What a reader must know of a table, in sentences.

use super::columns::{TaskColumn, columns};
use super::{BOLD, Edge, RateResult, ResultCell, ResultRow, ResultTable, SeedResult};
use crate::results::format::metric_head;
use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunStatus;
use tunemask_shared::task::Task;
use tunemask_shared::text::{count, rate};

/// What a reader must know of a table, a sentence each: what its signs mean, then what is to be said of single cells.
pub fn notes(table: &ResultTable) -> Vec<String> {
    let mut notes = legend(table);
    if table.bold().into_iter().flatten().any(|bold| bold) {
        notes.push(BOLD.into());
    }
    notes.extend(remarks(table));
    notes
}

/// What is to be said of data and cells: what was cut, which runs are missing in which cell or have no number there,
/// which learning rates could not be picked, which picked ones lie on the edge of their grid.
pub fn remarks(table: &ResultTable) -> Vec<String> {
    let mut notes = table.remarks.clone();
    for row in &table.rows {
        for cell in &row.cells {
            notes.extend(missing(&row.mask, cell));
            notes.extend(undefined(table, &row.mask, cell));
            notes.extend(not_picked(table.rate_pick, &row.mask, cell));
        }
        notes.extend(further(row));
        notes.extend(Edge::ALL.into_iter().filter_map(|end| on_edge(row, end)));
    }
    notes
}

/// How a table was made, and what its signs mean; what stands bold is said by [`BOLD`].
pub fn legend(table: &ResultTable) -> Vec<String> {
    let epoch = match table.reported_epoch {
        ReportedEpoch::Best => "the epoch best on the development set",
        ReportedEpoch::Last => "the last epoch",
    };
    let pick = match table.rate_pick {
        RatePick::BestMean => "the learning rate with the best mean",
        RatePick::PerSeed => "each seed's best learning rate",
    };
    let seeds = count(table.seeds.len(), "seed");
    let cells = || table.rows.iter().flat_map(|row| &row.cells);
    let figures = || cells().flat_map(|cell| &cell.figures);
    let unit = match figures().any(|figure| !figure.metric.in_percent()) {
        true => "in percent (RMSE in the unit of the scores)",
        false => "in percent",
    };
    let mut text = format!(
        "Mean ± sample standard deviation (n − 1) {unit} over {seeds}, at {epoch} and {pick} (after the @)."
    );
    if table.reported_epoch == ReportedEpoch::Best || cells().any(|cell| cell.rates.len() > 1) {
        text.push_str(
            " Chosen on the examples that are scored, so figures flatter, and more where there was more to choose from; the \
             verdicts compare scores without that.",
        );
    }
    if figures().any(|figure| figure.summary.n == 1) {
        text.push_str(" One value has no deviation (± –).");
    }
    if figures().any(|figure| figure.gap.is_some()) {
        text.push_str(
            " A seed without a number is left out of its cell, which then says over how many seeds it is (n) \
             and what the others lack; averages and verdicts leave out such a cell.",
        );
    }
    let mut legend = vec![text];
    let edges: Vec<Edge> =
        Edge::ALL.into_iter().filter(|&end| cells().any(|c| c.edge == Some(end))).collect();
    let meanings = edges.iter().map(|&end| {
        let meaning = match end {
            Edge::Lowest => "the lowest of its grid",
            Edge::Highest => "the highest of its grid",
            Edge::Both => "the lowest of its grid for one seed and the highest for another",
        };
        format!("{} {meaning}", end.sign())
    });
    if !edges.is_empty() {
        let meanings = meanings.collect::<Vec<_>>().join(", ");
        legend.push(format!("After a learning rate: {meanings}; a better one may lie beyond."));
    }
    legend
}

/// The learning rates of a cell that had no part in its choice because runs at them have no number.
fn not_picked(how: RatePick, mask: &Mask, cell: &ResultCell) -> Option<String> {
    let most = cell.rates.iter().map(|given| given.primary.n).max()?;
    let metric = cell.task.primary_metric();
    // One that was cut short has lost the choice.
    let lacks = |run: &&SeedResult| {
        run.status.is_over() && run.status != RunStatus::Retired && run.value(metric, 0).is_none()
    };
    let drops_out = |given: &&RateResult| {
        let loses = match how {
            RatePick::BestMean => given.primary.n < most,
            RatePick::PerSeed => given.primary.n < given.seeds.len(),
        };
        loses && most > 0 && given.seeds.iter().any(|run| lacks(&run))
    };
    let told = cell.rates.iter().filter(drops_out).map(|given| {
        let without = given.seeds.iter().filter(lacks).count();
        format!(
            "{} (no number from {without} of {})",
            rate(given.learning_rate),
            count(given.seeds.len(), "run")
        )
    });
    let told: Vec<String> = told.collect();
    let who = match how {
        RatePick::BestMean => "",
        RatePick::PerSeed => " of those seeds",
    };
    (!told.is_empty()).then(|| {
        let (title, rates) = (cell.task.title(), told.join(", "));
        format!("{mask} on {title}: left out of the choice{who} of the learning rate: {rates}.")
    })
}

/// Finished runs of a cell on which a metric is undefined, and why.
fn undefined(table: &ResultTable, mask: &Mask, cell: &ResultCell) -> Vec<String> {
    let runs = || cell.rates.iter().flat_map(|rate| &rate.seeds);
    let mut told: Vec<(usize, &'static str, Vec<String>)> = Vec::new();
    for column_of_task in columns(&cell.task) {
        let TaskColumn { metric, set } = column_of_task;
        let without: Vec<&SeedResult> = runs().filter(|run| run.is_undefined(metric, set)).collect();
        let Some(&first) = without.first() else { continue };
        let (n, why) = (without.len(), why(table, &cell.task, first, column_of_task));
        let title = metric_head(&cell.task, metric, set);
        match told.iter_mut().find(|(same, reason, _)| (*same, *reason) == (n, why)) {
            Some((.., titles)) => titles.push(title),
            None => told.push((n, why, vec![title])),
        }
    }
    let (total, title) = (count(runs().count(), "run"), cell.task.title());
    let sentence = |(n, why, titles): (usize, &str, Vec<String>)| {
        let (has, titles) = (if n == 1 { "has" } else { "have" }, titles.join(" and no "));
        format!("{mask} on {title}: of {total} {n} {has} no {titles}: {why}.")
    };
    told.into_iter().map(sentence).collect()
}

/// Which cells of a mask have learning rates beyond the grid: those of equal ones are told together.
fn further(row: &ResultRow) -> Option<String> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for cell in row.cells.iter().filter(|cell| !cell.further.is_empty()) {
        let mut rates = cell.further.clone();
        rates.sort_by(f64::total_cmp);
        let rates = rates.into_iter().map(rate).collect::<Vec<_>>().join(", ");
        match told.iter_mut().find(|(same, _)| *same == rates) {
            Some((_, tasks)) => tasks.push(cell.task.title()),
            None => told.push((rates, vec![cell.task.title()])),
        }
    }
    let told: Vec<String> =
        told.into_iter().map(|(rates, tasks)| format!("{rates} on {}", tasks.join(", "))).collect();
    let mask = &row.mask;
    (!told.is_empty())
        .then(|| format!("{mask}: also trained beyond the grid of learning rates: {}.", told.join("; ")))
}

/// Why a metric is undefined on what a run predicted.
fn why(table: &ResultTable, task: &Task, run: &SeedResult, column: TaskColumn) -> &'static str {
    let TaskColumn { metric, set } = column;
    if run.is_undefined(Metric::Loss, set) {
        return "a prediction is not finite, or there is none";
    }
    // All runs of a task are scored on the same examples.
    let cells = table.rows.iter().flat_map(|row| &row.cells).filter(|cell| cell.task == *task);
    let mut all = cells.flat_map(|cell| &cell.rates).flat_map(|rate| &rate.seeds);
    if all.any(|other| other.value(metric, set).is_some()) {
        "all predictions are the same"
    } else {
        "all predictions, or all labels, are the same"
    }
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
        (RunStatus::Retired, "cut short"),
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
        Edge::Lowest => ("rate is the lowest", "lower"),
        Edge::Highest => ("rate is the highest", "higher"),
        Edge::Both => ("rates are the lowest and the highest", "lower and higher"),
    };
    let there = row.cells.iter().filter(|cell| cell.edge == Some(edge));
    let tasks: Vec<&str> = there.map(|cell| cell.task.title()).collect();
    let (mask, tasks) = (&row.mask, Some(tasks.join(", ")).filter(|t| !t.is_empty())?);
    Some(format!("{mask} on {tasks}: the picked learning {end} of the grid; try {beyond} ones."))
}

//! Mask by learning rate on a task as a heat map: the means over the seeds that the table of learning rates holds.

use super::cells::{by_size, lack, rates_at};
use super::csv_text;
use super::results::edge;
use crate::results::format::{column, mean_and_deviation, value};
use crate::results::table::{RateResult, ResultCell, ResultTable};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::report::{Choice, HeatCell, HeatMap, HeatRow};
use tunemask_shared::task::Task;
use tunemask_shared::text::{count, rate};

/// The heat map of the task at this place of a result table; `None` if no mask has a learning rate there.
///
/// A column is a rate that any mask has on the task, the smallest first: where one grid was extended, the others have empty cells.
pub(super) fn heat_map(results: &ResultTable, at: usize, task: &Task) -> Option<HeatMap> {
    let metric = task.primary_metric();
    let cells = || results.rows.iter().filter_map(|row| Some((&row.mask, row.cells.get(at)?)));
    let rates = rates_at(results, at);
    let row = |(mask, cell): (&Mask, &ResultCell)| HeatRow {
        mask: mask.clone(),
        seed: None,
        cells: rates
            .iter()
            .map(|&rate| {
                let given = cell.rates.iter().find(|given| given.learning_rate == rate);
                given.map_or_else(HeatCell::default, |given| heat_cell(mask, cell, given, metric))
            })
            .collect(),
    };
    let rows: Vec<HeatRow> = cells().map(row).collect();
    (!rates.is_empty()).then(|| HeatMap {
        title: column(task, metric, 0),
        summary: summary(results, at, metric, rates.len()),
        down: "Mask".into(),
        across: "Learning rate".into(),
        columns: rates.iter().map(|&r| rate(r)).collect(),
        rows,
        better: metric.direction(),
        csv: csv(results, at),
    })
}

fn heat_cell(mask: &Mask, cell: &ResultCell, given: &RateResult, metric: Metric) -> HeatCell {
    let choice = if cell.picked.contains(&given.learning_rate) { Choice::Picked } else { Choice::Open };
    let tried = || cell.rates.iter().map(|given| given.learning_rate);
    let is_end = given.learning_rate == tried().fold(f64::INFINITY, f64::min)
        || given.learning_rate == tried().fold(f64::NEG_INFINITY, f64::max);
    let warning = edge(cell.edge).filter(|_| choice == Choice::Picked && is_end);
    let (n, seeds) = (given.primary.n, given.seeds.len());
    let lacks = lacks(given, metric);
    let (text, under) = match (n, &lacks[..]) {
        (0, [(_, word)]) => ((*word).to_owned(), String::new()),
        (0, [(first, word), others @ ..]) => {
            let others: Vec<String> = others.iter().map(|(n, word)| format!("{n} {word}")).collect();
            (format!("{first} {word}"), others.join(", "))
        }
        _ if n < seeds => (value(metric, given.primary.mean), format!("n {n} of {seeds}")),
        _ if n < 2 => (value(metric, given.primary.mean), String::new()),
        _ => (value(metric, given.primary.mean), format!("± {}", value(metric, given.primary.std))),
    };
    HeatCell {
        value: Some(given.primary.mean).filter(|mean| mean.is_finite()),
        text,
        under,
        choice,
        said: said(mask, given, metric, choice, &lacks),
        warning,
        runs: given.seeds.iter().filter_map(|seed| seed.run.clone()).collect(),
    }
}

/// What the seeds without a number lack, each word with how many, in the order of the seeds.
fn lacks(given: &RateResult, metric: Metric) -> Vec<(usize, &'static str)> {
    let mut counts: Vec<(usize, &'static str)> = Vec::new();
    for word in given.seeds.iter().map(|seed| lack(seed, metric)).filter(|word| !word.is_empty()) {
        match counts.iter_mut().find(|(_, known)| *known == word) {
            Some((n, _)) => *n += 1,
            None => counts.push((1, word)),
        }
    }
    counts
}

/// A cell in words: `layernorms at 1e-3: 66.4 ± 1.3; seed 1 65.2, seed 2 67.6; picked`.
fn said(mask: &Mask, given: &RateResult, metric: Metric, choice: Choice, lacks: &[(usize, &str)]) -> String {
    let head = format!("{mask} at {}", rate(given.learning_rate));
    let mut parts = Vec::new();
    if given.primary.n > 0 {
        parts.push(mean_and_deviation(metric, given.primary));
        let seeds = given
            .seeds
            .iter()
            .filter_map(|seed| Some(format!("seed {} {}", seed.seed, value(metric, seed.value(metric, 0)?))));
        parts.push(seeds.collect::<Vec<_>>().join(", "));
    }
    let lacks: Vec<String> = lacks.iter().map(|(n, word)| format!("{n} {word}")).collect();
    parts.extend(Some(lacks.join(", ")).filter(|lacks| !lacks.is_empty()));
    parts.extend((choice == Choice::Picked).then(|| "picked".to_owned()));
    format!("{head}: {}", parts.join("; "))
}

/// What is to be seen, in sentences.
fn summary(results: &ResultTable, at: usize, metric: Metric, rates: usize) -> String {
    let masks = results.rows.len();
    let mut all: Vec<(&Mask, &RateResult)> = Vec::new();
    for row in &results.rows {
        all.extend(
            row.cells.get(at).iter().flat_map(|cell| cell.rates.iter().map(|given| (&row.mask, given))),
        );
    }
    let (with, without): (Vec<_>, Vec<_>) = all.into_iter().partition(|(_, given)| given.primary.n > 0);
    let best = with.iter().copied().reduce(|best, new| {
        if metric.improves(new.1.primary.mean, best.1.primary.mean) { new } else { best }
    });
    let mut sentences = vec![format!("{} at {}.", count(masks, "mask"), count(rates, "learning rate"))];
    sentences.extend(best.map(|(mask, given)| {
        let figure = mean_and_deviation(metric, given.primary);
        format!("Best: {mask} at {}, {figure}.", rate(given.learning_rate))
    }));
    if !without.is_empty() {
        sentences.push(format!("{} without a figure.", count(without.len(), "cell")));
    }
    sentences.join(" ")
}

/// A line for each cell, unrounded and in the metric's own unit (not percent).
fn csv(results: &ResultTable, at: usize) -> String {
    let number = |x: f64| if x.is_finite() { x.to_string() } else { String::new() };
    let mut lines = vec![["mask", "learning_rate", "mean", "std", "n", "seeds", "picked"].map(str::to_owned)];
    for row in &results.rows {
        let Some(cell) = row.cells.get(at) else { continue };
        lines.extend(by_size(cell).into_iter().map(|given| {
            [
                row.mask.to_string(),
                rate(given.learning_rate),
                number(given.primary.mean),
                number(given.primary.std),
                given.primary.n.to_string(),
                given.seeds.len().to_string(),
                cell.picked.contains(&given.learning_rate).to_string(),
            ]
        }));
    }
    csv_text(&lines)
}

//! The result table, folded from the log's state.

use super::columns::{TaskColumn, columns};
use super::edge::edge;
use super::gap::gap;
use super::pick::pick;
use super::{MetricSummary, RateResult, ResultCell, ResultRow, ResultTable, SeedResult};
use crate::results::Summary;
use std::collections::BTreeMap;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{EngineKind, Experiment, ReportedEpoch};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Score;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState, RunState};
use tunemask_shared::task::Task;
use tunemask_shared::text::count;

/// Where a run is in the grid: task, mask as written, the learning rate's bits, seed.
type GridKey = (Task, String, u64, u64);

/// The result table of an experiment; `None` if the log holds no such experiment.
///
/// Only runs that finished count. Complete or not: what is missing is said in each cell.
pub fn table(state: &LabState, experiment_id: ExperimentId) -> Option<ResultTable> {
    let found = state.experiments.get(&experiment_id)?;
    let e = &found.experiment;
    let known = found.runs.iter().filter_map(|id| state.runs.get(id).map(|run| (id, run)));
    let runs: BTreeMap<GridKey, (&RunId, &RunState)> = known
        .map(|(id, run)| {
            let s = &run.spec;
            ((s.task.clone(), s.mask.to_string(), s.learning_rate.to_bits(), s.seed), (id, run))
        })
        .collect();
    let tasks = found.tasks(&state.runs);
    let masks = e.masks.iter().filter_map(|m| m.parse::<Mask>().ok());
    let rows = masks
        .map(|mask| {
            let cells: Vec<ResultCell> = tasks.iter().map(|task| cell(e, &runs, &mask, task)).collect();
            let settled = !cells.is_empty() && cells.iter().all(|c| c.settled);
            let primary = cells.iter().filter_map(|c| c.primary()).map(|f| f.summary.mean);
            // Units of their own have no mean.
            let in_points = tasks.iter().all(|task| task.primary_metric().in_percent());
            let average = (settled && in_points).then(|| primary.sum::<f64>() / cells.len() as f64);
            let trainable = runs.values().find(|(_, r)| r.spec.mask == mask).map(|(_, r)| r.trainable);
            ResultRow { mask, trainable, cells, average }
        })
        .collect();
    let mut remarks: Vec<String> = Vec::new();
    for note in found.runs.iter().filter_map(|id| state.runs.get(id)).flat_map(|run| &run.notes) {
        if !remarks.contains(note) {
            remarks.push(note.clone());
        }
    }
    // Those of an experiment are all of one version.
    let clip_predictions = runs.values().any(|(_, run)| run.spec.clips_predictions());
    if clip_predictions {
        remarks.push("Correlations are of predictions clipped to the range of the task's scores.".into());
    }
    remarks.extend(kinds_of_machine(found, state));
    remarks.extend(stopped_early(runs.values().map(|(_, run)| *run)));
    if let Some(halving) = &e.halving {
        remarks.push(format!(
            "Successive halving, {halving}: of the learning rates of a task, a mask and a seed {} % went on after each of these \
             epochs, by their best score so far; runs of the others were cut short and have no number.",
            (1e4 * halving.keep).round() / 1e2
        ));
    }
    if e.engine == EngineKind::Candle {
        remarks.push("Trained by the reference engine, candle's autograd.".into());
    }
    Some(ResultTable {
        experiment_id,
        name: e.name.clone(),
        model: e.model.clone(),
        seeds: e.seeds.clone(),
        reported_epoch: e.reported_epoch,
        rate_pick: e.rate_pick,
        clip_predictions,
        tasks,
        rows,
        remarks,
    })
}

/// What is to be said of results that more than one kind of machine computed.
fn kinds_of_machine(found: &ExperimentState, state: &LabState) -> Option<String> {
    let finished = found.runs.iter().filter_map(|id| state.runs.get(id)).filter(|run| run.outcome.is_some());
    let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
    for node in finished.filter_map(|run| run.node.as_ref()) {
        *kinds.entry(node.arithmetic.0.as_str()).or_default() += 1;
    }
    let said: Vec<String> =
        kinds.iter().map(|(kind, runs)| format!("{kind}: {}", count(*runs, "run"))).collect();
    (kinds.len() > 1).then(|| {
        format!(
            "{} kinds of machine took part ({}): the same run has other bits on each, though no other distribution.",
            kinds.len(),
            said.join(", ")
        )
    })
}

/// What is to be said of runs that stopped before their last step: `5 of 12 runs stopped early, after 3 to 8 epochs: …`.
fn stopped_early<'a>(runs: impl Iterator<Item = &'a RunState> + Clone) -> Option<String> {
    let outcomes = runs.clone().filter_map(|run| Some((run, run.outcome.as_ref()?)));
    let total = outcomes.clone().count();
    let stopped: Vec<u32> = outcomes.clone().filter_map(|(_, outcome)| outcome.stopped_after).collect();
    let (first, last) = (stopped.iter().min()?, stopped.iter().max()?);
    let patience = runs.filter_map(|run| run.spec.early_stopping).next()?;
    let epochs = count(*last as usize, "epoch");
    let after = if first == last { epochs } else { format!("{first} to {epochs}") };
    let patience = count(patience as usize, "epoch");
    Some(format!(
        "Of {} {} stopped early, after {after}: the score had not become better for {patience}.",
        count(total, "finished run"),
        stopped.len()
    ))
}

fn cell(
    e: &Experiment,
    runs: &BTreeMap<GridKey, (&RunId, &RunState)>,
    mask: &Mask,
    task: &Task,
) -> ResultCell {
    let metric = task.primary_metric();
    let seed_result = |rate: f64, seed: u64| {
        let found = runs.get(&(task.clone(), mask.to_string(), rate.to_bits(), seed));
        SeedResult {
            seed,
            run: found.map(|(id, _)| (*id).clone()),
            status: found.map_or(RunStatus::Queued, |(_, r)| r.status),
            scores: found.map_or_else(Vec::new, |(_, r)| reported_scores(r, e.reported_epoch)),
            failure: found.and_then(|(_, r)| r.failure.clone()),
        }
    };
    let rates: Vec<RateResult> = e
        .rates_of(task.name(), mask)
        .into_iter()
        .map(|learning_rate| {
            let seeds: Vec<_> = e.seeds.iter().map(|&seed| seed_result(learning_rate, seed)).collect();
            let values: Vec<f64> = seeds.iter().filter_map(|s| s.value(metric, 0)).collect();
            RateResult { learning_rate, seeds, primary: Summary::of(&values) }
        })
        .collect();
    let pick = pick(&rates, metric, e.rate_pick);
    let figures: Vec<MetricSummary> = columns(task)
        .map(|column| {
            let TaskColumn { metric, set } = column;
            let values: Vec<f64> = pick.runs.iter().filter_map(|r| r.value(metric, set)).collect();
            let gap = gap(&rates, &pick.rates, e.rate_pick, &pick.runs, column);
            MetricSummary { metric, set, summary: Summary::of(&values), gap }
        })
        .collect();
    let over = rates.iter().flat_map(|r| &r.seeds).all(|s| s.status.is_over());
    let settled = over && pick.runs.len() == e.seeds.len();
    let tried: Vec<f64> = rates.iter().map(|rate| rate.learning_rate).collect();
    let edge = edge(&tried, &pick.rates);
    let further = e.further_rates_of(task.name(), mask).collect();
    ResultCell { task: task.clone(), picked: pick.rates, figures, edge, settled, rates, further }
}

/// The scores of the epoch that an experiment reports; none unless the run finished.
pub fn reported_scores(run: &RunState, reported: ReportedEpoch) -> Vec<Score> {
    match (&run.outcome, reported, run.evaluations.last()) {
        (Some(_), ReportedEpoch::Last, Some(last)) => last.scores.clone(),
        (Some(outcome), _, _) => outcome.metrics.clone(),
        (None, ..) => Vec::new(),
    }
}

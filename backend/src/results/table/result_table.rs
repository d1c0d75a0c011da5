//! What a result table holds.

use super::Edge;
use super::columns::columns;
use crate::results::Summary;
use serde::Serialize;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{RatePick, ReportedEpoch};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::printable;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::task::Task;

/// An experiment's results: a row for each mask, a cell for each task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultTable {
    /// The experiment's number.
    pub experiment_id: ExperimentId,
    /// Its name.
    pub name: String,
    /// Its model.
    pub model: String,
    /// Its seeds.
    pub seeds: Vec<u64>,
    /// Which epoch its runs report.
    pub reported_epoch: ReportedEpoch,
    /// How its learning rates are picked.
    pub rate_pick: RatePick,
    /// Whether its correlations are of predictions clipped to their task's range.
    pub clip_predictions: bool,
    /// Its tasks, in its order: `rows[…].cells[i]` is of `tasks[i]`.
    #[serde(serialize_with = "tunemask_shared::task::by_names")]
    pub tasks: Vec<Task>,
    /// A row for each mask, in the experiment's order.
    pub rows: Vec<ResultRow>,
    /// What its runs say of model and data, such as texts that were cut.
    pub remarks: Vec<String>,
}

/// A mask's results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultRow {
    /// The mask.
    pub mask: Mask,
    /// Scalars that train, head not counted; `None` before a run is queued.
    pub trainable: Option<u64>,
    /// A cell for each task.
    pub cells: Vec<ResultCell>,
    /// Mean over the tasks of their first metric; `None` until every cell is settled, and where one is in a unit of its own.
    pub average: Option<f64>,
}

/// A mask's results on a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ResultCell {
    /// The task.
    #[serde(serialize_with = "tunemask_shared::task::by_name")]
    pub task: Task,
    /// Each learning rate's runs, in the experiment's order, those that only this cell has behind the others: of equal
    /// ones the earlier is picked, so a rate beyond the grid must be better to be picked.
    pub rates: Vec<RateResult>,
    /// The learning rates that only this cell has.
    pub further: Vec<f64>,
    /// The learning rate picked: one for all seeds, or one a seed ([`RatePick::PerSeed`]) in the order of the
    /// seeds, those without a number left out. Empty while no run has a number.
    pub picked: Vec<f64>,
    /// Every metric of the task on every development set over the seeds at the picked rate; the one that
    /// picks comes first. The list is the same in every row.
    pub figures: Vec<MetricSummary>,
    /// Whether a picked rate lies on the edge of the cell's rates, if these are two or more: a better one may lie
    /// outside.
    pub edge: Option<Edge>,
    /// Whether no run is queued or running and every seed has a number at the picked rate.
    pub settled: bool,
}

/// One metric's mean over the seeds.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MetricSummary {
    /// What was measured.
    pub metric: Metric,
    /// On which of the task's development sets.
    pub set: u8,
    /// In the metric's own unit, not percent; over the seeds that have a number.
    pub summary: Summary,
    /// What the other seeds lack: `2 undefined, 1 failed`; `None` where it is over all seeds.
    pub gap: Option<String>,
}

/// A learning rate's runs in a cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RateResult {
    /// Peak learning rate.
    pub learning_rate: f64,
    /// A run for each seed, in the experiment's order.
    pub seeds: Vec<SeedResult>,
    /// The task's first metric over the seeds that have a number.
    pub primary: Summary,
}

/// A run in a cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SeedResult {
    /// The seed.
    pub seed: u64,
    /// The run; `None` if the log does not know it yet.
    pub run: Option<RunId>,
    /// Where it stands.
    pub status: RunStatus,
    /// The reported epoch's scores; empty unless the run finished.
    pub scores: Vec<Score>,
    /// Why it failed, if it did.
    pub failure: Option<String>,
}

impl SeedResult {
    /// A metric's value on a development set; `None` if the run has none, or the metric is undefined on what it
    /// predicted.
    pub fn value(&self, metric: Metric, set: u8) -> Option<f64> {
        self.score(metric, set).filter(|value| !value.is_nan())
    }
    /// Whether the run was scored by a metric that is undefined on what it predicted.
    pub fn is_undefined(&self, metric: Metric, set: u8) -> bool {
        self.score(metric, set).is_some_and(f64::is_nan)
    }
    fn score(&self, metric: Metric, set: u8) -> Option<f64> {
        self.scores.iter().find(|s| s.metric == metric && s.set == set).map(|s| s.value)
    }
}

impl ResultCell {
    /// The runs that did not finish, each with its learning rate.
    pub fn unfinished(&self) -> impl Iterator<Item = (f64, &SeedResult)> {
        let runs = self.rates.iter().flat_map(|r| r.seeds.iter().map(|s| (r.learning_rate, s)));
        runs.filter(|(_, s)| s.status != RunStatus::Finished)
    }
    /// The metric that picks, over the seeds at the picked rate.
    pub fn primary(&self) -> Option<&MetricSummary> {
        self.figures.first()
    }
}

impl ResultTable {
    /// What it is of, on one line: `name (experiment 3, model)`.
    pub fn title(&self) -> String {
        let (name, model) = (printable::line(&self.name), printable::line(&self.model));
        format!("{name} (experiment {}, {model})", self.experiment_id)
    }
    /// The columns of figures: task, metric and development set, in the order of `cells` and `figures`.
    pub fn columns(&self) -> Vec<(Task, Metric, u8)> {
        let of_task =
            |task: &Task| columns(task).map(|c| (task.clone(), c.metric, c.set)).collect::<Vec<_>>();
        self.tasks.iter().flat_map(of_task).collect()
    }
    /// Whether an average over the tasks says more than the only task does.
    pub fn has_average(&self) -> bool {
        self.tasks.len() > 1
    }
}

//! The scores and predictions behind a result table.

use super::{Candidates, ModelSelection, Rule};
use crate::results::predictions::Predictions;
use crate::results::table::ResultTable;
use rayon::prelude::*;
use std::fmt;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;
use tunemask_shared::text::count;

/// The reported runs of a mask on a task, a run for each seed.
#[derive(Clone, Debug)]
pub struct Cell {
    /// The task.
    pub task: Task,
    /// The mask.
    pub mask: Mask,
    /// Scalars that it trains.
    pub trainable: u64,
    /// The runs.
    pub runs: Vec<RunId>,
    /// The first metric of each.
    pub scores: Vec<f64>,
    /// The predictions of each on the first development set; empty if one's are not stored.
    pub predictions: Vec<Predictions>,
    /// How much each example moves each score, see [`Predictions::influence`]; empty without predictions.
    pub influences: Vec<Vec<f64>>,
    /// How epoch and learning rate were selected, and what that adds.
    pub selection: ModelSelection,
}

impl Cell {
    /// Drops predictions that cannot be paired with those of others.
    fn forget_predictions(&mut self) {
        self.predictions.clear();
        self.influences.clear();
    }
    /// With how much each example moves its scores.
    #[must_use]
    pub fn with_influences(mut self) -> Self {
        let metric = self.metric();
        let found: Option<Vec<Vec<f64>>> = self.predictions.iter().map(|p| p.influence(metric)).collect();
        self.influences = found.unwrap_or_default();
        self
    }
    /// Scores what was not selected on the same halves as what was, so that the two can be compared.
    fn score_halves(&mut self) {
        let (metric, predictions) = (self.metric(), &self.predictions);
        if let ModelSelection::Fixed { half_scores } = &mut self.selection {
            *half_scores = Candidates::of_reported(predictions).half_scores(metric);
        }
    }
    /// The metric that is compared.
    pub fn metric(&self) -> Metric {
        self.task.primary_metric()
    }
}

/// Scores all cells on halves of the development set if one of them is: those of one study, or of several that are compared.
pub fn score_alike(cells: &mut [Cell]) {
    let is_selected = |cell: &Cell| matches!(cell.selection, ModelSelection::CrossValidated(_));
    if cells.iter().any(is_selected) {
        cells.par_iter_mut().for_each(Cell::score_halves);
    }
}

/// A cell that takes no part, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftOut {
    /// The task.
    pub task: Task,
    /// The mask.
    pub mask: Mask,
    /// Scalars that the mask trains; `None` before a run is queued.
    pub trainable: Option<u64>,
    /// What is not there: `of 6 seeds 2 undefined`.
    pub why: String,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {}: {}", self.mask, self.task.title(), self.why)
    }
}

/// The settled cells of a result table with what their runs predicted.
#[derive(Clone, Debug)]
pub struct Study {
    /// Seeds of every cell.
    pub seeds: Vec<u64>,
    /// Tasks in the table's order.
    pub tasks: Vec<Task>,
    /// Masks in the table's order.
    pub masks: Vec<Mask>,
    /// Cells that are settled, in the table's order: by mask, then by task.
    pub cells: Vec<Cell>,
    /// The other cells: a mean over some of the seeds is not compared with one over all.
    pub left_out: Vec<LeftOut>,
}

impl Study {
    /// Of a result table. `predictions` finds a run's on its task's first development set, at the epoch that the
    /// table reports.
    pub fn of(table: &ResultTable, predictions: impl Fn(&RunId) -> Option<Predictions>) -> Self {
        let (mut cells, mut left_out) = (Vec::new(), Vec::new());
        for row in &table.rows {
            for cell in &row.cells {
                let reported = cell.reported(table.rate_pick);
                let runs: Vec<RunId> = reported.iter().filter_map(|s| s.run.clone()).collect();
                let metric = cell.task.primary_metric();
                let scores: Vec<f64> = reported.iter().filter_map(|s| s.value(metric, 0)).collect();
                let whole = cell.settled && scores.len() == table.seeds.len();
                let (Some(trainable), true) = (row.trainable, whole) else {
                    let gap = cell.primary().and_then(|figure| figure.gap.as_deref());
                    let why = match gap {
                        Some(gap) => format!("of {} {gap}", count(table.seeds.len(), "seed")),
                        None => "runs at other learning rates are still to come".to_owned(),
                    };
                    let (mask, trainable) = (row.mask.clone(), row.trainable);
                    left_out.push(LeftOut { task: cell.task.clone(), mask, trainable, why });
                    continue;
                };
                let found: Option<Vec<Predictions>> = runs.iter().map(&predictions).collect();
                // Predictions on different examples cannot be paired.
                let found = found.filter(|all| all.windows(2).all(|w| w[0].len() == w[1].len()));
                cells.push(Cell {
                    task: cell.task.clone(),
                    mask: row.mask.clone(),
                    trainable,
                    runs,
                    scores,
                    predictions: found.unwrap_or_default(),
                    influences: Vec::new(),
                    selection: ModelSelection::unseen(cell.rates.len(), table.reported_epoch),
                });
            }
        }
        for task in &table.tasks {
            let sizes = |c: &Cell| c.predictions.first().map(Predictions::len);
            let mut of_task: Vec<&mut Cell> =
                cells.iter_mut().filter(|c: &&mut Cell| c.task == *task).collect();
            let first = of_task.iter().find_map(|c| sizes(c));
            for cell in of_task.iter_mut().filter(|c| sizes(c) != first) {
                cell.forget_predictions();
            }
        }
        let cells = cells.into_par_iter().map(Cell::with_influences).collect();
        let masks = table.rows.iter().map(|r| r.mask.clone()).collect();
        Self { seeds: table.seeds.clone(), tasks: table.tasks.clone(), masks, cells, left_out }
    }

    /// Finds for each cell what selecting epoch and learning rate adds, from what its runs predicted after each epoch; `candidates`
    /// gives that, or `None` where it is not stored for all runs.
    #[must_use]
    pub fn with_model_selection(
        mut self,
        rule: Rule,
        candidates: impl Fn(&Cell) -> Option<Candidates> + Sync,
    ) -> Self {
        self.cells.par_iter_mut().for_each(|cell| {
            if let Some(found) = candidates(cell) {
                cell.selection = found.selection(cell.metric(), rule);
            }
        });
        score_alike(&mut self.cells);
        self
    }

    /// The cell of a mask on a task, if it is settled.
    pub fn cell(&self, mask: &Mask, task: &Task) -> Option<&Cell> {
        self.cells.iter().find(|c| c.task == *task && c.mask == *mask)
    }

    /// What of these masks takes no part, in a sentence each: ` Without frozen on RTE: of 3 seeds 1 failed.` Empty where
    /// all does.
    pub fn without<'a>(&self, masks: impl IntoIterator<Item = &'a Mask>) -> String {
        let masks: Vec<&Mask> = masks.into_iter().collect();
        let own = self.left_out.iter().filter(|left| masks.contains(&&left.mask));
        own.map(|left| format!(" Without {left}.")).collect()
    }

    /// Whether two masks predict the same on every task, seed and example, as two names of one selection do.
    pub fn predict_alike(&self, left: &Mask, right: &Mask) -> bool {
        let alike = |task: &Task| match (self.cell(left, task), self.cell(right, task)) {
            (Some(l), Some(r)) => !l.predictions.is_empty() && l.predictions == r.predictions,
            (None, None) => true,
            _ => false,
        };
        self.tasks.iter().any(|task| self.cell(left, task).is_some()) && self.tasks.iter().all(alike)
    }

    /// Scalars that a mask trains.
    pub fn trainable(&self, mask: &Mask) -> Option<u64> {
        let settled = self.cells.iter().find(|c| c.mask == *mask).map(|c| c.trainable);
        let left_out = || self.left_out.iter().find(|l| l.mask == *mask)?.trainable;
        settled.or_else(left_out)
    }

    /// The tasks on which every one of these masks is settled, of those that are scored in points: a unit of another task's own is
    /// not averaged with these, nor held to a margin in points.
    pub fn common_tasks<'a>(&self, masks: impl IntoIterator<Item = &'a Mask> + Clone) -> Vec<Task> {
        let all = |task: &Task| masks.clone().into_iter().all(|m| self.cell(m, task).is_some());
        self.tasks.iter().filter(|task| task.primary_metric().in_percent() && all(task)).cloned().collect()
    }
}

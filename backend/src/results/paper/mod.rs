//! The paper's tables: a result table in one of its layouts, with run hashes and, beside each figure, what others
//! found. In reading order:

/// From a result table to rows and columns.
mod layout;

use super::Summary;
use super::table::Edge;
use serde::Serialize;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::report::Layout;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// A table of the paper.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperTable {
    /// For people.
    pub title: String,
    /// Its name among labels: `experiment-7-modules`.
    pub label: String,
    /// Its layout.
    pub layout: Layout,
    /// What a row is, at the head of the first column.
    pub stub: String,
    /// The columns of figures.
    pub columns: Vec<PaperColumn>,
    /// Its rows.
    pub rows: Vec<PaperRow>,
    /// Whether figures of others stand beside.
    pub has_reference: bool,
    /// How it was made and what its signs mean, a sentence or two each.
    pub legend: Vec<String>,
    /// What is to be said of single cells, a sentence each.
    pub notes: Vec<String>,
}

/// A column of figures.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PaperColumn {
    /// The task.
    #[serde(serialize_with = "tunemask_shared::task::by_name")]
    pub task: Task,
    /// What was measured.
    pub metric: Metric,
    /// On which of the task's development sets.
    pub set: u8,
    /// Which masks, where a task has several columns: "outliers", "random".
    pub side: Option<&'static str>,
}

/// A row.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperRow {
    /// What it is: a mask, a block's number, a number of outliers.
    pub label: String,
    /// Scalars that train, if known.
    pub trainable: Option<u64>,
    /// A cell for each column; `None` where the experiment has no such mask.
    pub cells: Vec<Option<PaperCell>>,
}

/// A figure with all that a reader may ask of it. Values are in the metric's own unit, not percent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PaperCell {
    /// The mask.
    pub mask: Mask,
    /// Mean and sample deviation over the seeds that have a number.
    pub summary: Summary,
    /// Seeds that were asked for.
    pub seeds: usize,
    /// What the other seeds lack: `2 undefined`; `None` where it is over all seeds.
    pub gap: Option<String>,
    /// The value of each seed.
    pub values: Vec<f64>,
    /// The learning rates picked, each once.
    pub rates: Vec<f64>,
    /// Whether one of them is an end of the grid.
    pub edge: Option<Edge>,
    /// Whether no run is missing.
    pub settled: bool,
    /// Whether it stands bold, see [`super::table::BOLD`].
    pub best: bool,
    /// The runs, a seed each.
    pub runs: Vec<RunId>,
    /// What others found, with its deviation.
    pub reference: Option<(f64, Option<f64>)>,
}

impl PaperCell {
    /// What it is over, where that is not all seeds: `n 4 of 6: 2 undefined`, or without any `6 to come`.
    pub fn share(&self) -> Option<String> {
        let gap = self.gap.as_ref()?;
        Some(if self.summary.n == 0 {
            gap.clone()
        } else {
            format!("n {} of {}: {gap}", self.summary.n, self.seeds)
        })
    }

    /// Whether it is over all seeds, but runs at other learning rates are still to come.
    pub fn is_provisional(&self) -> bool {
        !self.settled && self.gap.is_none()
    }
}

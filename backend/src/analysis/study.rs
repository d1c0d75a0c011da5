use super::Predictions;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunId;
use tunemask_shared::statistics::ResultTable;
use tunemask_shared::task::Task;

/// The reported runs of a mask on a task, a run a seed.
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
}

impl Cell {
    /// The metric that is compared.
    pub fn metric(&self) -> Metric {
        self.task.primary_metric()
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
}

impl Study {
    /// Of a result table. `predictions` finds a run's on its task's first development set, at the epoch that the
    /// table reports.
    pub fn of(table: &ResultTable, predictions: impl Fn(&RunId) -> Option<Predictions>) -> Self {
        let mut cells = Vec::new();
        for row in &table.rows {
            for cell in row.cells.iter().filter(|c| c.settled) {
                let reported = cell.reported(table.rate_pick);
                let runs: Vec<RunId> = reported.iter().filter_map(|s| s.run.clone()).collect();
                let metric = cell.task.primary_metric();
                let scores: Vec<f64> = reported.iter().filter_map(|s| s.value(metric, 0)).collect();
                let (Some(trainable), true) = (row.trainable, scores.len() == table.seeds.len()) else {
                    continue;
                };
                let found: Option<Vec<Predictions>> = runs.iter().map(&predictions).collect();
                // Predictions on different examples cannot be paired.
                let found = found.filter(|all| all.windows(2).all(|w| w[0].len() == w[1].len()));
                cells.push(Cell {
                    task: cell.task,
                    mask: row.mask.clone(),
                    trainable,
                    runs,
                    scores,
                    predictions: found.unwrap_or_default(),
                });
            }
        }
        for &task in &table.tasks {
            let sizes = |c: &Cell| c.predictions.first().map(Predictions::len);
            let mut of_task: Vec<&mut Cell> =
                cells.iter_mut().filter(|c: &&mut Cell| c.task == task).collect();
            let first = of_task.iter().find_map(|c| sizes(c));
            for cell in of_task.iter_mut().filter(|c| sizes(c) != first) {
                cell.predictions.clear();
            }
        }
        let masks = table.rows.iter().map(|r| r.mask.clone()).collect();
        Self { seeds: table.seeds.clone(), tasks: table.tasks.clone(), masks, cells }
    }

    /// The cell of a mask on a task, if it is settled.
    pub fn cell(&self, mask: &Mask, task: Task) -> Option<&Cell> {
        self.cells.iter().find(|c| c.task == task && c.mask == *mask)
    }

    /// Scalars that a mask trains.
    pub fn trainable(&self, mask: &Mask) -> Option<u64> {
        self.cells.iter().find(|c| c.mask == *mask).map(|c| c.trainable)
    }

    /// The tasks on which every one of these masks is settled.
    pub fn common_tasks<'a>(&self, masks: impl IntoIterator<Item = &'a Mask> + Clone) -> Vec<Task> {
        let all = |task: &Task| masks.clone().into_iter().all(|m| self.cell(m, *task).is_some());
        self.tasks.iter().copied().filter(all).collect()
    }
}

//! A grid of the paper's kind, as large as is asked for.

use std::path::Path;
use tunemask_shared::experiment::{Experiment, PAPER_LEARNING_RATES};

/// Runs of a cell: learning rates and seeds.
const CELL: u64 = PAPER_LEARNING_RATES.len() as u64 * SEEDS.len() as u64;

const SEEDS: [u64; 3] = [1, 2, 3];

const TASKS: [&str; 10] = [
    "acceptability",
    "sentiment",
    "paraphrase",
    "similarity",
    "answerability",
    "inference",
    "questions",
    "entailment",
    "tags",
    "entities",
];

/// The paper's, for a toy of two blocks with four values in each vector.
const MASKS: [&str; 21] = [
    "full",
    "frozen",
    "layernorms",
    "layernorm_a",
    "layernorm_f",
    "bitfit",
    "mha",
    "ffn",
    "random:20",
    "single_norm:1",
    "single_norm:2",
    "outliers:1",
    "outliers:2",
    "outliers:3",
    "outliers:4",
    "outliers_random:1",
    "outliers_random:2",
    "outliers_random:3",
    "outliers_random:4",
    "random:10",
    "random:30",
];

/// What is trained.
#[derive(Debug)]
pub(super) struct Grid {
    pub(super) experiments: Vec<Experiment>,
    /// Runs of all of them.
    pub(super) runs: u64,
}

impl Grid {
    /// At least so many runs of a model, in whole cells; the paper's are 202 cells.
    pub(super) fn of(model: &Path, runs: u64) -> Self {
        let cells = usize::try_from(runs.div_ceil(CELL)).unwrap_or(usize::MAX);
        let cells = cells.clamp(1, TASKS.len() * MASKS.len());
        // All tasks have so many masks, and some have one more.
        let (masks, more) = (cells / TASKS.len(), cells % TASKS.len());
        let experiment = |tasks: &[&str], masks: &[&str]| Experiment {
            name: "as large as the paper's".into(),
            model: model.to_string_lossy().into_owned(),
            tasks: tasks.iter().map(|&task| task.into()).collect(),
            masks: masks.iter().map(|&mask| mask.into()).collect(),
            learning_rates: PAPER_LEARNING_RATES.into(),
            seeds: SEEDS.into(),
            epochs: Some(2),
            dropout: Some(0.1),
            batch_size: 8,
            max_length: 16,
            train_limit: Some(32),
            eval_limit: Some(16),
            ..Experiment::default()
        };
        let whole = (masks > 0).then(|| experiment(&TASKS, &MASKS[..masks]));
        let rest = (more > 0).then(|| experiment(&TASKS[..more], &MASKS[masks..=masks]));
        Self { experiments: whole.into_iter().chain(rest).collect(), runs: cells as u64 * CELL }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_grid_has_whole_cells_and_the_papers_has_4242_runs() {
        let size = |runs| {
            let grid = Grid::of(Path::new("toy"), runs);
            let sizes = grid.experiments.iter().map(|of| {
                (of.tasks.len() * of.masks.len() * of.learning_rates.len() * of.seeds.len()) as u64
            });
            (grid.runs, sizes.sum::<u64>(), grid.experiments.len())
        };
        assert_eq!(size(4242), (4242, 4242, 2));
        assert_eq!(size(200), (210, 210, 1));
        assert_eq!((size(1), size(22)), ((21, 21, 1), (42, 42, 1)));
        assert_eq!(size(u64::MAX), (4410, 4410, 1));
    }
}

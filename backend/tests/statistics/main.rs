//! Every test against SciPy, statsmodels and scikit-learn; `fixtures/statistics/make.py` writes the figures.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

/// How sure the tests are.
mod calibration;
/// Studies whose truth is known.
mod simulated;
/// What others make of the same numbers.
mod fixtures;
/// Tests on numbers: McNemar, Wilcoxon, Holm, stochastic order.
mod numbers;
/// A difference between masks, and how sure it is.
mod differences;
/// Every pair of masks.
mod pairs;
/// What a study takes of a table.
mod studies;
/// By which scores masks are compared.
mod measures;

use tunemask::results::predictions::Predictions;
use tunemask::results::significance::{Cell, Contrast, ModelSelection, Study};
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

fn near(got: f64, want: f64) -> bool {
    (got - want).abs() <= 1e-10
}

fn study(seeds: u64, tasks: Vec<Task>, cells: Vec<Cell>) -> Study {
    let masks = vec![Mask::LayerNorms, Mask::Frozen];
    Study { seeds: (1..=seeds).collect(), tasks, masks, cells, left_out: vec![] }
}

fn cell(task: Task, mask: Mask, scores: Vec<f64>, predictions: Vec<Predictions>) -> Cell {
    let runs = (0..scores.len()).map(|s| RunId(format!("{mask}-{task}-{s}"))).collect();
    let cell = Cell {
        task,
        mask,
        trainable: 1,
        runs,
        scores,
        predictions,
        influences: vec![],
        selection: ModelSelection::Fixed { half_scores: None },
    };
    cell.with_influences()
}

fn contrast() -> Contrast {
    Contrast::pair(Mask::LayerNorms, Mask::Frozen)
}

//! A contrast of masks, and the cells behind it.

use super::spread::ExampleVariance;
use super::test::MaskPredictions;
use super::{Cell, Study};
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// The mean score of some masks less the mean score of others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contrast {
    /// The masks whose mean comes first.
    pub left: Vec<Mask>,
    /// The masks whose mean is taken off.
    pub right: Vec<Mask>,
}

impl Contrast {
    /// One mask less another.
    pub fn pair(left: Mask, right: Mask) -> Self {
        Self { left: vec![left], right: vec![right] }
    }

    /// The masks on both sides.
    pub fn masks(&self) -> impl Iterator<Item = &Mask> + Clone {
        self.left.iter().chain(&self.right)
    }
}

/// A cell with its weight in a contrast.
struct Part<'a> {
    cell: &'a Cell,
    weight: f64,
}

/// The cells of a contrast over several tasks, which weigh the same.
pub(super) struct Parts<'a> {
    by_task: Vec<Vec<Part<'a>>>,
    seeds: usize,
}

impl<'a> Parts<'a> {
    /// `None` if a mask is not settled on one of the tasks, or there is no task or no mask.
    pub fn find(study: &'a Study, contrast: &Contrast, tasks: &[Task]) -> Option<Self> {
        if tasks.is_empty() || contrast.masks().next().is_none() {
            return None;
        }
        let side = |masks: &[Mask], sign: f64, task: &Task| {
            let weight = sign / (masks.len() * tasks.len()) as f64;
            let part = |mask| Some(Part { cell: study.cell(mask, task)?, weight });
            masks.iter().map(part).collect::<Option<Vec<_>>>()
        };
        let parts = |task: &Task| {
            let mut parts = side(&contrast.left, 1.0, task)?;
            parts.extend(side(&contrast.right, -1.0, task)?);
            Some(parts)
        };
        let by_task = tasks.iter().map(parts).collect::<Option<Vec<_>>>()?;
        Some(Self { by_task, seeds: study.seeds.len() })
    }

    /// One cell less another of the same task, whatever their masks; `None` unless they have runs of as many seeds.
    pub fn pair(left: &'a Cell, right: &'a Cell) -> Option<Self> {
        let seeds = left.scores.len();
        let alike = left.task == right.task && seeds > 0 && right.scores.len() == seeds;
        let parts = vec![Part { cell: left, weight: 1.0 }, Part { cell: right, weight: -1.0 }];
        alike.then(|| Self { by_task: vec![parts], seeds })
    }
    /// How many seeds there are.
    pub fn seeds(&self) -> usize {
        self.seeds
    }
    /// All cells, task by task.
    pub fn cells(&self) -> impl Iterator<Item = &'a Cell> + Clone {
        self.by_task.iter().flatten().map(|part| part.cell)
    }

    /// The runs behind all cells.
    pub fn runs(&self) -> Vec<RunId> {
        self.cells().flat_map(|cell| cell.runs.iter().cloned()).collect()
    }

    /// What each task adds to the contrast, `[task][seed]`; `scores` gives a cell's score at each seed.
    pub fn by_seed(&self, scores: impl Fn(&'a Cell) -> &'a [f64]) -> Vec<Vec<f64>> {
        let of_task = |parts: &Vec<Part<'a>>| {
            let at_seed = |s: usize| parts.iter().map(|part| part.weight * scores(part.cell)[s]).sum();
            (0..self.seeds).map(at_seed).collect()
        };
        self.by_task.iter().map(of_task).collect()
    }

    /// What the examples of each task do to the contrast; `None` where predictions are not stored for all cells.
    pub fn example_variances(&self) -> Option<Vec<ExampleVariance>> {
        self.by_task.iter().map(|parts| example_variance(parts, self.seeds)).collect()
    }

    /// Whether these are two masks that predict the same on every task, seed and example.
    pub fn mask_predictions(&self) -> MaskPredictions {
        let alike = self.by_task.iter().all(|parts| match &parts[..] {
            [left, right] => {
                let predictions = &left.cell.predictions;
                !predictions.is_empty() && *predictions == right.cell.predictions
            }
            _ => false,
        });
        if alike { MaskPredictions::Alike } else { MaskPredictions::Different }
    }
}

fn example_variance(parts: &[Part<'_>], seeds: usize) -> Option<ExampleVariance> {
    let examples = parts.iter().find_map(|part| part.cell.influences.first())?.len();
    // One example does not tell how examples vary.
    if examples < 2 {
        return None;
    }
    let mut by_seed = vec![vec![0.0; examples]; seeds];
    for part in parts {
        if part.cell.influences.len() != seeds {
            return None;
        }
        for (sum, own) in by_seed.iter_mut().zip(&part.cell.influences) {
            if own.len() != examples {
                return None;
            }
            sum.iter_mut().zip(own).for_each(|(sum, x)| *sum += part.weight * x);
        }
    }
    Some(ExampleVariance::of(&by_seed))
}

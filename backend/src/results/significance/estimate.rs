//! A contrast of masks, and how sure it is.

use super::spread::{Examples, SquaredError, examples_of_task};
use super::{Cell, MIN_SEEDS, Method, Scope, Study, Test};
use crate::results::Summary;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// A contrast of masks, Σ weight × score averaged over tasks, and how sure it is.
#[derive(Clone, Debug)]
pub struct Estimate {
    /// As observed: the mean over the seeds.
    pub value: f64,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// The runs behind it.
    pub runs: Vec<RunId>,
    /// What it speaks for.
    pub method: Method,
    /// On the method, from [`MIN_SEEDS`] seeds on; of seeds alone where predictions are not stored.
    pub on_method: Test,
    /// On the trained models as they are, where predictions are stored: only the examples vary.
    pub on_models: Test,
    /// What the seeds add to the variance; `None` below [`MIN_SEEDS`].
    of_seeds: Option<SquaredError>,
    /// What the examples add to the variance, whatever the number of seeds.
    examples: f64,
}

/// A mask's share in a contrast, on one task.
struct Part<'a> {
    cell: &'a Cell,
    weight: f64,
}

impl Estimate {
    /// The contrast over the tasks on which all its masks are settled; `None` if there is no such task.
    pub fn of(study: &Study, contrast: &[(Mask, f64)]) -> Option<Self> {
        let tasks = study.common_tasks(contrast.iter().map(|(m, _)| m));
        Self::on(study, contrast, &tasks)
    }

    /// The contrast over these tasks; `None` if a mask is not settled on one of them, or there is none.
    pub fn on(study: &Study, contrast: &[(Mask, f64)], tasks: &[Task]) -> Option<Self> {
        if tasks.is_empty() || contrast.is_empty() {
            return None;
        }
        let share = 1.0 / tasks.len() as f64;
        let part = |(mask, weight): &(Mask, f64), task: &Task| {
            Some(Part { cell: study.cell(mask, task)?, weight: weight * share })
        };
        let by_task: Vec<Vec<Part<'_>>> = tasks
            .iter()
            .map(|task| contrast.iter().map(|c| part(c, task)).collect::<Option<Vec<_>>>())
            .collect::<Option<Vec<_>>>()?;
        let seeds = study.seeds.len();
        // All by one measure: what is chosen on other examples is not held against what is not.
        let flattered = by_task.iter().flatten().any(|part| part.cell.flattered);
        let score = |cell: &Cell, s: usize| if flattered { cell.scores[s] } else { cell.compared()[s] };
        let at_seed =
            |parts: &[Part<'_>], s: usize| parts.iter().map(|p| p.weight * score(p.cell, s)).sum::<f64>();
        let of_task: Vec<Vec<f64>> =
            by_task.iter().map(|parts| (0..seeds).map(|s| at_seed(parts, s)).collect()).collect();
        let in_all: Vec<f64> = (0..seeds).map(|s| of_task.iter().map(|d| d[s]).sum()).collect();

        let of_seeds = (seeds >= MIN_SEEDS).then(|| {
            let error = |d: &[f64]| Summary::of(d).std.powi(2) / seeds as f64;
            let variances: Vec<f64> = if contrast.iter().any(|(mask, _)| mask.is_drawn_by_the_run()) {
                vec![error(&in_all)]
            } else {
                of_task.iter().map(|d| error(d)).collect()
            };
            SquaredError::sum(&variances, seeds as f64 - 1.0)
        });
        let examples: Option<Vec<Examples>> = by_task.iter().map(|parts| examples_of(parts, seeds)).collect();
        let shared = examples.iter().flatten().map(|e| e.shared).sum::<f64>().max(0.0);
        let scope = match (of_seeds.is_some(), examples.is_some()) {
            (true, true) => Scope::Method,
            (true, false) => Scope::DevelopmentSet,
            (false, true) => Scope::TrainedModels,
            (false, false) => Scope::Measured,
        };
        let value = Summary::of(&in_all).mean;
        let same = match contrast {
            [(left, one), (right, other)] => {
                *one == -*other && tasks.iter().all(|task| alike(study, left, right, task))
            }
            _ => false,
        };
        // The trained models are those that are reported, however they were chosen.
        let reported = |s: usize| by_task.iter().flatten().map(|p| p.weight * p.cell.scores[s]).sum::<f64>();
        let of_models = Summary::of(&(0..seeds).map(reported).collect::<Vec<f64>>()).mean;
        let on_method = match (of_seeds, &examples) {
            (Some(of_seeds), Some(_)) => vec![of_seeds, of_seeds.and_examples(shared)],
            (Some(of_seeds), None) => vec![of_seeds],
            (None, _) => Vec::new(),
        };
        let on_models: Vec<SquaredError> = examples
            .iter()
            .map(|all| SquaredError {
                variance: all.iter().map(|e| e.of_mean).sum(),
                freedom: all.iter().map(|e| e.n).min().unwrap_or_default() as f64 - 1.0,
            })
            .collect();
        let runs = by_task.iter().flatten().flat_map(|part| part.cell.runs.iter().cloned()).collect();
        Some(Self {
            value,
            tasks: tasks.to_vec(),
            runs,
            method: Method { speaks_for: scope, seeds: seeds as u32, choice_counted: !flattered },
            on_method: Test::new(value, &on_method, same),
            on_models: Test::new(of_models, &on_models, same),
            of_seeds,
            examples: shared,
        })
    }

    /// The interval on the method with this confidence, or on the trained models where there are too few seeds;
    /// not-a-number where neither is known.
    pub fn interval(&self, confidence: f64) -> [f64; 2] {
        let test = if self.on_method.is_known() { &self.on_method } else { &self.on_models };
        test.interval(confidence)
    }

    /// With how many seeds a one-sided test at `alpha` would find that it is above `bound` (or below, where it is) in four of five
    /// studies, were difference and spread what they seem. `None` where no number below 1,000 would do: it is more development
    /// examples that are needed; or where the spread between seeds is not known.
    pub fn seeds_to_decide(&self, bound: f64, alpha: f64) -> Option<u32> {
        if self.method.speaks_for != Scope::Method {
            return None;
        }
        let of_seeds = self.of_seeds?;
        let now = f64::from(self.method.seeds);
        let distance = (self.value - bound).abs();
        (self.method.seeds + 1..1000).find(|&seeds| {
            let then = f64::from(seeds);
            let of_seeds = SquaredError {
                variance: of_seeds.variance * now / then,
                freedom: of_seeds.freedom * (then - 1.0) / (now - 1.0),
            };
            let tests = [of_seeds, of_seeds.and_examples(self.examples)];
            tests.iter().filter(|test| test.variance > 0.0).all(|test| {
                distance >= (test.quantile(1.0 - alpha) + test.quantile(POWER)) * test.variance.sqrt()
            })
        })
    }
}

/// In what share of studies a difference is to be found.
const POWER: f64 = 0.8;

/// Whether two masks predict the same on a task at every seed and example.
fn alike(study: &Study, left: &Mask, right: &Mask, task: &Task) -> bool {
    match (study.cell(left, task), study.cell(right, task)) {
        (Some(l), Some(r)) => !l.predictions.is_empty() && l.predictions == r.predictions,
        _ => false,
    }
}

/// What the examples add on one task; `None` where a mask's predictions are not stored.
fn examples_of(parts: &[Part<'_>], seeds: usize) -> Option<Examples> {
    let first = parts.iter().find_map(|part| part.cell.influences.first())?.len();
    // One example does not tell how examples vary.
    if first < 2 {
        return None;
    }
    let mut by_seed = vec![vec![0.0; first]; seeds];
    for part in parts {
        if part.cell.influences.len() != seeds {
            return None;
        }
        for (sum, own) in by_seed.iter_mut().zip(&part.cell.influences) {
            if own.len() != first {
                return None;
            }
            sum.iter_mut().zip(own).for_each(|(sum, x)| *sum += part.weight * x);
        }
    }
    Some(examples_of_task(&by_seed))
}

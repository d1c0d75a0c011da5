//! A contrast of masks, and how sure it is.

use super::contrast::Parts;
use super::scope::KnownVariation;
use super::spread::VarianceEstimate;
use super::test::Observed;
use super::{Cell, Contrast, MIN_SEEDS, Measure, Method, Scope, Study, Test};
use crate::results::Summary;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// A contrast of masks, averaged over tasks, and how sure it is.
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
    /// The variance between seeds; `None` below [`MIN_SEEDS`].
    between_seeds: Option<VarianceEstimate>,
    /// The variance that two seeds share through their examples, whatever the number of seeds.
    shared_by_seeds: f64,
}

impl Estimate {
    /// The contrast over the tasks on which all its masks are settled; `None` if there is no such task.
    pub fn of(study: &Study, contrast: &Contrast) -> Option<Self> {
        Self::on(study, contrast, &study.common_tasks(contrast.masks()))
    }

    /// The contrast over these tasks; `None` if a mask is not settled on one of them, or there is none.
    pub fn on(study: &Study, contrast: &Contrast, tasks: &[Task]) -> Option<Self> {
        Some(Self::of_parts(&Parts::find(study, contrast, tasks)?, tasks))
    }

    /// One cell less another of the same task, be they of one study or of two; `None` unless they have as many seeds, which
    /// are taken to be the same from three on.
    pub fn between(left: &Cell, right: &Cell) -> Option<Self> {
        Some(Self::of_parts(&Parts::pair(left, right)?, std::slice::from_ref(&left.task)))
    }

    fn of_parts(parts: &Parts<'_>, tasks: &[Task]) -> Self {
        let seeds = parts.seeds();
        let measure = Measure::of(parts.cells());
        let examples = parts.example_variances();
        let shared = examples.iter().flatten().map(|e| e.shared_by_seeds).sum::<f64>().max(0.0);

        // Rates that were selected by other seeds give the difference without optimism, those that all selected how much
        // it varies: the test must be passed by both (`model_selection`).
        let by_other_seeds = parts.by_seed(|cell| measure.scores(cell));
        let by_all_seeds = parts.by_seed(|cell| measure.scores_by_all_seeds(cell));
        let mut on_method = Vec::new();
        let of_seeds = |by_task: &[Vec<f64>]| between_seeds(by_task, parts);
        for by_task in [&by_other_seeds, &by_all_seeds].into_iter().filter(|_| seeds >= MIN_SEEDS) {
            let (difference, variance) = (mean(by_task), of_seeds(by_task));
            on_method.push(Observed { difference, variance });
            if examples.is_some() {
                on_method.push(Observed { difference, variance: variance.and_examples(shared) });
            }
        }
        // The trained models are those that are reported, however they were selected.
        let of_models = mean(&parts.by_seed(|cell| &cell.scores));
        let on_models = examples.iter().map(|all| Observed {
            difference: of_models,
            variance: VarianceEstimate::of_trained_models(all),
        });
        let between_seeds = (seeds >= MIN_SEEDS).then(|| of_seeds(&by_all_seeds));
        let predictions = parts.mask_predictions();
        let known = KnownVariation { seeds: between_seeds.is_some(), examples: examples.is_some() };
        let method = Method {
            speaks_for: known.into(),
            seeds: seeds as u32,
            choice_counted: parts.cells().all(|cell| measure.is_free_of_optimism(cell)),
        };
        Self {
            value: mean(&by_other_seeds),
            tasks: tasks.to_vec(),
            runs: parts.runs(),
            method,
            on_models: Test::new(on_models.collect(), predictions),
            on_method: Test::new(on_method, predictions),
            between_seeds,
            shared_by_seeds: shared,
        }
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
        let now = self.between_seeds?;
        let seeds = f64::from(self.method.seeds);
        let distance = (self.value - bound).abs();
        (self.method.seeds + 1..1000).find(|&more| {
            let more = f64::from(more);
            let then = VarianceEstimate {
                variance: now.variance * seeds / more,
                degrees_of_freedom: now.degrees_of_freedom * (more - 1.0) / (seeds - 1.0),
            };
            let tests = [then, then.and_examples(self.shared_by_seeds)];
            tests.iter().filter(|test| test.variance > 0.0).all(|test| {
                distance >= (test.quantile(1.0 - alpha) + test.quantile(POWER)) * test.variance.sqrt()
            })
        })
    }
}

/// In what share of studies a difference is to be found.
const POWER: f64 = 0.8;

/// The contrast over all tasks and seeds.
fn mean(by_task: &[Vec<f64>]) -> f64 {
    Summary::of(&sums(by_task)).mean
}

/// The contrast of each seed, over all tasks.
fn sums(by_task: &[Vec<f64>]) -> Vec<f64> {
    let seeds = by_task.first().map_or(0, Vec::len);
    (0..seeds).map(|s| by_task.iter().map(|task| task[s]).sum()).collect()
}

/// The variance that seeds give the mean. Runs on different tasks share nothing but the number of their seed, so variances
/// add up; a seed that draws a mask's scalars does so for all tasks alike, and then only the sum tells how seeds vary.
fn between_seeds(by_task: &[Vec<f64>], parts: &Parts<'_>) -> VarianceEstimate {
    let of_mean = |d: &[f64]| Summary::of(d).std.powi(2) / d.len() as f64;
    let variances: Vec<f64> = if parts.cells().any(|cell| cell.mask.is_drawn_by_the_run()) {
        vec![of_mean(&sums(by_task))]
    } else {
        by_task.iter().map(|d| of_mean(d)).collect()
    };
    let seeds = by_task.first().map_or(0, Vec::len);
    VarianceEstimate::sum(&variances, seeds as f64 - 1.0)
}

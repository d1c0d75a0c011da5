//! Tests between masks, task by task.

use super::{
    Cell, Estimate, MIN_SEEDS, McNemar, Measure, Method, StochasticOrder, Study, Wilcoxon, holm, mcnemar,
    stochastic_order, wilcoxon,
};
use crate::results::predictions::Predictions;
use serde::Serialize;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// Two masks on one task. Scores are in the metric's own unit, not percent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairTest {
    /// The task.
    #[serde(serialize_with = "tunemask_shared::task::by_name")]
    pub task: Task,
    /// The one that comes first.
    pub left: Mask,
    /// The one that is taken off.
    pub right: Mask,
    /// Left less right.
    pub difference: f64,
    /// The 95 % interval on the method; not-a-number below three seeds.
    #[serde(serialize_with = "tunemask_shared::number::columns::serialize")]
    pub interval: [f64; 2],
    /// Two-sided p-value. Not-a-number where there is no spread to measure by.
    #[serde(serialize_with = "tunemask_shared::number::serialize")]
    pub p: f64,
    /// The same, Holm-corrected over the pairs of its task, untested ones among them.
    #[serde(serialize_with = "tunemask_shared::number::serialize")]
    pub p_holm: f64,
    /// What it speaks for.
    #[serde(flatten)]
    pub method: Method,
    /// The same on the trained models alone, where predictions are stored: other examples, but no other seeds.
    pub trained_models: Option<OnModels>,
    /// Whether the left mask's scores are almost stochastically better, seeds alone; from three seeds on.
    pub stochastic_order: Option<StochasticOrder>,
    /// A test on the examples themselves, where predictions are stored.
    pub per_example: Option<PerExample>,
    /// The runs behind it.
    pub runs: Vec<RunId>,
}

/// A difference between trained models, on other examples.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OnModels {
    /// The 95 % interval.
    #[serde(serialize_with = "tunemask_shared::number::columns::serialize")]
    pub interval: [f64; 2],
    /// Two-sided p-value, not corrected.
    #[serde(serialize_with = "tunemask_shared::number::serialize")]
    pub p: f64,
}

/// A test on paired examples: takes the trained models as they are.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "test")]
pub enum PerExample {
    /// Labels of one run each.
    McNemar(McNemar),
    /// Labels over several seeds, scores or sentences: how good each example's predictions are together.
    Wilcoxon(Wilcoxon),
}

/// Two masks that cannot be compared on a task.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Untested {
    /// The task.
    #[serde(serialize_with = "tunemask_shared::task::by_name")]
    pub task: Task,
    /// The one that comes first.
    pub left: Mask,
    /// The one that would be taken off.
    pub right: Mask,
    /// Which of them is not there, and why.
    pub untested: String,
}

/// The pairs that [`pair_tests`] leaves out, in its order.
pub fn untested(study: &Study, against: Option<&Mask>) -> Vec<Untested> {
    let mut out = Vec::new();
    for task in &study.tasks {
        for (i, left) in study.masks.iter().enumerate() {
            let others: Vec<&Mask> = match against {
                Some(mask) => study.masks.iter().filter(|m| *m == mask && *m != left).collect(),
                None => study.masks[i + 1..].iter().collect(),
            };
            for right in others {
                let missing = study.left_out.iter().filter(|cell| cell.task == *task);
                let missing = missing.filter(|cell| cell.mask == *left || cell.mask == *right);
                let why: Vec<String> = missing.map(ToString::to_string).collect();
                if !why.is_empty() {
                    let (left, right) = (left.clone(), right.clone());
                    out.push(Untested { task: task.clone(), left, right, untested: why.join("; ") });
                }
            }
        }
    }
    out
}

/// How much is told of a pair.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Depth {
    /// All of it.
    Whole,
    /// The difference and its test, without what draws scores again or goes through all examples.
    Difference,
}

/// Every pair of masks on every task, or each mask against one.
pub fn pair_tests(study: &Study, against: Option<&Mask>) -> Vec<PairTest> {
    test_pairs(study, against, Depth::Whole)
}

/// The same of every pair without the stochastic order and the tests per example, which take most of the time.
pub fn pair_differences(study: &Study) -> Vec<PairTest> {
    test_pairs(study, None, Depth::Difference)
}

fn test_pairs(study: &Study, against: Option<&Mask>, depth: Depth) -> Vec<PairTest> {
    let untested = untested(study, against);
    let mut out: Vec<PairTest> = Vec::new();
    for task in &study.tasks {
        let first = out.len();
        let cells: Vec<&Cell> = study.cells.iter().filter(|c| c.task == *task).collect();
        for (i, left) in cells.iter().enumerate() {
            let others = match against {
                Some(mask) => {
                    cells.iter().filter(|c| c.mask == *mask && c.mask != left.mask).collect::<Vec<_>>()
                }
                None => cells[i + 1..].iter().collect(),
            };
            out.extend(others.into_iter().filter_map(|right| pair(left, right, depth)));
        }
        let mut planned: Vec<f64> = out[first..].iter().map(|t| t.p).collect();
        planned.extend(untested.iter().filter(|pair| pair.task == *task).map(|_| f64::NAN));
        let corrected = holm(&planned);
        out[first..].iter_mut().zip(corrected).for_each(|(test, p)| test.p_holm = p);
    }
    out
}

/// One cell against another of the same task, be they of one study or of two; `None` unless they have as many seeds. Its
/// p-value is not corrected.
pub fn pair_test(left: &Cell, right: &Cell) -> Option<PairTest> {
    pair(left, right, Depth::Whole)
}

fn pair(left: &Cell, right: &Cell, depth: Depth) -> Option<PairTest> {
    let estimate = Estimate::between(left, right)?;
    let measure = Measure::of([left, right].into_iter());
    Some(PairTest {
        task: left.task.clone(),
        left: left.mask.clone(),
        right: right.mask.clone(),
        difference: estimate.value,
        interval: estimate.on_method.interval(0.95),
        p: estimate.on_method.p_two_sided(),
        p_holm: f64::NAN,
        method: estimate.method,
        trained_models: estimate.on_models.is_known().then(|| OnModels {
            interval: estimate.on_models.interval(0.95),
            p: estimate.on_models.p_two_sided(),
        }),
        stochastic_order: (depth == Depth::Whole && left.scores.len() >= MIN_SEEDS)
            .then(|| stochastic_order(&measure.larger_is_better(left), &measure.larger_is_better(right))),
        per_example: match depth {
            Depth::Whole => per_example(&left.predictions, &right.predictions),
            Depth::Difference => None,
        },
        runs: estimate.runs,
    })
}

fn per_example(left: &[Predictions], right: &[Predictions]) -> Option<PerExample> {
    // Sums over the seeds, not means: ranks are the same, and equal differences of labels stay equal.
    let sum = |all: &[Predictions]| {
        let mut sum = all.first()?.per_example();
        for more in &all[1..] {
            sum.iter_mut().zip(more.per_example()).for_each(|(s, x)| *s += x);
        }
        Some(sum)
    };
    let (l, r) = (sum(left)?, sum(right)?);
    if l.len() != r.len() {
        return None;
    }
    if let ([Predictions::Labels { .. }], [Predictions::Labels { .. }]) = (left, right) {
        let only = |a: &[f64], b: &[f64]| a.iter().zip(b).filter(|(a, b)| a > b).count() as u64;
        return Some(PerExample::McNemar(mcnemar(only(&l, &r), only(&r, &l))));
    }
    // Sums of fractions differ in their last bits where they are equal: ranks would be drawn by rounding.
    let tidy = |x: f64| (x * 1e12).round() / 1e12;
    let differences: Vec<f64> = l.iter().zip(&r).map(|(l, r)| tidy(l - r)).collect();
    Some(PerExample::Wilcoxon(wilcoxon(&differences)))
}

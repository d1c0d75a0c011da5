//! Tests between masks, task by task.

use super::{Cell, Estimate, McNemar, Method, Resamples, Study, Wilcoxon, holm, mcnemar, wilcoxon};
use crate::results::predictions::Predictions;
use serde::Serialize;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// Two masks on one task. Scores are in the metric's own unit, not percent.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PairTest {
    /// The task.
    pub task: Task,
    /// The one that comes first.
    pub left: Mask,
    /// The one that is taken off.
    pub right: Mask,
    /// Left less right.
    pub difference: f64,
    /// The 95 % interval.
    #[serde(serialize_with = "tunemask_shared::number::columns::serialize")]
    pub interval: [f64; 2],
    /// Two-sided p-value: twice the smaller one-sided. Not-a-number where there is no spread to measure by.
    #[serde(serialize_with = "tunemask_shared::number::serialize")]
    pub p: f64,
    /// The same, Holm-corrected over the pairs of its task.
    #[serde(serialize_with = "tunemask_shared::number::serialize")]
    pub p_holm: f64,
    /// How it was found.
    pub method: Method,
    /// A test on the examples themselves, where predictions are stored.
    pub per_example: Option<PerExample>,
    /// The runs behind it.
    pub runs: Vec<RunId>,
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
    for &task in &study.tasks {
        for (i, left) in study.masks.iter().enumerate() {
            let others: Vec<&Mask> = match against {
                Some(mask) => study.masks.iter().filter(|m| *m == mask && *m != left).collect(),
                None => study.masks[i + 1..].iter().collect(),
            };
            for right in others {
                let missing = study.left_out.iter().filter(|cell| cell.task == task);
                let missing = missing.filter(|cell| cell.mask == *left || cell.mask == *right);
                let why: Vec<String> = missing.map(ToString::to_string).collect();
                if !why.is_empty() {
                    let (left, right) = (left.clone(), right.clone());
                    out.push(Untested { task, left, right, untested: why.join("; ") });
                }
            }
        }
    }
    out
}

/// Every pair of masks on every task, or each mask against one.
pub fn pair_tests(study: &Study, resamples: &Resamples, against: Option<&Mask>) -> Vec<PairTest> {
    let mut out: Vec<PairTest> = Vec::new();
    for &task in &study.tasks {
        let first = out.len();
        let cells: Vec<&Cell> = study.cells.iter().filter(|c| c.task == task).collect();
        for (i, left) in cells.iter().enumerate() {
            let others = match against {
                Some(mask) => {
                    cells.iter().filter(|c| c.mask == *mask && c.mask != left.mask).collect::<Vec<_>>()
                }
                None => cells[i + 1..].iter().collect(),
            };
            out.extend(others.into_iter().filter_map(|right| pair(study, resamples, left, right)));
        }
        let corrected = holm(&out[first..].iter().map(|t| t.p).collect::<Vec<_>>());
        out[first..].iter_mut().zip(corrected).for_each(|(test, p)| test.p_holm = p);
    }
    out
}

/// Draws that [`pair_tests`] needs at least: with so many, the smallest corrected p-value that a task's pairs can have
/// is 0.01.
pub fn pair_draws(study: &Study, against: Option<&Mask>) -> u32 {
    let masks = study.masks.len() as u32;
    let pairs = if against.is_some() { masks.saturating_sub(1) } else { masks * masks.saturating_sub(1) / 2 };
    200 * pairs
}

fn pair(study: &Study, resamples: &Resamples, left: &Cell, right: &Cell) -> Option<PairTest> {
    let contrast = [(left.mask.clone(), 1.0), (right.mask.clone(), -1.0)];
    let estimate = Estimate::on(study, resamples, &contrast, &[left.task])?;
    let p = 2.0 * estimate.p_above(0.0).min(estimate.p_below(0.0));
    Some(PairTest {
        task: left.task,
        left: left.mask.clone(),
        right: right.mask.clone(),
        difference: estimate.value,
        interval: estimate.interval(0.95),
        // `min` would take not-a-number for 1.
        p: if p > 1.0 { 1.0 } else { p },
        p_holm: f64::NAN,
        method: estimate.method(),
        per_example: per_example(&left.predictions, &right.predictions),
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
    let differences: Vec<f64> = l.iter().zip(&r).map(|(l, r)| l - r).collect();
    Some(PerExample::Wilcoxon(wilcoxon(&differences)))
}

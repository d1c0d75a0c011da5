//! Why a mean over the seeds is over fewer of them, or over none.
//!
//! A seed without a number (its run is not over, failed, or a metric is undefined on what it predicted) has no part in
//! a mean: to take 0 for it, or to let one such seed erase the others, would both say what was not measured. But
//! the mean of those that are left is not that of all, so it is never shown as if it were: the cell says over how many
//! of how many seeds it is and what the others lack, and averages, bold figures and verdicts do without it.

use super::columns::TaskColumn;
use super::{RateResult, SeedResult};
use tunemask_shared::experiment::RatePick;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunStatus;

/// What a run lacks, the most hopeful first: of several learning rates a seed's first one is told.
const LACKS: [&str; 7] =
    ["to come", "interrupted", "cancelled", "undefined", "not scored", "failed", "cut short"];

/// A run's place in [`LACKS`]; `None` if it has the number.
fn lack(run: &SeedResult, metric: Metric, set: u8) -> Option<usize> {
    match run.status {
        RunStatus::Queued | RunStatus::Running => Some(0),
        RunStatus::Interrupted => Some(1),
        RunStatus::Cancelled => Some(2),
        RunStatus::Failed => Some(5),
        RunStatus::Retired => Some(6),
        RunStatus::Finished if run.is_undefined(metric, set) => Some(3),
        RunStatus::Finished => run.value(metric, set).is_none().then_some(4),
    }
}

/// What keeps a figure from being over all seeds, each seed counted once: `2 undefined`, `1 failed, 1 to come`. `None`
/// where it is over all of them.
///
/// At a rate that was picked for all seeds it is that rate's runs which count, else all runs of a seed.
pub(super) fn gap(
    rates: &[RateResult],
    picked: &[f64],
    how: RatePick,
    reported: &[&SeedResult],
    column: TaskColumn,
) -> Option<String> {
    let TaskColumn { metric, set } = column;
    let mut counts = [0; LACKS.len()];
    for seed in 0..rates.first().map_or(0, |rate| rate.seeds.len()) {
        let own = rates.iter().filter(|rate| {
            how == RatePick::PerSeed || picked.is_empty() || picked.contains(&rate.learning_rate)
        });
        let own: Vec<&SeedResult> = own.filter_map(|rate| rate.seeds.get(seed)).collect();
        let Some(number) = own.first().map(|run| run.seed) else { continue };
        if reported.iter().any(|run| run.seed == number && run.value(metric, set).is_some()) {
            continue;
        }
        if let Some(lack) = own.iter().filter_map(|run| lack(run, metric, set)).min() {
            counts[lack] += 1;
        }
    }
    let told = counts.iter().zip(LACKS).filter(|(n, _)| **n > 0).map(|(n, word)| format!("{n} {word}"));
    let told: Vec<String> = told.collect();
    (!told.is_empty()).then(|| told.join(", "))
}

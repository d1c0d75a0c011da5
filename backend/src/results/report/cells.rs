//! What heat map and table say alike of a cell's learning rates and runs.

use crate::results::table::{RateResult, ResultCell, SeedResult};
use tunemask_shared::metric::Metric;
use tunemask_shared::run::RunStatus;

/// A cell's learning rates, the smallest first.
pub(super) fn by_size(cell: &ResultCell) -> Vec<&RateResult> {
    let mut rates: Vec<&RateResult> = cell.rates.iter().collect();
    rates.sort_by(|a, b| a.learning_rate.total_cmp(&b.learning_rate));
    rates
}

/// Why a run has no number; empty if it has one.
pub(super) fn lack(seed: &SeedResult, metric: Metric) -> &'static str {
    match seed.status {
        RunStatus::Finished if seed.is_undefined(metric, 0) => "undefined",
        RunStatus::Finished => "",
        RunStatus::Queued | RunStatus::Running | RunStatus::Failed => seed.status.name(),
        RunStatus::Cancelled | RunStatus::Interrupted => seed.status.name(),
        RunStatus::Retired => "cut short",
    }
}

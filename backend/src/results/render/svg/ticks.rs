//! The ticks of a figure's axes.

use tunemask_shared::ticks::{labels, linear};

/// About `count` round numbers between two ends, ascending, with the digits that tell them apart.
pub(super) fn ticks(low: f64, high: f64, count: usize) -> Vec<(f64, String)> {
    let ticks = linear(low, high, count);
    let labels = labels(&ticks, high - low);
    ticks.into_iter().zip(labels).collect()
}

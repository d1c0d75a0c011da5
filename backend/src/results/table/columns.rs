//! The columns of figures that a task has.

use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;

/// Every figure of a task: each development set's metrics, the one that picks first.
pub(super) fn columns(task: Task) -> impl Iterator<Item = (Metric, u8)> {
    let sets = 0..task.development_sets().len() as u8;
    sets.flat_map(move |set| task.metrics().iter().map(move |&m| (m, set)))
}

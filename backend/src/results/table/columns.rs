//! The columns of figures that a task has.

use tunemask_shared::metric::Metric;
use tunemask_shared::task::Task;

/// A metric on one of a task's development sets.
#[derive(Clone, Copy, Debug)]
pub(super) struct TaskColumn {
    pub(super) metric: Metric,
    pub(super) set: u8,
}

/// Every column of a task: each development set's metrics, the one that picks first.
pub(super) fn columns(task: &Task) -> impl Iterator<Item = TaskColumn> {
    let sets = 0..task.development_sets().len() as u8;
    sets.flat_map(move |set| task.metrics().iter().map(move |&metric| TaskColumn { metric, set }))
}

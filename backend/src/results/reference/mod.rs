//! Results of others, to stand beside our own. In reading order:

/// From CSV.
mod read;

pub use read::{ReferenceError, read_reference};

use serde::{Deserialize, Serialize};
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::TaskName;

/// Results of others, to stand beside our own.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Reference {
    /// A figure each; no two of the same mask, task, metric and set.
    pub values: Vec<ReferenceValue>,
}

/// One figure of others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReferenceValue {
    /// The mask.
    pub mask: Mask,
    /// The task.
    pub task: TaskName,
    /// What was measured.
    pub metric: Metric,
    /// On which of the task's development sets.
    pub set: u8,
    /// In the metric's own unit, not percent.
    pub value: f64,
    /// Its deviation, as its source means it.
    pub std: Option<f64>,
    /// Where it comes from.
    pub source: String,
}

impl Reference {
    /// The figure of a mask, if there is one.
    pub fn find(&self, mask: &Mask, task: &TaskName, metric: Metric, set: u8) -> Option<&ReferenceValue> {
        let same =
            |v: &&ReferenceValue| v.mask == *mask && v.task == *task && v.metric == metric && v.set == set;
        self.values.iter().find(same)
    }
}

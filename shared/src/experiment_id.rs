//! The number of an experiment.

use serde::{Deserialize, Serialize};

/// An experiment's number: 1 is the first of a home folder.
///
/// In JSON it is a number, and as a key of a map that number's digits.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ExperimentId(pub u64);

impl std::fmt::Display for ExperimentId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

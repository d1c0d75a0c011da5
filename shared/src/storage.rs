//! What an experiment's runs take on the disk.

use crate::keep_weights::KeepWeights;
use serde::{Deserialize, Serialize};

/// What an experiment's runs take on the disk now, and what a rule would give back.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Storage {
    /// Whose weights stay by the experiment's own rule.
    pub rule: KeepWeights,
    /// Bytes of all that its runs left, those that it shares with others among them.
    pub bytes: u64,
    /// Its runs that have finished.
    pub finished: u32,
    /// Those of them that have their weights.
    pub whole: u32,
    /// What the rule that was asked about would drop: runs of it that no other experiment wants whole.
    pub gives_back: Weights,
    /// Bytes that are free on the disk, where the system says it.
    pub free: Option<u64>,
}

/// Weights on the disk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Weights {
    /// How many runs have them.
    pub runs: u32,
    /// Their bytes, about.
    pub bytes: u64,
}

//! How a difference was found.

use serde::{Deserialize, Serialize};

/// What was resampled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "method")]
pub enum Method {
    /// Seeds and development examples, both in pairs, so many times.
    Bootstrap {
        /// How often.
        resamples: u32,
    },
    /// Nothing: Student's t over the seeds' differences, because predictions are missing.
    PairedT {
        /// How many seeds.
        seeds: u32,
    },
}

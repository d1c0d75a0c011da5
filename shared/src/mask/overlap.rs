//! What two masks share.

use crate::selection::Selection;
use serde::{Deserialize, Serialize};

/// What two masks share on one model.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Overlap {
    /// Scalars of the first.
    pub first: usize,
    /// Scalars of the second.
    pub second: usize,
    /// Scalars of both.
    pub shared: usize,
    /// Shared scalars over those of either (Jaccard, 1901); 1 for two masks that hold nothing.
    pub jaccard: f64,
}

impl Overlap {
    /// The overlap of two masks' scalars.
    pub fn of(first: &Selection, second: &Selection) -> Self {
        let shared = first.intersection(second).len();
        let (first, second) = (first.len(), second.len());
        let either = first + second - shared;
        let jaccard = if either == 0 { 1.0 } else { shared as f64 / either as f64 };
        Self { first, second, shared, jaccard }
    }
}

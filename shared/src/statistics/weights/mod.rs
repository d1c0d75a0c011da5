//! Distributions of weights, of one model or of the difference of two. In reading order:

/// Moments, quantiles and a histogram of some values.
mod distribution;
/// The weights by module and block.
mod groups;

pub use distribution::{Bins, Distribution, quantile};
pub use groups::{WeightGroup, WeightRow, weight_rows, weight_values};

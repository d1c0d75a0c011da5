//! Tables over states of the log as they come, and distributions against NumPy and SciPy.

/// States of the log.
pub(crate) mod states;
/// The result table.
mod table;
/// The paper's tables.
mod paper;
/// Distributions of weights.
mod distributions;

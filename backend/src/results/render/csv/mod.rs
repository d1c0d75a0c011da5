//! Results as CSV, unrounded. In reading order:

/// The result table, a line for each figure.
mod table;
/// The paper's tables, a line for each figure.
mod paper;
/// Distributions by module and block.
mod moments;
/// The figures of weights, a line for each bin.
mod figure;
/// Weights before and after fine-tuning.
mod comparison;
/// The scalars that outlier masks select.
mod outliers;
/// The LayerNorms after every epoch of a run.
mod epochs;
/// A table of a report.
mod grid;

pub use epochs::epochs;
pub use grid::grid;
pub use moments::moments;
pub use outliers::outliers;
pub use table::table;

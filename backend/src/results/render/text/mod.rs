//! Results as text. In reading order:

/// Cells of a result table.
mod table;
/// Cells and headers of the paper's tables.
pub(in crate::results) mod paper;
/// A report for a terminal.
mod report;

pub use report::report;
pub use table::mean_of;
pub(in crate::results) use table::{figure, picked_rates, share};

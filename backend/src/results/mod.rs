//! Answers from what runs left: tables, tests between masks, verdicts on the paper's claims, weights, and reports of them.
//!
//! One direction: `table` → `paper`; `predictions` → `significance` → `claims`; `weights`; all of these → `render` →
//! `report`. Only `stored` and `report` know of home folders and models. In reading order:

/// Mean and standard deviation.
mod summary;
/// Moments, quantiles and a histogram of some values.
mod distribution;
/// Values of metrics and weights as a reader sees them.
mod format;
/// The result table.
pub mod table;
/// Results of others.
pub mod reference;
/// The paper's tables.
pub mod paper;
/// What a run predicted on a development set.
pub mod predictions;
/// Tests between masks.
pub mod significance;
/// Verdicts on the paper's claims.
pub mod claims;
/// How weights are distributed, and what fine-tuning changed of them.
pub mod weights;
/// What runs left in a home folder, for tests between masks.
pub mod stored;
/// Tables, figures and reports as text, CSV, Markdown, LaTeX and SVG.
pub mod render;
/// Reports on an experiment.
pub mod report;
#[cfg(test)]
pub(crate) mod tests;

pub use distribution::{Bins, Distribution, quantile};
pub(crate) use format::digits;
pub use format::value;
pub use summary::Summary;

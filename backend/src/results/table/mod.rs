//! The result table of an experiment, folded from the log's state: a row for each mask, a cell for each task. In reading order:

/// The columns of figures that a task has.
mod columns;
/// The result table: what it holds.
mod result_table;
/// Which learning rate a cell reports.
mod pick;
/// Where in its grid a picked rate lies.
mod edge;
/// Why a mean is over fewer seeds, or over none.
mod gap;
/// The result table: how it is folded from the log's state.
mod build;
/// What stands bold.
mod bold;
/// What a reader must know of a table: unfinished runs, rates on the edge of their grid.
mod notes;

pub use bold::{BOLD, best, bold};
pub use build::{reported_scores, table};
pub use edge::Edge;
pub use notes::{legend, notes, remarks};
pub use result_table::{MetricSummary, RateResult, ResultCell, ResultRow, ResultTable, SeedResult};

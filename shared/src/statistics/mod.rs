//! Means, deviations and the result table. In reading order:

/// The result table: how it is folded from the log's state.
mod build;
/// The table as CSV, a line a figure.
mod csv;
/// The table as LaTeX with booktabs.
mod latex;
/// The table as Markdown.
mod markdown;
/// What a reader must know of a table: unfinished runs, rates on the edge of their grid.
mod notes;
/// Which learning rate a cell reports.
mod pick;
/// Mean and standard deviation.
mod summary;
/// The result table: what it holds.
mod table;
/// Numbers as a reader sees them.
pub mod text;

pub use build::{reported_scores, table};
pub use csv::csv;
pub use latex::latex;
pub use markdown::markdown;
pub use notes::notes;
pub use summary::Summary;
pub use table::{Edge, Figure, RateResult, ResultCell, ResultRow, ResultTable, SeedResult};

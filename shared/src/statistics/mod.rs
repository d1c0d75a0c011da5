//! Means, deviations, the result table, the paper's tables, verdicts and weights. In reading order:

/// The result table: how it is folded from the log's state.
mod build;
/// Why a mean is over fewer seeds, or over none.
mod gap;
/// What stands bold.
mod bold;
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
/// The paper's tables, with references beside.
mod paper;
/// Figures of others.
mod reference;
/// The paper's claims and what results say of them.
mod verdict;
/// Distributions of weights.
mod weights;
/// Numbers as a reader sees them.
pub mod text;

pub use bold::{BOLD, bold};
pub use build::{reported_scores, table};
pub use csv::csv;
pub use latex::latex;
pub use markdown::markdown;
pub use notes::notes;
pub use paper::{Layout, PaperCell, PaperColumn, PaperRow, PaperTable};
pub use reference::{Reference, ReferenceValue};
pub use summary::Summary;
pub use table::{Edge, Figure, RateResult, ResultCell, ResultRow, ResultTable, SeedResult};
pub use verdict::{Claim, Comparison, Method, Outcome, Quantity, Verdict};
pub use weights::{Bins, Distribution, WeightGroup, WeightRow, quantile, weight_rows, weight_values};

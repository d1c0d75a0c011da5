//! How a model's weights are distributed, and what fine-tuning changed of them.
//!
//! `Comparison` is the paper's Figures 1 and 2 as data; `distribution_figure`, `change_figure` and `weight_map` are ours. Knows nothing of files; weights are scalars in canonical order.
//! In reading order:

/// The weights by module and block.
mod groups;
/// Our figures as data.
mod figure;
/// The same for a page that looks into them.
mod map;
/// LayerNorms over the epochs of a run.
mod epochs;
/// The paper's figures as data.
mod comparison;
/// The scalars that outlier masks select, before and after.
mod outliers;
#[cfg(test)]
mod tests;

pub use comparison::{Comparison, ComparisonPanel, NamedWeights};
pub use epochs::norm_epochs;
pub use figure::{Curve, Figure, Panel, change_figure, distribution_figure};
pub use groups::{WeightGroup, WeightRow, weight_rows, weight_values};
pub use map::{TunedWeights, weight_map};
pub use outliers::{Outlier, outliers};

//! How a model's weights are distributed, and what fine-tuning changed of them: the paper's Figures 1 and 2.
//!
//! `figure_1` and `figure_2` are the figures as data. Knows nothing of files; weights are scalars in canonical order.
//! In reading order:

/// The weights by module and block.
mod groups;
/// The figures as data.
mod figure;
/// The scalars that outlier masks select, before and after.
mod outliers;
#[cfg(test)]
mod tests;

pub use figure::{Curve, Figure, Panel, figure_1, figure_2};
pub use groups::{WeightGroup, WeightRow, weight_rows, weight_values};
pub use outliers::{Outlier, outliers};

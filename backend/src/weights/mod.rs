//! How a model's weights are distributed, and what fine-tuning changed of them: the paper's Figures 1 and 2.
//!
//! The rows are [`tunemask_shared::statistics::weight_rows`]. [`figure_1`] and [`figure_2`] are the figures as data,
//! which [`Figure::csv`] and [`Figure::svg`] write. Knows nothing of files; weights are scalars in canonical order.
//! In reading order:

/// Distributions by module and block as CSV.
mod moments;
/// The figures as data.
mod figure;
/// Round numbers along an axis.
mod ticks;
/// The figures as SVG.
mod svg;
/// The LayerNorms after every epoch of a run.
mod epochs;
/// The scalars that outlier masks select, before and after.
mod outliers;
#[cfg(test)]
mod tests;

pub use epochs::epochs_csv;
pub use figure::{Curve, Figure, Panel, figure_1, figure_2};
pub use moments::moments_csv;
pub use outliers::{Outlier, outliers, outliers_csv};

/// A value or a small change of it with four significant digits, for people.
pub(crate) fn digits(x: f64) -> String {
    match x.abs() {
        _ if x.is_nan() => tunemask_shared::statistics::text::NONE.to_owned(),
        0.0 => "0".into(),
        size if !(1e-3..1e5).contains(&size) => format!("{x:.3e}"),
        size => format!("{x:.*}", (3 - size.log10().floor() as i32).clamp(0, 6) as usize),
    }
}

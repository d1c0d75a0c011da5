//! The figures of weights as SVG. In reading order:

/// Round numbers along an axis.
mod ticks;
/// How figures are drawn.
mod style;
/// A figure, and each of its panels alone.
mod figure;
/// Weights before and after fine-tuning.
mod comparison;

//! Diagrams of reports: data as the server sends it, drawn once for the page and for the files that are saved from it.
//!
//! Geometry is pure: what is drawn follows from the data and the room there is. In reading order:

/// What a diagram is drawn of.
pub mod mark;
/// Matrices of coloured figures.
pub mod heat_map;
/// The same of every seed, mask by mask.
pub mod seed_map;
/// How far a run moved the weights.
pub mod drift;
/// Histograms of weights.
pub mod histogram;
/// A LayerNorm's vectors.
pub mod norm;
/// Differences with their intervals, claim by claim.
pub mod forest;
/// Places for names.
mod labels;
/// Points on two axes.
pub mod plot;
/// A diagram as a file.
mod svg_file;
/// Which figure keeps the focus.
pub mod kept_focus;
/// Where arrow keys lead.
mod focus;
/// A diagram on the page.
pub mod view;

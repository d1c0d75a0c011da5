//! The painter of masks: a picture of the model on which what trains is painted. In reading order:

/// The picture as a grid of places, and the ways through it.
mod layout;
/// What is painted, with what, and what was before.
mod state;
/// The picture.
mod grid;
/// Which scalars of what is painted train.
mod rule;
/// Joining with another mask.
mod sets;
/// The values of a LayerNorm as a picture.
mod histogram;
/// The values of LayerNorms, and which of them the mask selects.
mod values;
/// The painter as a whole.
mod panel;

pub use panel::MaskPainter;
pub use state::Painter;

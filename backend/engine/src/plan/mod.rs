//! What a mask makes necessary, and whose rows are where. In reading order:

/// Sequences, packed end to end.
pub mod batch;
/// Points of the network at which members read vectors of their own.
pub mod level;
/// Tensors as the step reads them.
pub mod slots;
/// What of a tensor trains.
pub mod trained;
/// Which rows are whose.
pub mod layout;
/// What the backward pass computes and keeps.
mod backward;
/// Members that go through the network at once.
pub mod waves;
/// What a step of a gang costs.
pub mod cost;

pub use backward::{Depth, Plan, Stage};

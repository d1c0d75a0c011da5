//! What a mask makes necessary, and whose rows are where. In reading order:

/// Sequences, packed end to end.
pub(crate) mod batch;
/// Points of the network at which members read vectors of their own.
pub(crate) mod level;
/// Tensors as the step reads them.
pub(crate) mod slots;
/// What of a tensor trains.
pub(crate) mod trained;
/// Which rows are whose.
pub(crate) mod layout;
/// What the backward pass computes and keeps.
mod backward;
/// Members that go through the network at once.
pub(crate) mod waves;
/// What a step of a gang costs.
pub(crate) mod cost;

pub(crate) use backward::{Depth, Plan, Stage};

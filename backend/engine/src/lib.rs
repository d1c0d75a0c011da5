//! The training step of a BERT encoder under module masks: slices in, slices out.
//!
//! candle's autograd cannot do it at this speed: it computes and keeps the gradient of every frozen matrix. It is the
//! second opinion, in `reference/`. So forward and backward are written out, over buffers that are reused, by a
//! plan made from the mask. In reading order:

/// Buffers of the forward pass.
mod activations;
/// The backward pass.
mod backward;
/// Sequences, packed end to end.
mod batch;
/// What the engine needs to know of a model and of a run's arithmetic.
mod config;
/// What a step of a gang costs.
mod cost;
/// The step on a GPU.
#[cfg(any(test, feature = "cuda"))]
mod cuda;
/// What computes.
mod device;
/// What the engine cannot do.
mod error;
/// The forward pass.
mod forward;
/// Runs that step together: the engine's face.
mod gang;
/// A gang whose members are on a GPU.
#[cfg(any(test, feature = "cuda"))]
mod remote;
/// Fused operations on rows; open to the benchmarks.
#[doc(hidden)]
pub mod kernels;
/// Which rows are whose.
mod layout;
/// A member's weights and gradient.
mod parameters;
/// The head of masked language modelling.
mod masked_language;
/// Frozen matrices in bf16.
mod narrow;
/// The same step by candle's autograd.
mod reference;
/// What a pass through the network reads.
mod pass;
/// What the backward pass computes and keeps.
mod plan;
/// Tensors as the step reads them.
mod slots;
/// Members that go through the network at once.
mod waves;

pub use batch::{Read, Sequence};
pub use config::{Adam, EncoderConfig, Objective};
pub use cost::{Cost, cost, packed_bytes, products_per_token};
pub use device::Device;
pub use error::EngineError;
pub use gang::{Gang, MemberSpec, MemberState, MemberStep, Probe, StepReport};
pub use kernels::matmul::time_in_products;
pub use parameters::goes_alone;
pub use reference::{Difference, Float, Reference, ReferenceProbe, Tolerance, compare};
pub use tunemask_shared::run::Numbers;

#[cfg(test)]
mod tests;

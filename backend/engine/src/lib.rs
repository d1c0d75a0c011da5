//! The training step of an encoder of BERT's kind under module masks: slices in, slices out.
//!
//! candle's autograd cannot do it at this speed: it computes and keeps the gradient of every frozen matrix. It is the
//! second opinion, in `reference/`. So forward and backward are written out, over buffers that are reused, by a
//! plan made from the mask. In reading order:

// A new objective, precision or tensor must not silently take another one's way.
#![deny(clippy::wildcard_enum_match_arm)]
#![warn(unreachable_pub)]

/// What the engine needs to know of a model and of a run's arithmetic.
mod config;
/// A member of a gang from outside.
mod member;
/// What the engine cannot do.
mod error;
/// What a mask makes necessary, and whose rows are where.
mod plan;
/// What a step's loss is the mean of.
mod averaging;
/// A member's weights and gradient.
mod parameters;
/// Matrices that differ from the model's in a few elements.
mod differences;
/// Where the tensors of the head of masked language modelling stand.
mod language_head;
/// Dropout factors, the same on every device; open to the benchmarks.
#[doc(hidden)]
pub mod dropout;
/// What a pass through the network reads.
mod pass;
/// The step on the processor.
mod cpu;
/// The step on a GPU.
#[cfg(any(test, feature = "cuda"))]
mod cuda;
/// The same step by candle's autograd.
mod reference;
/// Whose bits a device computes.
mod arithmetic;
/// What computes.
mod device;
/// Runs that step together: the engine's face.
mod gang;
/// Runs in training, by either engine.
mod trainer;

pub use averaging::Averaging;
pub(crate) use config::LossFunction;
pub use config::{Adam, EncoderConfig, Objective};
#[doc(hidden)]
pub use cpu::kernels;
pub use cpu::kernels::matmul::time_in_products;
pub use device::Device;
pub use error::{DeviceError, Effect, EngineError, SequenceError, ShapeError};
pub use gang::Gang;
pub use member::{MemberSpec, MemberState, MemberStep, Probe, StepReport};
pub use pass::{Matrices, Parts};
pub use plan::batch::Sequence;
pub use plan::cost::{BatchSize, Cost, Footprint, MemberRoom, cost, packed_bytes, products_per_token};
pub use plan::trained::goes_alone;
pub use reference::{Difference, Float, Place, Reference, ReferenceProbe, Tolerance, compare};
pub use trainer::Trainer;
pub use tunemask_shared::run::Precision;

#[cfg(test)]
mod tests;

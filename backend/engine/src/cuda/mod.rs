//! The training step on a GPU: the same structure as on the processor, written once over a `machine::Machine` that
//! is a GPU, or in tests the processor with the GPU's own kernels emulated.
//!
//! There are no CUDA graphs: batches are packed, so the number of rows, and with it every grid and every product's
//! shape, changes from step to step, and a captured graph would serve one step. In reading order:

/// What the step needs of a device.
mod machine;
/// A GPU.
#[cfg(feature = "cuda")]
mod driver;
/// A device on the processor, for tests.
#[cfg(test)]
mod emulated;
/// GPUs for tests of the driver.
#[cfg(all(test, feature = "cuda", target_os = "linux"))]
pub(crate) mod pretended;
/// Launches of the kernels, which stand as `.cu` files in `kernels/`.
mod launch;
/// Tables that go to the device in one piece.
mod arena;
/// A model's weights.
mod model;
/// What a gang's members have on the device.
mod members;
/// What the kernels of one pass read beside numbers.
mod tables;
/// What a forward pass leaves on the device.
mod activations;
/// Buffers of the backward pass.
mod workspace;
/// What a pass reads on a device.
mod pass;
/// The forward pass.
mod forward;
/// The backward pass.
mod backward;
/// A GPU and the models that are on it.
mod gpu;
/// What a gang has on a device.
mod loaded;
/// A gang on a GPU.
mod step;

pub(crate) use gpu::Gpu;
pub(crate) use step::Step;

#[cfg(test)]
mod tests;

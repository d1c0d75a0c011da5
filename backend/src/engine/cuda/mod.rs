//! The training step on a GPU: the same structure as on the processor, written once over a [`machine::Machine`] that
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
/// Launches of the kernels.
mod kernels;
/// Tables that go to the device in one piece.
mod arena;
/// A model's weights.
mod model;
/// What a gang's members have on the device.
mod members;
/// What the kernels of one pass read beside numbers.
mod tables;
/// What a pass leaves on the device.
mod buffers;
/// What both ways through the network share.
mod way;
/// The forward pass.
mod forward;
/// The backward pass.
mod backward;
/// The training step.
mod step;

use kernels::Runner;
use model::Models;
use std::sync::Arc;

use machine::Numbers;
pub use step::Step;

/// A GPU and the models that are on it.
#[derive(Clone)]
pub struct Gpu {
    runner: Runner,
    models: Arc<Models>,
}

impl Gpu {
    fn new(machine: Arc<dyn machine::Machine>, numbers: Numbers) -> Self {
        Self { runner: Runner { machine, numbers }, models: Arc::default() }
    }

    /// The processor with the GPU's kernels emulated, its threads in either order.
    #[cfg(test)]
    pub fn emulated(order: tunemask_emulator::Order, numbers: Numbers) -> Self {
        Self::new(emulated::Emulated::with_order(order), numbers)
    }

    /// The same with so much memory.
    #[cfg(test)]
    pub fn emulated_with_memory(bytes: usize) -> Self {
        Self::new(emulated::Emulated::with_memory(bytes), Numbers::F32)
    }

    /// A real one.
    ///
    /// # Errors
    /// A sentence: there is no driver, no such GPU, or it cannot run the kernels.
    #[cfg(feature = "cuda")]
    pub fn open(ordinal: usize, numbers: Numbers) -> Result<Self, crate::engine::EngineError> {
        Ok(Self::new(driver::Driver::open(ordinal)?, numbers))
    }

    /// What it is, for people.
    pub fn name(&self) -> &str {
        self.runner.machine.name()
    }

    /// The numbers that it computes with.
    pub fn numbers(&self) -> Numbers {
        self.runner.numbers
    }

    /// Most bytes that were ever in use on it at a time.
    pub fn peak_bytes(&self) -> usize {
        self.runner.machine.peak_bytes()
    }
}

impl std::fmt::Debug for Gpu {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} with {:?}", self.name(), self.numbers())
    }
}

#[cfg(test)]
mod tests;

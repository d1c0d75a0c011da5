//! The numbers of the reference engine, and where it computes.

use crate::EngineError;
use candle_core::{DType, Device};

/// The numbers of the reference engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Float {
    /// Those of the fast engine: to train.
    F32,
    /// More exact than anything the fast engine computes: to judge it. Twice the memory.
    F64,
}

impl Float {
    /// candle's word for it.
    pub(super) fn dtype(self) -> DType {
        match self {
            Float::F32 => DType::F32,
            Float::F64 => DType::F64,
        }
    }
}

/// Where the reference engine computes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// On the processor.
    #[default]
    Processor,
    /// On a GPU by its number, in a build with the feature `candle-cuda`.
    Gpu(usize),
}

impl Place {
    #[cfg(feature = "candle-cuda")]
    pub(super) fn open(self) -> Result<Device, EngineError> {
        Ok(match self {
            Place::Processor => Device::Cpu,
            // Not the stream of each thread: a run may be taken from one thread to another.
            Place::Gpu(ordinal) => Device::new_cuda_with_stream(ordinal)?,
        })
    }

    #[cfg(not(feature = "candle-cuda"))]
    pub(super) fn open(self) -> Result<Device, EngineError> {
        match self {
            Place::Processor => Ok(Device::Cpu),
            Place::Gpu(_) => Err(crate::DeviceError::NoCandleCuda.into()),
        }
    }
}

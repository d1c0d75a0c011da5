//! What computes: the processor, or a GPU in a build with the feature `cuda`.

use crate::error::DeviceError;
use crate::pass::Matrices;
use crate::plan::cost::Footprint;
use crate::plan::waves::WAVE_ROWS;
use crate::{EngineError, arithmetic, cpu};
use tunemask_shared::run::{Arithmetic, Precision};
use tunemask_shared::shape::ModelShape;

/// What computes, and in what precision.
#[derive(Clone, Debug)]
pub struct Device(pub(crate) DeviceKind);

/// See [`Device`].
#[derive(Clone, Debug)]
pub(crate) enum DeviceKind {
    /// The processor, in f32 or bf16.
    Cpu(Precision),
    /// A GPU.
    #[cfg(any(test, feature = "cuda"))]
    Gpu(crate::cuda::Gpu),
}

impl Device {
    /// The processor, in f32.
    pub fn cpu() -> Self {
        Self(DeviceKind::Cpu(Precision::F32))
    }

    /// The processor, in f32, or with frozen matrices in bf16.
    ///
    /// # Errors
    /// [`EngineError::Device`] for bf16 in a build without oneDNN or on a processor without it, and for other precisions.
    pub fn processor(precision: Precision) -> Result<Self, EngineError> {
        match precision {
            Precision::F32 => {}
            Precision::FrozenBf16 => {
                cpu::check_bf16().map_err(DeviceError::NoBf16)?;
            }
            Precision::Tf32 | Precision::Bf16 => {
                return Err(DeviceError::GpuOnly(precision).into());
            }
        }
        Ok(Self(DeviceKind::Cpu(precision)))
    }

    /// A GPU by its number.
    ///
    /// # Errors
    /// [`EngineError::Device`] where this build has no CUDA, or the system no driver or no such GPU.
    #[cfg(feature = "cuda")]
    pub fn gpu(ordinal: usize, precision: Precision) -> Result<Self, EngineError> {
        Ok(Self(DeviceKind::Gpu(crate::cuda::Gpu::open(ordinal, precision)?)))
    }

    /// A GPU by its number.
    ///
    /// # Errors
    /// [`EngineError::Device`] where this build has no CUDA, or the system no driver or no such GPU.
    #[cfg(not(feature = "cuda"))]
    pub fn gpu(_ordinal: usize, _precision: Precision) -> Result<Self, EngineError> {
        Err(DeviceError::NoCuda.into())
    }

    /// How many GPUs there are.
    ///
    /// # Errors
    /// [`EngineError::Device`] where this build has no CUDA, or the system no driver.
    pub fn gpus() -> Result<usize, EngineError> {
        #[cfg(feature = "cuda")]
        return crate::cuda::Gpu::count();
        #[cfg(not(feature = "cuda"))]
        Err(DeviceError::NoCuda.into())
    }

    /// Whether it is the processor.
    pub fn is_cpu(&self) -> bool {
        match self.0 {
            DeviceKind::Cpu(_) => true,
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(_) => false,
        }
    }

    /// Room for a wave of a gang's members, in rows of tokens. A GPU's products want more rows than the processor's.
    pub fn wave_rows(&self) -> usize {
        match &self.0 {
            DeviceKind::Cpu(_) => WAVE_ROWS,
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(_) => 8 * WAVE_ROWS,
        }
    }

    /// What a gang's activations take on it. Of attention the processor keeps the probabilities; a GPU its output and a
    /// logarithm a head, from which the backward pass has the probabilities again.
    pub fn footprint(&self) -> Footprint {
        Footprint {
            wave_rows: self.wave_rows(),
            activation_bytes: match self.precision() {
                Precision::Bf16 => 2,
                Precision::F32 | Precision::Tf32 | Precision::FrozenBf16 => 4,
            },
            keeps_probabilities: self.is_cpu(),
        }
    }

    /// Multiply-adds a second of its products with matrices of a model's size, measured once. Matrices that train are in f32
    /// on a processor that has frozen ones in bf16.
    pub fn products_per_s(&self, shape: &ModelShape, matrices: Matrices) -> f64 {
        match &self.0 {
            DeviceKind::Cpu(precision) => match matrices {
                Matrices::Frozen => cpu::products_per_s(shape, *precision),
                Matrices::Trained => cpu::products_per_s(shape, Precision::F32),
            },
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => gpu.products_per_s(shape).unwrap_or_else(|error| {
                tracing::warn!("a GPU's products could not be timed, the processor's are instead: {error}");
                cpu::products_per_s(shape, Precision::F32)
            }),
        }
    }

    /// Share of a step that its products take: measured on a processor, and for a GPU reckoned from the instructions of
    /// the other kernels, whose time does not shrink with the products' precision.
    pub fn products_share(&self) -> f64 {
        match (self.is_cpu(), self.precision()) {
            (true, _) | (_, Precision::F32 | Precision::FrozenBf16) => 0.75,
            (_, Precision::Tf32) => 0.4,
            (_, Precision::Bf16) => 0.2,
        }
    }

    /// Bytes of memory that a GPU has for what is not there yet; `None` for the processor, and where the GPU says nothing.
    pub fn free_bytes(&self) -> Option<u64> {
        match &self.0 {
            DeviceKind::Cpu(_) => None,
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => gpu.free_bytes(),
        }
    }

    /// Bytes of memory that a GPU has; `None` for the processor, and where the GPU says nothing.
    pub fn total_bytes(&self) -> Option<u64> {
        match &self.0 {
            DeviceKind::Cpu(_) => None,
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => gpu.total_bytes(),
        }
    }

    /// Gives a GPU's memory that no gang uses back to the system: nothing is to be trained for a while.
    pub fn rest(&self) {
        #[cfg(any(test, feature = "cuda"))]
        if let DeviceKind::Gpu(gpu) = &self.0 {
            gpu.rest();
        }
    }

    /// Opens a GPU anew that was lost; gangs that were on it must have been dropped. All copies of this are the new one.
    ///
    /// # Errors
    /// It cannot be opened; everything that is asked of it fails then.
    pub fn reopen(&self) -> Result<(), EngineError> {
        match &self.0 {
            DeviceKind::Cpu(_) => Ok(()),
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => gpu.reopen(),
        }
    }

    /// What it is, for people: `cpu`, or a GPU's name, and its precision if it is not a processor's usual one.
    pub fn label(&self) -> String {
        match &self.0 {
            DeviceKind::Cpu(Precision::F32) => "cpu".into(),
            DeviceKind::Cpu(precision) => format!("cpu, {}", precision.name()),
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => format!("{}, {}", gpu.name(), gpu.precision().name()),
        }
    }

    /// The precision that it computes in.
    pub fn precision(&self) -> Precision {
        match &self.0 {
            DeviceKind::Cpu(precision) => *precision,
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => gpu.precision(),
        }
    }

    /// Whose bits it computes. A GPU is known by its name: cuBLAS chooses kernels by the number of its units, too.
    pub fn arithmetic(&self) -> Arithmetic {
        match &self.0 {
            DeviceKind::Cpu(precision) => arithmetic::of_processor(*precision),
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => Arithmetic(gpu.name().to_owned()),
        }
    }

    /// Most bytes of the GPU's memory that were ever in use at a time.
    pub fn peak_bytes(&self) -> Option<usize> {
        match &self.0 {
            DeviceKind::Cpu(_) => None,
            #[cfg(any(test, feature = "cuda"))]
            DeviceKind::Gpu(gpu) => Some(gpu.peak_bytes()),
        }
    }
}

//! What computes: the processor, or a GPU in a build with the feature `cuda`.

use super::EngineError;
use super::narrow::Narrow;
use super::waves::WAVE_ROWS;
use tunemask_shared::run::Numbers;

/// What computes, and with what numbers.
#[derive(Clone, Debug)]
pub struct Device(pub(super) Kind);

/// See [`Device`].
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// The processor, in f32 or bf16.
    Cpu(Numbers),
    /// A GPU.
    #[cfg(any(test, feature = "cuda"))]
    Gpu(super::cuda::Gpu),
}

impl Device {
    /// The processor, in f32.
    pub fn cpu() -> Self {
        Self(Kind::Cpu(Numbers::F32))
    }

    /// The processor, in f32, or with frozen matrices in bf16.
    ///
    /// # Errors
    /// [`EngineError::Device`] for bf16 in a build without oneDNN or on a processor without it, and for other numbers.
    pub fn processor(numbers: Numbers) -> Result<Self, EngineError> {
        match numbers {
            Numbers::F32 => {}
            Numbers::FrozenBf16 => {
                Narrow::check().map_err(|why| EngineError::Device(format!("{why}; or use --dtype f32")))?;
            }
            Numbers::Tf32 | Numbers::Bf16 => {
                let what = format!("{} is computed on a GPU only; use --dtype f32", numbers.name());
                return Err(EngineError::Device(what));
            }
        }
        Ok(Self(Kind::Cpu(numbers)))
    }

    /// What multiplies a gang's frozen matrices in bf16, if the processor does.
    #[cfg(feature = "onednn")]
    pub(super) fn narrow(&self) -> Option<Narrow> {
        matches!(self.0, Kind::Cpu(Numbers::FrozenBf16)).then(Narrow::default)
    }

    /// What multiplies a gang's frozen matrices in bf16, if the processor does.
    #[cfg(not(feature = "onednn"))]
    pub(super) fn narrow(&self) -> Option<Narrow> {
        None
    }

    /// A GPU by its number.
    ///
    /// # Errors
    /// [`EngineError::Device`] where this build has no CUDA, or the system no driver or no such GPU.
    #[cfg(feature = "cuda")]
    pub fn gpu(ordinal: usize, numbers: Numbers) -> Result<Self, EngineError> {
        Ok(Self(Kind::Gpu(super::cuda::Gpu::open(ordinal, numbers)?)))
    }

    /// A GPU by its number.
    ///
    /// # Errors
    /// [`EngineError::Device`] where this build has no CUDA, or the system no driver or no such GPU.
    #[cfg(not(feature = "cuda"))]
    pub fn gpu(_ordinal: usize, _numbers: Numbers) -> Result<Self, EngineError> {
        let what = "this program was built without CUDA: build it with `make cuda`, or use `--device cpu`";
        Err(EngineError::Device(what.into()))
    }

    /// Whether it is the processor.
    pub fn is_cpu(&self) -> bool {
        matches!(self.0, Kind::Cpu(_))
    }

    /// Room for a wave of a gang's members, see [`super::waves`]. A GPU's products want more rows than the processor's.
    pub(super) fn wave_rows(&self) -> usize {
        match &self.0 {
            Kind::Cpu(_) => WAVE_ROWS,
            #[cfg(any(test, feature = "cuda"))]
            Kind::Gpu(_) => 8 * WAVE_ROWS,
        }
    }

    /// What it is, for people: `cpu`, or a GPU's name, and its numbers if they are not a processor's usual ones.
    pub fn label(&self) -> String {
        match &self.0 {
            Kind::Cpu(Numbers::F32) => "cpu".into(),
            Kind::Cpu(numbers) => format!("cpu, {}", numbers.name()),
            #[cfg(any(test, feature = "cuda"))]
            Kind::Gpu(gpu) => format!("{}, {}", gpu.name(), gpu.numbers().name()),
        }
    }

    /// The numbers that it computes with.
    pub fn numbers(&self) -> Numbers {
        match &self.0 {
            Kind::Cpu(numbers) => *numbers,
            #[cfg(any(test, feature = "cuda"))]
            Kind::Gpu(gpu) => gpu.numbers(),
        }
    }

    /// Most bytes of the GPU's memory that were ever in use at a time.
    pub fn peak_bytes(&self) -> Option<usize> {
        match &self.0 {
            Kind::Cpu(_) => None,
            #[cfg(any(test, feature = "cuda"))]
            Kind::Gpu(gpu) => Some(gpu.peak_bytes()),
        }
    }
}

//! On what the runs of an experiment are trained, as far as it decides which of them can be.

use crate::cluster::SlurmSettings;
use tunemask_engine::Device;
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::run::RunSpec;

/// What may get a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trainers {
    /// Processors alone.
    Processors,
    /// GPUs, some or all.
    Gpus,
}

impl Trainers {
    /// A device alone.
    pub(super) fn of(device: &Device) -> Self {
        if device.is_cpu() { Self::Processors } else { Self::Gpus }
    }

    /// The workers that Slurm starts.
    pub(super) fn of_slurm(settings: &SlurmSettings) -> Self {
        if settings.asks_for_gpus() { Self::Gpus } else { Self::Processors }
    }

    /// These and those.
    pub(super) fn or(self, other: Self) -> Self {
        if self == Self::Processors { other } else { self }
    }

    /// Whether all of them can train a run; the reference engine leaves GPUs alone.
    pub(super) fn can_train(self, spec: &RunSpec) -> bool {
        self == Self::Processors || spec.engine_kind == EngineKind::Candle || !spec.mask.is_lora()
    }
}

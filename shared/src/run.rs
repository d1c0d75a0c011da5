//! One cell of an experiment, and its identity.

use crate::class_weights::ClassWeights;
use crate::experiment::{DecayOn, EngineKind, EpsilonPlace, is_one};
use crate::mask::{Mask, MaskSwitches, is_default};
use crate::schedule::Decay;
use crate::task::Task;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fmt;

/// Raised when a change to the arithmetic changes results: old runs are then other runs.
pub const ENGINE_VERSION: u32 = 3;

/// All that determines a run's result. Field order is part of the identity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunSpec {
    /// [`ENGINE_VERSION`] of the program that made it.
    pub engine: u32,
    /// SHA-256 over the model's config and weights, in hexadecimal.
    pub model: String,
    /// The task.
    pub task: Task,
    /// SHA-256 over the task's files, or the generator's version, in hexadecimal.
    pub data: String,
    /// The mask.
    pub mask: Mask,
    /// What else the mask holds.
    pub switches: MaskSwitches,
    /// Peak learning rate.
    pub learning_rate: f64,
    /// Seed of head, data order and dropout.
    pub seed: u64,
    /// Epochs.
    pub epochs: u32,
    /// Examples in a step.
    pub batch_size: u32,
    /// Longest sequence in tokens.
    pub max_length: u32,
    /// Share of the steps over which the learning rate rises.
    pub warmup_fraction: f64,
    /// Dropout; the model's own if not given.
    pub dropout: Option<f64>,
    /// Adam's β₁, β₂ and ε.
    pub adam: [f64; 3],
    /// Where ε is added.
    pub epsilon_place: EpsilonPlace,
    /// Training examples, if cut.
    pub train_limit: Option<u32>,
    /// Development examples, if cut.
    pub eval_limit: Option<u32>,
    /// The precision that it is computed in, where it is not f32.
    #[serde(rename = "numbers", skip_serializing_if = "Option::is_none")]
    pub precision: Option<Precision>,
    /// Correlations are taken of predictions clipped to the task's range; set for tasks that have one alone, and
    /// written only where it is set.
    #[serde(default, skip_serializing_if = "is_default")]
    pub clip_predictions: bool,
    /// Weight decay; written only where there is one.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weight_decay: f64,
    /// What decays; written only where something decays and it is not the default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub weight_decay_on: DecayOn,
    /// The highest norm of a gradient; written only where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_gradient_norm: Option<f64>,
    /// How the learning rate goes on after the warm-up; written only where it is not the default.
    #[serde(default, skip_serializing_if = "is_default")]
    pub schedule: Decay,
    /// Batches of a step; written only where there are several.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    pub gradient_accumulation: u32,
    /// Epochs without a better score after which it ends; written only where it may.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<u32>,
    /// How much each class counts in the loss; written only where it is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// Which engine computes it; written only where it is not ours.
    #[serde(default, skip_serializing_if = "is_default")]
    pub engine_kind: EngineKind,
}

fn one() -> u32 {
    1
}

/// The precision of activations and matrix products. Sums, statistics, vectors and the optimizer are f32 in each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Precision {
    /// f32 throughout.
    #[default]
    F32,
    /// f32, the factors of products rounded to 10 bits of mantissa by the GPU.
    Tf32,
    /// bf16 activations and factors of products, summed in f32.
    Bf16,
    /// f32, but for products with frozen matrices: their factors are bf16, summed in f32.
    FrozenBf16,
}

impl Precision {
    /// Its name, for people.
    pub fn name(self) -> &'static str {
        match self {
            Precision::F32 => "f32",
            Precision::Tf32 => "tf32",
            Precision::Bf16 => "bf16",
            Precision::FrozenBf16 => "bf16 for frozen matrices",
        }
    }
}

/// Whose bits a device computes: kernels are chosen by the kind of processor or GPU, and sums of other kinds are rounded
/// otherwise. A run goes on only where this is what it began with, else it starts anew.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Arithmetic(pub String);

impl fmt::Display for Arithmetic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A run's identity: the first 64 bits of the SHA-256 of its [`RunSpec`], as 16 hexadecimal digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RunId(pub String);

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Lower-case hexadecimal digits of some bytes.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

impl RunSpec {
    /// The identity: equal exactly if every field is (but for a collision of 64 bits). Its canonical text is its JSON.
    ///
    /// # Errors
    /// A field that JSON cannot hold; there is none today.
    pub fn id(&self) -> serde_json::Result<RunId> {
        let text = serde_json::to_string(self)?;
        Ok(RunId(hexadecimal(&Sha256::digest(text.as_bytes())[..8])))
    }

    /// Examples that a step reads, but for the last one of an epoch.
    pub fn step_size(&self) -> u32 {
        self.batch_size.saturating_mul(self.gradient_accumulation)
    }

    /// Whether its correlations are of clipped predictions. Before version 3 of the engine all were: what is made of
    /// such a run's stored predictions must be what was logged of it.
    pub fn clips_predictions(&self) -> bool {
        const FIRST_UNCLIPPED: u32 = 3;
        self.task.kind().is_regression() && (self.clip_predictions || self.engine < FIRST_UNCLIPPED)
    }
}

/// Where a run stands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// Waits for a device.
    #[default]
    Queued,
    /// Trains.
    Running,
    /// Trained to the end.
    Finished,
    /// Ended by an error, which is kept.
    Failed,
    /// Ended by the user.
    Cancelled,
    /// The program ended before it did.
    Interrupted,
    /// Ended because other learning rates scored better, see [`crate::halving`].
    Retired,
}

impl RunStatus {
    /// Every status, in the order of a run's life.
    pub const ALL: [RunStatus; 7] = [
        RunStatus::Queued,
        RunStatus::Running,
        RunStatus::Finished,
        RunStatus::Failed,
        RunStatus::Cancelled,
        RunStatus::Interrupted,
        RunStatus::Retired,
    ];

    /// The status in one word, as on the wire, in addresses and on the page.
    pub fn name(self) -> &'static str {
        match self {
            RunStatus::Queued => "queued",
            RunStatus::Running => "running",
            RunStatus::Finished => "finished",
            RunStatus::Failed => "failed",
            RunStatus::Cancelled => "cancelled",
            RunStatus::Interrupted => "interrupted",
            RunStatus::Retired => "retired",
        }
    }

    /// Whether it ended before its time. One that was retired did not: it ended as its experiment wants it, though it can train on.
    pub fn can_be_retried(self) -> bool {
        matches!(self, RunStatus::Failed | RunStatus::Cancelled | RunStatus::Interrupted)
    }

    /// Whether nothing more will happen to the run by itself.
    pub fn is_over(self) -> bool {
        !matches!(self, RunStatus::Queued | RunStatus::Running)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::run_spec;

    #[test]
    fn identity_is_stable_and_sees_every_field() {
        assert_eq!(run_spec().id().unwrap(), RunId("562bb448046e1f30".into()));
        let mut others = vec![run_spec(); 11];
        others[0].seed = 2;
        others[1].learning_rate = 1e-4;
        others[2].mask = Mask::Frozen;
        others[3].switches.pooler_trains = true;
        others[4].train_limit = Some(5);
        others[5].precision = Some(Precision::Bf16);
        others[6].clip_predictions = true;
        others[7].engine_kind = EngineKind::Candle;
        others[8].gradient_accumulation = 2;
        others[9].early_stopping = Some(2);
        others[10].class_weights = Some(ClassWeights::Balanced);
        for other in others {
            assert_ne!(other.id().unwrap(), run_spec().id().unwrap());
        }
    }

    #[test]
    fn a_status_has_one_name_everywhere() {
        for status in RunStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }

    #[test]
    fn a_status_has_one_name() {
        for status in RunStatus::ALL {
            assert_eq!(serde_json::to_value(status).unwrap(), status.name());
        }
    }

    #[test]
    fn older_runs_are_read_as_they_were_scored() {
        let clips = |task, engine, clip_predictions| {
            RunSpec { task, engine, clip_predictions, ..run_spec() }.clips_predictions()
        };
        assert!(clips(Task::stsb(), 2, false) && clips(Task::similarity(), 3, true));
        assert!(!clips(Task::stsb(), 3, false) && !clips(Task::rte(), 2, true));
    }
}

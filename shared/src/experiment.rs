//! An experiment as written in a form or a file: a grid of tasks × masks × learning rates × seeds on one
//! model, and the protocol. Nothing that has a default needs writing.
//!
//! Tasks and masks are text here, so that [`crate::validation`] can name a bad one beside all other errors.

use crate::class_weights::ClassWeights;
use crate::halving::Halving;
use crate::keep_weights::KeepWeights;
use crate::mask::{Mask, MaskSwitches, OutlierPool, OutlierStatistic, is_default};
use crate::object::objects_only;
use crate::schedule::Decay;
use crate::task::TaskName;
use serde::{Deserialize, Serialize};

/// The built-in model's name.
pub const BUILTIN_MODEL: &str = "builtin:tiny";

/// The paper's learning rates.
pub const PAPER_LEARNING_RATES: [f64; 7] = [1e-5, 5e-5, 1e-4, 5e-4, 1e-3, 5e-3, 1e-2];

/// An experiment. The defaults run as they stand, on the built-in model and tasks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
pub struct Experiment {
    /// A name for people.
    pub name: String,
    /// `builtin:tiny` or a Hugging Face folder on the server's machine.
    pub model: String,
    /// A file of `tunemask export RUN --delta` that is applied to the model before anything trains; written only where
    /// there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delta: Option<String>,
    /// The folder that holds the tasks' folders (GLUE's, `conll2003`, `ptb`); not needed for built-in tasks.
    pub data: Option<String>,
    /// Task names.
    pub tasks: Vec<String>,
    /// Masks.
    pub masks: Vec<String>,
    /// Peak learning rates.
    pub learning_rates: Vec<f64>,
    /// More learning rates for single cells of the grid, as `tunemask study --extend-edges` adds them; written only where
    /// there are any. A form that is filled from an experiment takes the grid alone.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub further_rates: Vec<FurtherRates>,
    /// Seeds of head, data order and dropout.
    pub seeds: Vec<u64>,
    /// Epochs of every run; else the protocol's rule, see [`crate::task::Task::default_epochs`].
    pub epochs: Option<u32>,
    /// Examples in a step.
    pub batch_size: u32,
    /// Longest sequence in tokens, special tokens counted; the longer of a pair is cut first.
    pub max_length: u32,
    /// Share of the steps over which the learning rate rises.
    pub warmup_fraction: f64,
    /// Dropout of hidden states, attention and head; else the model's own.
    pub dropout: Option<f64>,
    /// Adam's ε.
    pub adam_epsilon: f64,
    /// Adam's β₁.
    pub adam_beta1: f64,
    /// Adam's β₂.
    pub adam_beta2: f64,
    /// Where ε is added.
    pub epsilon_place: EpsilonPlace,
    /// Share of the learning rate by which weights shrink in each step (Loshchilov and Hutter, 2019); written only where it is
    /// not 0.
    #[serde(skip_serializing_if = "is_default")]
    pub weight_decay: f64,
    /// What it shrinks; written only where it is not the default.
    #[serde(skip_serializing_if = "is_default")]
    pub weight_decay_on: DecayOn,
    /// The highest norm of a step's gradient, to which a longer one is cut; none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub max_gradient_norm: Option<f64>,
    /// How the learning rate goes on after the warm-up; written only where it is not the default.
    #[serde(skip_serializing_if = "is_default")]
    pub schedule: Decay,
    /// Batches whose gradients are added up to one step; written only where there are several. The loss of a step is the mean over
    /// all that it predicts, as if its batches were one.
    #[serde(skip_serializing_if = "is_one")]
    pub gradient_accumulation: u32,
    /// Epochs in a row without a better score by the task's first metric after which a run ends early; none if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub early_stopping: Option<u32>,
    /// How much each class counts in the loss; each as much as another if not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub class_weights: Option<ClassWeights>,
    /// The first N training examples of the seed-independent order; else all.
    pub train_limit: Option<u32>,
    /// The first N development examples of the seed-independent order; else all.
    pub eval_limit: Option<u32>,
    /// The pooler trains in every mask, not only in `full`.
    pub pooler_trains: bool,
    /// The embeddings' LayerNorm counts as one.
    pub embedding_norm_counts: bool,
    /// What outliers are picked from; written only where it is not the default.
    #[serde(skip_serializing_if = "is_default")]
    pub outlier_pool: OutlierPool,
    /// What makes an outlier; written only where it is not the default.
    #[serde(skip_serializing_if = "is_default")]
    pub outlier_statistic: OutlierStatistic,
    /// Correlations, and RMSE, are taken of predictions clipped to the task's range (0 to 5), not of the predictions as they are;
    /// written only where it is set.
    #[serde(skip_serializing_if = "is_default")]
    pub clip_predictions: bool,
    /// Which epoch a run reports.
    pub reported_epoch: ReportedEpoch,
    /// How the learning rate of a cell is picked.
    pub rate_pick: RatePick,
    /// Which learning rates are retired before their last epoch; none if not given. It decides how far runs train, and not what they
    /// are: it is no part of their identity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub halving: Option<Halving>,
    /// Which engine trains; written only where it is not the default.
    #[serde(skip_serializing_if = "is_default")]
    pub engine: EngineKind,
    /// Whose weights stay on the disk; written only where it is said. Unsaid, all that is trained is kept, and nothing is trained
    /// again for its weights alone; where `all` is said, runs train again that had finished and whose weights were dropped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub keep_weights: Option<KeepWeights>,
    /// Where its runs train, by the names of places that the program has (see [`crate::places`]); anywhere if there are none. It
    /// is no part of what determines a result.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub places: Vec<String>,
}

objects_only!(Experiment);

/// Whether a number of batches a step is that of every run before there was a choice.
pub(crate) fn is_one(batches: &u32) -> bool {
    *batches == 1
}

/// Learning rates of a cell of the grid, a task and a mask, beside those of all cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherRates {
    /// One of the experiment's tasks.
    pub task: String,
    /// One of its masks.
    pub mask: String,
    /// Peak learning rates; none of the grid's own.
    pub learning_rates: Vec<f64>,
}

/// What is wrong with a field.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{field}: {message}")]
pub struct FieldError {
    /// The field's name in an experiment file, with the item's place in a list: `masks[1]`, from 0.
    pub field: String,
    /// What is wrong and what to do.
    pub message: String,
}

/// Where Adam's ε is added to the root of the second moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EpsilonPlace {
    /// After the bias correction, as PyTorch does.
    #[default]
    Pytorch,
    /// Before it, as Keras does ("ε hat" of Kingma and Ba, 2015).
    Keras,
}

/// What weight decay shrinks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DecayOn {
    /// Matrices and embedding tables, the head's weight among them: no bias, and no γ or β of a LayerNorm, as Hugging Face's
    /// trainer has it.
    #[default]
    Matrices,
    /// All that trains.
    All,
}

/// Which epoch a run reports.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedEpoch {
    /// The best on the development set by the task's first metric; the earlier one wins a tie.
    #[default]
    Best,
    /// The last.
    Last,
}

/// How the learning rate of a cell is picked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RatePick {
    /// The one with the best mean over the seeds.
    #[default]
    BestMean,
    /// The best one of each seed.
    PerSeed,
}

/// Which engine trains.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EngineKind {
    /// Tunemask's own.
    #[default]
    Tunemask,
    /// The reference engine, candle's autograd: each run alone, in f32 on the processor, many times slower.
    Candle,
}

impl Default for Experiment {
    fn default() -> Self {
        let text = |items: &[&str]| items.iter().map(|&s| s.to_owned()).collect();
        Self {
            name: "Modules of a tiny BERT".into(),
            model: BUILTIN_MODEL.into(),
            delta: None,
            data: None,
            tasks: text(&["acceptability", "questions"]),
            masks: text(&["full", "layernorms", "bitfit", "frozen"]),
            learning_rates: vec![5e-4, 1e-2],
            further_rates: Vec::new(),
            seeds: vec![1, 2],
            epochs: None,
            batch_size: 16,
            max_length: 128,
            warmup_fraction: 0.1,
            dropout: None,
            adam_epsilon: 1e-6,
            adam_beta1: 0.9,
            adam_beta2: 0.999,
            epsilon_place: EpsilonPlace::default(),
            weight_decay: 0.0,
            weight_decay_on: DecayOn::default(),
            max_gradient_norm: None,
            schedule: Decay::default(),
            gradient_accumulation: 1,
            early_stopping: None,
            class_weights: None,
            train_limit: None,
            eval_limit: None,
            pooler_trains: false,
            embedding_norm_counts: false,
            outlier_pool: OutlierPool::default(),
            outlier_statistic: OutlierStatistic::default(),
            clip_predictions: false,
            reported_epoch: ReportedEpoch::default(),
            rate_pick: RatePick::default(),
            halving: None,
            engine: EngineKind::default(),
            keep_weights: None,
            places: Vec::new(),
        }
    }
}

impl Experiment {
    /// What the form holds at first: the defaults, cut short enough to be watched to their end.
    pub fn starter() -> Self {
        Self { epochs: Some(3), train_limit: Some(1000), ..Self::default() }
    }

    /// The delta that is applied to the model, if one is named.
    pub fn delta_file(&self) -> Option<&str> {
        self.delta.as_deref().map(str::trim).filter(|file| !file.is_empty())
    }

    /// The learning rates of a cell: the grid's, then those that only this cell has.
    pub fn rates_of(&self, task: &TaskName, mask: &Mask) -> Vec<f64> {
        let mut rates = self.learning_rates.clone();
        rates.extend(self.further_rates_of(task, mask));
        rates
    }

    /// Whose weights stay on the disk.
    pub fn keeps(&self) -> KeepWeights {
        self.keep_weights.unwrap_or_default()
    }

    /// Examples that a step reads, but for the last one of an epoch.
    pub fn step_size(&self) -> u32 {
        self.batch_size.saturating_mul(self.gradient_accumulation)
    }

    /// How many runs it has.
    pub fn runs(&self) -> usize {
        let further: usize = self.further_rates.iter().map(|further| further.learning_rates.len()).sum();
        // Lists of any length are counted before they are found too long.
        let grid = [self.masks.len(), self.learning_rates.len()]
            .into_iter()
            .fold(self.tasks.len(), usize::saturating_mul);
        grid.saturating_add(further).saturating_mul(self.seeds.len())
    }

    /// The learning rates that only this cell has.
    pub fn further_rates_of<'a>(
        &'a self,
        task: &'a TaskName,
        mask: &'a Mask,
    ) -> impl Iterator<Item = f64> + use<'a> {
        let own = self.further_rates.iter().filter(move |further| {
            further.task.parse::<TaskName>().is_ok_and(|own| own == *task)
                && further.mask.parse::<Mask>().is_ok_and(|own| own == *mask)
        });
        own.flat_map(|further| further.learning_rates.iter().copied())
    }

    /// What else the masks hold.
    pub fn mask_switches(&self) -> MaskSwitches {
        MaskSwitches {
            pooler_trains: self.pooler_trains,
            embedding_norm_counts: self.embedding_norm_counts,
            outlier_pool: self.outlier_pool,
            outlier_statistic: self.outlier_statistic,
        }
    }
}

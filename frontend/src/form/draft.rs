//! What stands in the form, and the experiment that it means.

/// What it means.
mod parsed;
#[cfg(test)]
mod tests;

pub use parsed::ParsedDraft;

use super::field::{Field, MASK_FIELDS};
use super::list;
use super::texts::Texts;
use crate::format::rate;
use serde::{Deserialize, Serialize};
use std::fmt::Display;
use std::str::FromStr;
use tunemask_shared::class_weights::ClassWeights;
use tunemask_shared::experiment::{
    DecayOn, EngineKind, EpsilonPlace, Experiment, FieldError, FurtherRates, RatePick, ReportedEpoch,
};
use tunemask_shared::halving::Halving;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::mask::{Mask, OutlierPool, OutlierStatistic};
use tunemask_shared::schedule::Decay;
use tunemask_shared::task::{TaskName, known_tasks};

/// What stands in the form.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Draft {
    texts: Texts,
    /// Tasks ticked.
    pub tasks: Vec<TaskName>,
    /// Masks ticked that need no number.
    pub masks: Vec<Mask>,
    /// Learning rates of single cells, which come from a file or another experiment.
    #[serde(default)]
    pub further_rates: Vec<FurtherRates>,
    /// Whether the pooler trains in every mask.
    pub pooler_trains: bool,
    /// Whether the embeddings' LayerNorm counts as one.
    pub embedding_norm_counts: bool,
    /// What outliers are picked from.
    pub outlier_pool: OutlierPool,
    /// What makes an outlier.
    pub outlier_statistic: OutlierStatistic,
    /// Whether correlations are of clipped predictions.
    pub clip_predictions: bool,
    /// Where Adam's ε is added.
    pub epsilon_place: EpsilonPlace,
    /// What weight decay shrinks.
    pub weight_decay_on: DecayOn,
    /// How the learning rate goes on after the warm-up.
    pub schedule: Decay,
    /// Which epoch a run reports.
    pub reported_epoch: ReportedEpoch,
    /// How a learning rate is picked.
    pub rate_pick: RatePick,
    /// Which engine trains.
    pub engine: EngineKind,
    /// Whose weights stay on the disk.
    pub keep_weights: Option<KeepWeights>,
    /// Where runs train; anywhere if nothing is named.
    #[serde(default)]
    pub places: Vec<String>,
}

/// The masks that need no number, in the order of the form and of its experiment.
pub const PLAIN_MASKS: [Mask; 8] = [
    Mask::Full,
    Mask::Mha,
    Mask::Ffn,
    Mask::LayerNorms,
    Mask::LayerNormA,
    Mask::LayerNormF,
    Mask::BitFit,
    Mask::Frozen,
];

/// Stands for the LayerNorms' count where `random` is given none.
const LAYER_NORMS_COUNT: &str = "ln";

/// The control of the tasks.
pub const TASKS_CONTROL: &str = "tasks";
/// The control of the plain masks.
pub const MASKS_CONTROL: &str = "masks";

impl Default for Draft {
    fn default() -> Self {
        Draft::new(&Experiment::starter())
    }
}

impl Draft {
    /// The form filled in with an experiment.
    pub fn new(e: &Experiment) -> Draft {
        let masks: Vec<Mask> = e.masks.iter().filter_map(|m| m.parse().ok()).collect();
        let integer = |n: Option<u32>| n.map(|n| n.to_string()).unwrap_or_default();
        let mut draft = Draft {
            texts: Texts::default(),
            tasks: e.tasks.iter().filter_map(|t| t.parse().ok()).collect(),
            masks: Vec::new(),
            further_rates: e.further_rates.clone(),
            pooler_trains: e.pooler_trains,
            embedding_norm_counts: e.embedding_norm_counts,
            outlier_pool: e.outlier_pool,
            outlier_statistic: e.outlier_statistic,
            clip_predictions: e.clip_predictions,
            epsilon_place: e.epsilon_place,
            weight_decay_on: e.weight_decay_on,
            schedule: e.schedule,
            reported_epoch: e.reported_epoch,
            rate_pick: e.rate_pick,
            engine: e.engine,
            keep_weights: e.keep_weights,
            places: e.places.clone(),
        };
        let texts = [
            (Field::Name, e.name.clone()),
            (Field::Model, e.model.clone()),
            (Field::Data, e.data.clone().unwrap_or_default()),
            (Field::LearningRates, list::join(e.learning_rates.iter().map(|&r| rate(r)))),
            (Field::Seeds, list::join(e.seeds.iter().map(u64::to_string))),
            (Field::Epochs, integer(e.epochs)),
            (Field::BatchSize, e.batch_size.to_string()),
            (Field::MaxLength, e.max_length.to_string()),
            (Field::WarmupFraction, e.warmup_fraction.to_string()),
            (Field::Dropout, e.dropout.map(|d| d.to_string()).unwrap_or_default()),
            (Field::AdamEpsilon, rate(e.adam_epsilon)),
            (Field::AdamBeta1, e.adam_beta1.to_string()),
            (Field::AdamBeta2, e.adam_beta2.to_string()),
            (Field::WeightDecay, e.weight_decay.to_string()),
            (Field::MaxGradientNorm, e.max_gradient_norm.map(|n| n.to_string()).unwrap_or_default()),
            (Field::GradientAccumulation, e.gradient_accumulation.to_string()),
            (Field::EarlyStopping, integer(e.early_stopping)),
            (Field::ClassWeights, e.class_weights.as_ref().map(ClassWeights::to_string).unwrap_or_default()),
            (Field::Halving, e.halving.as_ref().map(Halving::to_string).unwrap_or_default()),
            (Field::TrainLimit, integer(e.train_limit)),
            (Field::EvalLimit, integer(e.eval_limit)),
            (Field::Delta, e.delta.clone().unwrap_or_default()),
        ];
        for (field, text) in texts {
            draft.set(field, text);
        }
        masks.iter().for_each(|mask| draft.add_mask(mask));
        draft
    }

    /// What stands in a field.
    pub fn text(&self, field: Field) -> &str {
        self.texts.get(field)
    }

    /// Writes into a field.
    pub fn set(&mut self, field: Field, text: String) {
        self.texts.set(field, text);
    }

    /// Ticks or unticks a task; ticked ones stand in the order of [`known_tasks`], then the user's own by name.
    pub fn toggle_task(&mut self, task: &TaskName) {
        if self.tasks.contains(task) {
            self.tasks.retain(|ticked| ticked != task);
        } else {
            self.tasks.push(task.clone());
        }
        let place = |name: &TaskName| known_tasks().iter().position(|known| known.name() == name);
        self.tasks.sort_by_key(|name| (place(name).unwrap_or(known_tasks().len()), name.clone()));
    }

    /// Ticks or unticks a place where runs train; ticked ones stand in the order in which they were.
    pub fn toggle_place(&mut self, name: &str) {
        match self.places.iter().position(|ticked| ticked == name) {
            Some(at) => drop(self.places.remove(at)),
            None => self.places.push(name.to_owned()),
        }
    }

    /// Ticks or unticks a plain mask; ticked ones stand in the order of [`PLAIN_MASKS`].
    pub fn toggle_mask(&mut self, mask: &Mask) {
        self.masks = PLAIN_MASKS.into_iter().filter(|m| (m == mask) != self.masks.contains(m)).collect();
    }

    /// Adds a mask where it is ticked or written; what the experiment has is not added again.
    pub fn add_mask(&mut self, mask: &Mask) {
        let there = self.parse().experiment.masks.iter().any(|text| text.parse().as_ref() == Ok(mask));
        if there {
            return;
        }
        if PLAIN_MASKS.contains(mask) {
            return self.toggle_mask(mask);
        }
        let (field, text) = written(mask);
        let separator = if field == Field::Expressions { "; " } else { ", " };
        let before = self.text(field).trim_end_matches([' ', ',', ';']);
        let after = if before.is_empty() { text } else { format!("{before}{separator}{text}") };
        self.set(field, after);
    }

    /// Takes a mask away, wherever it is ticked or written. What cannot be read stays as it is.
    pub fn remove_mask(&mut self, mask: &Mask) {
        self.masks.retain(|ticked| ticked != mask);
        for (field, name) in MASK_FIELDS {
            let masks: Vec<String> = match field {
                // A range is written out, so that one of it can go.
                Field::SingleNorm => match list::integers(self.text(field)) {
                    Ok(blocks) => blocks.iter().map(u64::to_string).collect(),
                    Err(_) => continue,
                },
                Field::Expressions => {
                    self.text(field).split(';').map(|text| text.trim().to_owned()).collect()
                }
                _ => list::words(self.text(field)).map(str::to_owned).collect(),
            };
            let is_mask = |text: &String| mask_text(field, name, text).parse().as_ref() == Ok(mask);
            if masks.iter().any(is_mask) {
                let kept = masks.into_iter().filter(|text| !is_mask(text)).collect::<Vec<_>>();
                self.set(field, kept.join(if field == Field::Expressions { "; " } else { ", " }));
            }
        }
    }

    /// The experiment that it means.
    pub fn parse(&self) -> ParsedDraft {
        let mut unread = Vec::new();
        let default = Experiment::default();
        let mut take = |field: Field, error: String| {
            unread.push(FieldError { field: field.name().into(), message: error });
        };
        macro_rules! read {
            ($field:expr, $reader:path, $default:expr) => {
                $reader(self.text($field)).unwrap_or_else(|error| {
                    take($field, error);
                    $default
                })
            };
        }
        macro_rules! required {
            ($field:expr, $reader:path, $default:expr) => {
                read!($field, $reader, Some($default)).unwrap_or_else(|| {
                    take($field, "write a number".into());
                    $default
                })
            };
        }
        let (masks, mask_controls) = self.written_masks(&mut take);
        let path = |field| Some(self.text(field).trim().to_owned()).filter(|path| !path.is_empty());
        let experiment = Experiment {
            name: self.text(Field::Name).into(),
            model: self.text(Field::Model).trim().into(),
            delta: path(Field::Delta),
            data: path(Field::Data),
            tasks: self.tasks.iter().map(TaskName::to_string).collect(),
            masks,
            learning_rates: read!(Field::LearningRates, list::decimals, default.learning_rates),
            further_rates: self.further_rates.clone(),
            seeds: read!(Field::Seeds, list::integers, default.seeds),
            epochs: read!(Field::Epochs, list::optional_integer, None),
            batch_size: required!(Field::BatchSize, list::optional_integer, default.batch_size),
            max_length: required!(Field::MaxLength, list::optional_integer, default.max_length),
            warmup_fraction: required!(
                Field::WarmupFraction,
                list::optional_decimal,
                default.warmup_fraction
            ),
            dropout: read!(Field::Dropout, list::optional_decimal, None),
            adam_epsilon: required!(Field::AdamEpsilon, list::optional_decimal, default.adam_epsilon),
            adam_beta1: required!(Field::AdamBeta1, list::optional_decimal, default.adam_beta1),
            adam_beta2: required!(Field::AdamBeta2, list::optional_decimal, default.adam_beta2),
            clip_predictions: self.clip_predictions,
            epsilon_place: self.epsilon_place,
            weight_decay: required!(Field::WeightDecay, list::optional_decimal, default.weight_decay),
            weight_decay_on: self.weight_decay_on,
            max_gradient_norm: read!(Field::MaxGradientNorm, list::optional_decimal, None),
            schedule: self.schedule,
            gradient_accumulation: required!(
                Field::GradientAccumulation,
                list::optional_integer,
                default.gradient_accumulation
            ),
            early_stopping: read!(Field::EarlyStopping, list::optional_integer, None),
            class_weights: read!(Field::ClassWeights, optional, None),
            halving: read!(Field::Halving, optional, None),
            train_limit: read!(Field::TrainLimit, list::optional_integer, None),
            eval_limit: read!(Field::EvalLimit, list::optional_integer, None),
            pooler_trains: self.pooler_trains,
            embedding_norm_counts: self.embedding_norm_counts,
            outlier_pool: self.outlier_pool,
            outlier_statistic: self.outlier_statistic,
            reported_epoch: self.reported_epoch,
            rate_pick: self.rate_pick,
            engine: self.engine,
            keep_weights: self.keep_weights,
            places: self.places.clone(),
        };
        ParsedDraft { experiment, unread, mask_controls }
    }

    fn written_masks(&self, unread: &mut impl FnMut(Field, String)) -> (Vec<String>, Vec<&'static str>) {
        let mut masks: Vec<String> = self.masks.iter().map(Mask::to_string).collect();
        let mut controls = vec![MASKS_CONTROL; masks.len()];
        for (field, name) in MASK_FIELDS {
            let written: Vec<String> = match field {
                Field::SingleNorm => match list::integers(self.text(field)) {
                    Ok(blocks) => blocks.iter().map(|l| mask_text(field, name, &l.to_string())).collect(),
                    Err(error) => {
                        unread(field, error);
                        Vec::new()
                    }
                },
                Field::Expressions => {
                    let each = self.text(field).split(';').map(str::trim).filter(|text| !text.is_empty());
                    each.map(str::to_owned).collect()
                }
                _ => list::words(self.text(field)).map(|word| mask_text(field, name, word)).collect(),
            };
            controls.extend(std::iter::repeat_n(field.name(), written.len()));
            masks.extend(written);
        }
        (masks, controls)
    }
}

/// What a text says; an empty one says nothing.
fn optional<T: FromStr<Err: Display>>(text: &str) -> Result<Option<T>, String> {
    let text = text.trim();
    if text.is_empty() { Ok(None) } else { text.parse().map(Some).map_err(|error: T::Err| error.to_string()) }
}

/// The field in which a mask is written that is not ticked, and what it says there.
fn written(mask: &Mask) -> (Field, String) {
    let text = mask.to_string();
    let short = MASK_FIELDS.iter().find_map(|&(field, name)| match text.strip_prefix(name) {
        Some("") if field == Field::Random => Some((field, LAYER_NORMS_COUNT.to_owned())),
        Some(rest) => rest.strip_prefix(':').map(|numbers| (field, numbers.to_owned())),
        None => None,
    });
    short.unwrap_or((Field::Expressions, text))
}

/// The mask that a word in a field of [`MASK_FIELDS`] means, with the mask's name there.
fn mask_text(field: Field, name: &str, word: &str) -> String {
    match field {
        Field::Expressions => word.to_owned(),
        Field::Random if word == LAYER_NORMS_COUNT => name.to_owned(),
        _ => format!("{name}:{word}"),
    }
}

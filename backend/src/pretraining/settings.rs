//! What determines the result.

use super::PretrainingError;
use crate::model::Model;
use serde::{Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tunemask_shared::family::Activation;
use tunemask_shared::run::{ENGINE_VERSION, hexadecimal};

/// Where the text comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Text {
    /// So many texts of the built-in language.
    BuiltIn(usize),
    /// A file: one text per line, or two with a tab between them to be read as a pair; at most so many lines.
    File(#[serde(serialize_with = "shown")] PathBuf, Option<usize>),
}

/// A path as people read it: one that is not UTF-8 has no other form in JSON.
fn shown<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(&path.display())
}

/// What the weights are at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Start {
    /// The model's.
    Model,
    /// Drawn anew: matrices from N(0, `initializer_range`²), biases 0, γ 1.
    Fresh,
}

/// What, with a model and a text, determines the result.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Settings {
    /// What the weights are at first.
    pub start: Start,
    /// Optimizer steps.
    pub steps: u32,
    /// Texts of a step.
    pub batch: usize,
    /// Peak learning rate of Adam, which then falls linearly to 0.
    pub learning_rate: f64,
    /// Share of the steps over which it rises.
    pub warmup: f64,
    /// Longest text in tokens; longer ones are cut.
    pub max_length: usize,
    /// Share of the word pieces that are to be found.
    pub masked: f64,
    /// Dropout of hidden states and attention instead of the model's.
    pub dropout: Option<f32>,
    /// Texts that are not trained on, but scored.
    pub held_out: usize,
    /// Decides weights, order, masks and dropout.
    pub seed: u64,
}

impl Settings {
    /// Whether each is in its range for a model.
    ///
    /// # Errors
    /// The first that is not.
    pub fn check(&self, model: &Model) -> Result<(), PretrainingError> {
        let positions = model.config.shape.positions;
        let share = |x: f64| x > 0.0 && x < 1.0;
        let (family, activation) = (model.config.shape.family, model.config.activation);
        let rules: [(&'static str, bool, String); 8] = [
            (
                "--model",
                family.is_bert() && activation == Activation::Gelu,
                format!(
                    "masked language modelling is that of BERT with GELU by erf alone, not of {} with {activation:?}",
                    family.model_type()
                ),
            ),
            ("--steps", self.steps > 0, "ask for at least one".into()),
            ("--batch", (1..=65536).contains(&self.batch), "choose 1 to 65536 texts".into()),
            ("--learning-rate", share(self.learning_rate), "choose a number above 0 and below 1".into()),
            ("--warmup", (0.0..=1.0).contains(&self.warmup), "choose a share from 0 to 1".into()),
            (
                "--max-length",
                (4..=positions).contains(&self.max_length),
                format!("choose 4 to {positions} tokens, the model's longest sequence"),
            ),
            ("--masked", share(self.masked), "choose a share above 0 and below 1".into()),
            (
                "--dropout",
                self.dropout.is_none_or(|x| (0.0..1.0).contains(&x)),
                "choose a share from 0 to below 1".into(),
            ),
        ];
        match rules.into_iter().find(|(_, holds, _)| !holds) {
            Some((field, _, why)) => Err(PretrainingError::Setting { field, why }),
            None => Ok(()),
        }
    }

    /// SHA-256 over these, a model and a text, in hexadecimal: what a checkpoint belongs to.
    pub fn identity(&self, model: &Model, text_sha256: &str) -> String {
        // Settings hold nothing that JSON cannot.
        let own = serde_json::to_string(self).unwrap_or_default();
        let all = format!("{ENGINE_VERSION}\n{own}\n{}\n{text_sha256}\n", model.fingerprint);
        hexadecimal(&Sha256::digest(all))
    }
}

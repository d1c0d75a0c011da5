//! A model in memory.

use super::{Tokenizer, fingerprint};
use std::sync::Arc;
use tunemask_engine::EncoderConfig;

/// A pretrained encoder with its tokenizer.
#[derive(Clone, Debug)]
pub struct Model {
    /// Dimensions and arithmetic.
    pub config: EncoderConfig,
    /// Every pretrained scalar in the canonical order of [`tunemask_shared::shape`].
    pub weights: Arc<Vec<f32>>,
    /// Its tokenizer.
    pub tokenizer: Tokenizer,
    /// SHA-256 over config, weights and vocabulary, in hexadecimal; where the files lie does not matter.
    pub fingerprint: String,
    /// For people: the folder's name, or `builtin:tiny`.
    pub title: String,
    /// Whether the tokenizer keeps case.
    pub cased: bool,
    /// What the user should know: a pooler that the checkpoint lacks, a dropout that is not used.
    pub notes: Vec<String>,
}

impl Model {
    pub(super) fn new(
        config: EncoderConfig,
        weights: Vec<f32>,
        tokenizer: Tokenizer,
        title: String,
        notes: Vec<String>,
    ) -> Self {
        let fingerprint = fingerprint::sha256(&config, &weights, &tokenizer);
        let cased = tokenizer.cased();
        Self { config, weights: Arc::new(weights), tokenizer, fingerprint, title, cased, notes }
    }
}

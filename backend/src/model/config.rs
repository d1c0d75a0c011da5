//! `config.json` of a Hugging Face BERT.
//!
//! Dimensions must be written; what has had a default since BERT's first release may be absent. A field
//! that changes the arithmetic to something else than the engine's is an error, never ignored.

use super::{ModelError, contents};
use crate::files;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};
use tunemask_engine::EncoderConfig;
use tunemask_shared::shape::ModelShape;

/// Most weights of a model: 40 GB of them.
const MAX_SCALARS: usize = 10_000_000_000;

/// What a config says.
#[derive(Clone, Debug, PartialEq)]
pub struct Config {
    /// Dimensions and arithmetic.
    pub encoder: EncoderConfig,
    /// Dropout of hidden states as written.
    pub dropout: f64,
    /// What the user should know.
    pub notes: Vec<String>,
}

impl Config {
    /// Reads `path`.
    ///
    /// # Errors
    /// A file that is missing, not JSON, of another architecture, or with a field that is missing, absurd or
    /// asks for arithmetic that the engine does not have.
    pub fn open(path: &Path) -> Result<Self, ModelError> {
        Self::parse(path, &files::bytes(path, files::SETTINGS)?)
    }

    /// Reads the text of a config; `path` is what errors name.
    ///
    /// # Errors
    /// As [`Config::open`].
    pub fn parse(path: &Path, text: &[u8]) -> Result<Self, ModelError> {
        let map = serde_json::from_slice(files::unmarked(text))
            .map_err(|cause| ModelError::Json { path: path.to_owned(), cause })?;
        let fields = Fields { path: path.to_owned(), map };
        fields.is_trainable_bert()?;
        let shape = ModelShape {
            vocabulary: fields.dimension("vocab_size", 5, 10_000_000)?,
            hidden: fields.dimension("hidden_size", 1, 16_384)?,
            layers: fields.dimension("num_hidden_layers", 1, 256)?,
            heads: fields.dimension("num_attention_heads", 1, 1_024)?,
            intermediate: fields.dimension("intermediate_size", 1, 131_072)?,
            positions: fields.dimension("max_position_embeddings", 8, 65_536)?,
            segments: if fields.map.contains_key("type_vocab_size") {
                fields.dimension("type_vocab_size", 1, 16)?
            } else {
                2
            },
        };
        if !shape.hidden.is_multiple_of(shape.heads) {
            let why = format!("is {}, which does not divide hidden_size {}", shape.heads, shape.hidden);
            return Err(fields.error("num_attention_heads", why));
        }
        // The sizes one by one are those of real models; all of them at their largest are no model's.
        if shape.scalars() > MAX_SCALARS {
            let why = format!("and the other sizes make {} weights; at most {MAX_SCALARS}", shape.scalars());
            return Err(fields.error("hidden_size", why));
        }
        let below_one = |x: f64| (0.0..1.0).contains(&x);
        let dropout = fields.number("hidden_dropout_prob", 0.1, below_one, "a share from 0 to below 1")?;
        let attention =
            fields.number("attention_probs_dropout_prob", 0.1, below_one, "a share from 0 to below 1")?;
        let small = |x: f64| x > 0.0 && x <= 0.1;
        let epsilon = fields.number("layer_norm_eps", 1e-12, small, "above 0 and at most 0.1")?;
        let range = |x: f64| x > 0.0 && x <= 10.0;
        let initializer = fields.number("initializer_range", 0.02, range, "above 0 and at most 10")?;

        let head = fields.number("classifier_dropout", dropout, below_one, "a share from 0 to below 1")?;
        let mut notes = Vec::new();
        if head != dropout {
            notes.push(format!(
                "the head's dropout is {head}, by classifier_dropout in config.json, unless the experiment gives one"
            ));
        }
        let encoder = EncoderConfig {
            shape,
            layer_norm_epsilon: epsilon as f32,
            hidden_dropout: dropout as f32,
            classifier_dropout: fields.get("classifier_dropout").map(|_| head as f32),
            attention_dropout: attention as f32,
            initializer_range: initializer as f32,
        };
        Ok(Self { encoder, dropout, notes })
    }
}

struct Fields {
    path: PathBuf,
    map: Map<String, Value>,
}

impl Fields {
    fn error(&self, field: &'static str, why: impl Into<String>) -> ModelError {
        ModelError::Field { path: self.path.clone(), field, why: why.into() }
    }

    /// The field, if it is written and not null.
    fn get(&self, field: &str) -> Option<&Value> {
        self.map.get(field).filter(|v| !v.is_null())
    }

    fn is_trainable_bert(&self) -> Result<(), ModelError> {
        match self.get("model_type") {
            Some(Value::String(kind)) if kind == "bert" => {}
            Some(other) => {
                return Err(self.error("model_type", format!("is {other}; only \"bert\" can be trained")));
            }
            // Configs of 2019 name their classes and no type.
            None => match self.get("architectures").and_then(|a| a.get(0)).and_then(Value::as_str) {
                Some(class) if class.starts_with("Bert") => {}
                Some(class) => {
                    return Err(self.error("architectures", format!("is {class}; only BERT can be trained")));
                }
                // Google's has neither, and stands for BERT by its name.
                None if self.path.ends_with(contents::GOOGLE_CONFIG) => {}
                None => return Err(self.error("model_type", "is missing; expected \"bert\"")),
            },
        }
        let must_be: [(&'static str, &[&str], &str); 2] = [
            ("hidden_act", &["gelu", "gelu_python"], "\"gelu\" (erf)"),
            ("position_embedding_type", &["absolute"], "\"absolute\""),
        ];
        for (field, allowed, expected) in must_be {
            if let Some(value) = self.get(field)
                && !value.as_str().is_some_and(|v| allowed.contains(&v))
            {
                return Err(self.error(field, format!("is {value}; only {expected} can be trained")));
            }
        }
        for field in ["is_decoder", "add_cross_attention", "is_encoder_decoder"] {
            if !matches!(self.get(field), None | Some(Value::Bool(false))) {
                return Err(self.error(field, "is set; only an encoder can be trained"));
            }
        }
        for field in ["pruned_heads", "quantization_config"] {
            let empty = self.get(field).is_none_or(|v| v.as_object().is_some_and(Map::is_empty));
            if !empty {
                return Err(self.error(field, "is set; only a whole, unquantized encoder can be trained"));
            }
        }
        Ok(())
    }

    fn dimension(&self, field: &'static str, low: usize, high: usize) -> Result<usize, ModelError> {
        let Some(value) = self.get(field) else {
            return Err(self.error(field, format!("is missing; expected a number from {low} to {high}")));
        };
        match value.as_u64().and_then(|v| usize::try_from(v).ok()) {
            Some(n) if (low..=high).contains(&n) => Ok(n),
            _ => Err(self.error(field, format!("is {value}; expected a whole number from {low} to {high}"))),
        }
    }

    fn number(
        &self,
        field: &'static str,
        default: f64,
        allowed: impl Fn(f64) -> bool,
        expected: &str,
    ) -> Result<f64, ModelError> {
        let Some(value) = self.get(field) else { return Ok(default) };
        match value.as_f64() {
            Some(x) if allowed(x) => Ok(x),
            _ => Err(self.error(field, format!("is {value}; expected {expected}"))),
        }
    }
}

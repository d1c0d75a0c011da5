//! `config.json` of a Hugging Face encoder of a family that is known.
//!
//! Dimensions must be written; what has had a default since a family's first release may be absent. A field
//! that changes the arithmetic to something else than the engine's is an error, never ignored. In reading order:

/// A config's fields.
mod fields;
/// What each family calls them.
mod names;
/// Which family it is, and whether it can be trained.
mod family;

use super::ModelError;
use crate::files;
use fields::Fields;
use names::Names;
use serde_json::{Map, Value, json};
use std::path::Path;
use tunemask_engine::EncoderConfig;
use tunemask_shared::family::{Activation, Family};
use tunemask_shared::shape::ModelShape;

/// Most weights of a model: 40 GB of them.
const MAX_SCALARS: usize = 10_000_000_000;
/// ε of DistilBERT's LayerNorms, which its config does not say.
const DISTILBERT_EPSILON: f64 = 1e-12;

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
        let family = family::of(&fields)?;
        let names = names::of(family);
        let activation = family::activation(&fields, names)?;
        family::is_trainable(&fields)?;
        let shape = shape(&fields, names, family)?;
        let dropout = fields.share(names.dropout, 0.1)?;
        let attention = fields.share(names.attention_dropout, 0.1)?;
        let small = |x: f64| x > 0.0 && x <= 0.1;
        let epsilon = match family {
            Family::DistilBert => DISTILBERT_EPSILON,
            Family::Bert | Family::Roberta { .. } | Family::Electra { .. } => {
                fields.number("layer_norm_eps", 1e-12, small, "above 0 and at most 0.1")?
            }
        };
        let range = |x: f64| x > 0.0 && x <= 10.0;
        let initializer = fields.number("initializer_range", 0.02, range, "above 0 and at most 10")?;

        let own = fields.get(names.head_dropout).is_some();
        // DistilBERT's classes have one of their own where the config is silent, too.
        let usual = if family == Family::DistilBert { 0.2 } else { dropout };
        let head = fields.share(names.head_dropout, usual)?;
        let mut notes = Vec::new();
        if head != dropout {
            let where_from = if own { "by" } else { "the default of" };
            notes.push(format!(
                "the head's dropout is {head}, {where_from} {} in config.json, unless the experiment gives one",
                names.head_dropout
            ));
        }
        let encoder = EncoderConfig {
            shape,
            layer_norm_epsilon: epsilon as f32,
            hidden_dropout: dropout as f32,
            classifier_dropout: (own || head != dropout).then_some(head as f32),
            attention_dropout: attention as f32,
            initializer_range: initializer as f32,
            activation,
        };
        Ok(Self { encoder, dropout, notes })
    }
}

fn shape(fields: &Fields, names: &Names, family: Family) -> Result<ModelShape, ModelError> {
    let rows = fields.dimension("max_position_embeddings", 8, 65_536)?;
    let Some(positions) = rows.checked_sub(family.unused_positions()).filter(|positions| *positions >= 8)
    else {
        let why = format!("is {rows}, of which {} are not used", family.unused_positions());
        return Err(fields.error("max_position_embeddings", why));
    };
    let shape = ModelShape {
        vocabulary: fields.dimension("vocab_size", 5, 10_000_000)?,
        hidden: fields.dimension(names.hidden, 1, 16_384)?,
        layers: fields.dimension(names.layers, 1, 256)?,
        heads: fields.dimension(names.heads, 1, 1_024)?,
        intermediate: fields.dimension(names.intermediate, 1, 131_072)?,
        positions,
        segments: match family {
            Family::DistilBert => 0,
            Family::Bert | Family::Roberta { .. } | Family::Electra { .. } => {
                fields.dimension_or("type_vocab_size", 2, 1, 16)?
            }
        },
        family,
    };
    if !shape.hidden.is_multiple_of(shape.heads) {
        let why = format!("is {}, which does not divide {} {}", shape.heads, names.hidden, shape.hidden);
        return Err(fields.error(names.heads, why));
    }
    // The sizes one by one are those of real models; all of them at their largest are no model's.
    if shape.scalars() > MAX_SCALARS {
        let why = format!("and the other sizes make {} weights; at most {MAX_SCALARS}", shape.scalars());
        return Err(fields.error(names.hidden, why));
    }
    Ok(shape)
}

/// The fields of a config that says all of an encoder, but for its head.
pub(super) fn write(encoder: &EncoderConfig, padding: u32) -> Map<String, Value> {
    let s = &encoder.shape;
    let names = names::of(s.family);
    // Through its own digits, so that 0.1 is not written as 0.10000000149011612.
    let number = |x: f32| json!(x.to_string().parse::<f64>().unwrap_or_else(|_| f64::from(x)));
    let activation = match encoder.activation {
        Activation::Gelu => "gelu",
        Activation::GeluTanh => "gelu_new",
        Activation::Relu => "relu",
        Activation::Tanh => "tanh",
    };
    let mut fields = vec![
        ("model_type", json!(s.family.model_type())),
        ("vocab_size", json!(s.vocabulary)),
        (names.hidden, json!(s.hidden)),
        (names.layers, json!(s.layers)),
        (names.heads, json!(s.heads)),
        (names.intermediate, json!(s.intermediate)),
        ("max_position_embeddings", json!(s.position_rows())),
        (names.activation, json!(activation)),
        (names.dropout, number(encoder.hidden_dropout)),
        (names.head_dropout, encoder.classifier_dropout.map_or(Value::Null, number)),
        (names.attention_dropout, number(encoder.attention_dropout)),
        ("initializer_range", number(encoder.initializer_range)),
        ("pad_token_id", json!(padding)),
    ];
    match s.family {
        Family::DistilBert => {}
        Family::Bert | Family::Roberta { .. } => {
            fields.push(("type_vocab_size", json!(s.segments)));
            fields.push(("layer_norm_eps", number(encoder.layer_norm_epsilon)));
        }
        Family::Electra { embedding } => {
            fields.push(("type_vocab_size", json!(s.segments)));
            fields.push(("layer_norm_eps", number(encoder.layer_norm_epsilon)));
            fields.push(("embedding_size", json!(embedding)));
        }
    }
    fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

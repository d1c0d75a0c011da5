//! Which family a config is of, and whether it can be trained.

use super::fields::Fields;
use super::names::Names;
use crate::model::{ModelError, contents};
use serde_json::{Map, Value};
use tunemask_shared::family::{Activation, Family, RobertaName};

/// What activations are called that the engine has.
const ACTIVATIONS: [(&str, Activation); 7] = [
    ("gelu", Activation::Gelu),
    ("gelu_python", Activation::Gelu),
    ("gelu_new", Activation::GeluTanh),
    ("gelu_fast", Activation::GeluTanh),
    ("gelu_pytorch_tanh", Activation::GeluTanh),
    ("gelu_python_tanh", Activation::GeluTanh),
    ("relu", Activation::Relu),
];
/// RoBERTa's padding token, where the config does not say it.
const ROBERTA_PADDING: usize = 1;
/// Width of ELECTRA's embeddings, where the config does not say it.
const ELECTRA_EMBEDDING: usize = 128;

/// A config's family.
///
/// # Errors
/// It is none that can be trained; the error names those that are.
pub(super) fn of(fields: &Fields) -> Result<Family, ModelError> {
    let known = Family::MODEL_TYPES.join(", ");
    match fields.get("model_type") {
        Some(Value::String(kind)) => {
            let roberta = |name| {
                let padding = fields.dimension_or("pad_token_id", ROBERTA_PADDING, 0, 10_000_000)?;
                Ok(Family::Roberta { name, padding: padding as u32 })
            };
            match kind.as_str() {
                "bert" => Ok(Family::Bert),
                "roberta" => roberta(RobertaName::Roberta),
                "xlm-roberta" => roberta(RobertaName::XlmRoberta),
                "camembert" => roberta(RobertaName::Camembert),
                "distilbert" => {
                    // They are not among what PyTorch trains.
                    if !matches!(fields.get("sinusoidal_pos_embds"), None | Some(Value::Bool(false))) {
                        let why = "is set; only embeddings of positions that were trained can be read";
                        return Err(fields.error("sinusoidal_pos_embds", why));
                    }
                    Ok(Family::DistilBert)
                }
                "electra" => {
                    let embedding = fields.dimension_or("embedding_size", ELECTRA_EMBEDDING, 1, 16_384)?;
                    Ok(Family::Electra { embedding })
                }
                other => Err(fields.error("model_type", format!("is {other:?}; can be trained: {known}"))),
            }
        }
        Some(other) => Err(fields.error("model_type", format!("is {other}; can be trained: {known}"))),
        // Configs of 2019 name their classes and no type.
        None => match fields.get("architectures").and_then(|a| a.get(0)).and_then(Value::as_str) {
            Some(class) if class.starts_with("Bert") => Ok(Family::Bert),
            Some(class) => {
                let why = format!("is {class}, and no `model_type` is given; can be trained: {known}");
                Err(fields.error("architectures", why))
            }
            // Google's has neither, and stands for BERT by its name.
            None if fields.path.ends_with(contents::GOOGLE_CONFIG) => Ok(Family::Bert),
            None => Err(fields.error("model_type", format!("is missing; can be trained: {known}"))),
        },
    }
}

/// What stands behind the intermediate product.
///
/// # Errors
/// One that the engine does not have.
pub(super) fn activation(fields: &Fields, names: &Names) -> Result<Activation, ModelError> {
    let Some(value) = fields.get(names.activation) else { return Ok(Activation::Gelu) };
    let known = ACTIVATIONS.into_iter().find(|(name, _)| value.as_str() == Some(name));
    known.map(|(_, activation)| activation).ok_or_else(|| {
        let known = "\"gelu\" (erf), \"gelu_new\" (tanh) and \"relu\"";
        fields.error(names.activation, format!("is {value}; only {known} can be trained"))
    })
}

/// Whether it is a whole encoder with absolute positions.
///
/// # Errors
/// It is not.
pub(super) fn is_trainable(fields: &Fields) -> Result<(), ModelError> {
    if let Some(value) = fields.get("position_embedding_type")
        && value.as_str() != Some("absolute")
    {
        let why = format!("is {value}; only \"absolute\" can be trained");
        return Err(fields.error("position_embedding_type", why));
    }
    for field in ["is_decoder", "add_cross_attention", "is_encoder_decoder"] {
        if !matches!(fields.get(field), None | Some(Value::Bool(false))) {
            return Err(fields.error(field, "is set; only an encoder can be trained"));
        }
    }
    for field in ["pruned_heads", "quantization_config"] {
        let empty = fields.get(field).is_none_or(|v| v.as_object().is_some_and(Map::is_empty));
        if !empty {
            return Err(fields.error(field, "is set; only a whole, unquantized encoder can be trained"));
        }
    }
    Ok(())
}

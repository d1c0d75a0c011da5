//! `builtin:tiny`: a small BERT whose vocabulary is the built-in language, pre-trained on its text.
//!
//! Nothing is downloaded. `tiny/` holds its weights and `pretraining.json`, which says what they were made from;
//! `docs/builtin.md` has the command that makes them again.

use super::{Model, ModelError, Tokenizer};
use crate::language;
use half::bf16;
use safetensors::{Dtype, SafeTensors};
use std::path::PathBuf;
use std::sync::LazyLock;
use tunemask_engine::EncoderConfig;
use tunemask_shared::experiment::BUILTIN_MODEL;
use tunemask_shared::facts::ModelFacts;
use tunemask_shared::family::{Activation, Family};
use tunemask_shared::shape::ModelShape;

/// Its weights, in bf16 under Hugging Face's names.
static WEIGHTS: &[u8] = include_bytes!("tiny/model.safetensors");
/// Dropout of hidden states and attention: none, as in its pre-training.
const DROPOUT: f64 = 0.0;
/// Standard deviation of new matrices, a pre-training's and a head's. 0.02 is made for wide models.
const INITIALIZER_RANGE: f32 = 0.05;

/// Special tokens, the language's words, then single characters so that any text has word pieces.
fn vocabulary() -> Vec<String> {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(String::from);
    let words = language::words();
    let characters = ('a'..='z').chain('0'..='9');
    let pieces = characters.flat_map(|c| [c.to_string(), format!("##{c}")]);
    let pieces: Vec<String> = pieces.filter(|p| !words.contains(p)).collect();
    special.into_iter().chain(words).chain(pieces).collect()
}

static SHAPE: LazyLock<ModelShape> = LazyLock::new(|| ModelShape {
    vocabulary: vocabulary().len(),
    hidden: 128,
    layers: 4,
    heads: 4,
    intermediate: 512,
    positions: 128,
    segments: 2,
    family: Family::Bert,
});

/// What is known about it without its weights.
pub(super) fn facts() -> ModelFacts {
    ModelFacts { title: BUILTIN_MODEL.into(), shape: *SHAPE, cased: false, dropout: DROPOUT }
}

/// The model.
///
/// # Errors
/// None in practice: its file is part of the program.
pub(super) fn model() -> Result<Model, ModelError> {
    let config = config();
    let mut weights = vec![0.0; config.shape.scalars()];
    let wrong = |why: String| ModelError::Archive { path: PathBuf::from("the built-in model"), why };
    let file = SafeTensors::deserialize(WEIGHTS).map_err(|e| wrong(e.to_string()))?;
    for parameter in config.shape.parameters() {
        let name = parameter.name();
        let tensor = file.tensor(&name).map_err(|e| wrong(e.to_string()))?;
        if tensor.dtype() != Dtype::BF16 || tensor.shape() != parameter.hugging_face_dims() {
            return Err(wrong(format!("{name} is {:?} of {:?}", tensor.shape(), tensor.dtype())));
        }
        for (scalar, bytes) in weights[parameter.range()].iter_mut().zip(tensor.data().as_chunks::<2>().0) {
            *scalar = bf16::from_le_bytes(*bytes).to_f32();
        }
    }
    with(config, weights)
}

/// The model with all weights 0.
///
/// # Errors
/// None in practice: its vocabulary holds every special token.
pub(super) fn unweighted() -> Result<Model, ModelError> {
    let config = config();
    with(config, vec![0.0; config.shape.scalars()])
}

/// Its tokenizer.
///
/// # Errors
/// As [`unweighted`].
pub(super) fn tokenizer() -> Result<Tokenizer, ModelError> {
    Tokenizer::from_words(&vocabulary())
}

fn with(config: EncoderConfig, weights: Vec<f32>) -> Result<Model, ModelError> {
    Ok(Model::new(config, weights, tokenizer()?, BUILTIN_MODEL.into(), Vec::new()))
}

fn config() -> EncoderConfig {
    EncoderConfig {
        shape: *SHAPE,
        layer_norm_epsilon: 1e-12,
        hidden_dropout: DROPOUT as f32,
        classifier_dropout: None,
        attention_dropout: DROPOUT as f32,
        initializer_range: INITIALIZER_RANGE,
        activation: Activation::Gelu,
    }
}

//! `builtin:tiny`: a small BERT with drawn weights, whose vocabulary is the built-in language.
//!
//! Nothing is downloaded and nothing is stored: the same numbers come out of the same seed everywhere.

use super::{Model, ModelError, Tokenizer};
use crate::data::language;
use crate::engine::EncoderConfig;
use std::sync::LazyLock;
use tunemask_shared::experiment::BUILTIN_MODEL;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::protocol::ModelFacts;
use tunemask_shared::shape::{Kind, ModelShape};

const SEED: u64 = 0;
/// Standard deviations of its weights. Hugging Face's 0.02 for all is made for wide models that are pretrained:
/// at this width a block would add next to nothing to its input, and nothing would learn in a few epochs. 1/√H
/// keeps a vector's length; positions stay below words.
const WORD_DEVIATION: f64 = 0.02;
const POSITION_DEVIATION: f64 = 0.01;
const BLOCK_DEVIATION: f64 = 0.08;
/// Dropout of hidden states and attention.
const DROPOUT: f64 = 0.1;

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
    layers: 2,
    heads: 4,
    intermediate: 512,
    positions: 128,
    segments: 2,
});

/// What is known about it without its weights.
pub(super) fn facts() -> ModelFacts {
    ModelFacts { title: BUILTIN_MODEL.into(), shape: *SHAPE, cased: false, dropout: DROPOUT }
}

/// The model, its weights drawn.
///
/// # Errors
/// None in practice: its vocabulary holds every special token.
pub(super) fn model() -> Result<Model, ModelError> {
    let config = EncoderConfig {
        shape: *SHAPE,
        layer_norm_epsilon: 1e-12,
        hidden_dropout: DROPOUT as f32,
        attention_dropout: DROPOUT as f32,
        initializer_range: 0.02,
    };
    let mut weights = vec![0.0; config.shape.scalars()];
    for (parameter, part) in config.shape.parameters().into_iter().zip(0..) {
        let out = &mut weights[parameter.range()];
        if is_gamma(parameter.kind) {
            out.fill(1.0);
        } else if let Some(deviation) = deviation(parameter.kind) {
            let mut stream = Stream::new(SEED, Purpose::Weights, part);
            out.fill_with(|| (deviation * stream.normal()) as f32);
        }
    }
    let tokenizer = Tokenizer::from_words(&vocabulary())?;
    Ok(Model::new(config, weights, tokenizer, BUILTIN_MODEL.into(), Vec::new()))
}

/// Standard deviation of a matrix; biases are 0.
pub(super) fn deviation(kind: Kind) -> Option<f64> {
    match kind {
        Kind::WordEmbeddings => Some(WORD_DEVIATION),
        Kind::PositionEmbeddings | Kind::SegmentEmbeddings => Some(POSITION_DEVIATION),
        kind => kind.is_matrix().then_some(BLOCK_DEVIATION),
    }
}

fn is_gamma(kind: Kind) -> bool {
    matches!(kind, Kind::EmbeddingGamma | Kind::AttentionGamma | Kind::FeedForwardGamma)
}

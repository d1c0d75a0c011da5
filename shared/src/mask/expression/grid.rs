//! The words of a grid.

use crate::mask::cells::{EMBEDDING_NORM, EMBEDDINGS, Kinds, POOLER, Places, kinds, places};
use crate::shape::Kind;

/// The modules of a block, as a grid names them.
pub(super) const MODULES: [&str; 12] = [
    "*",
    "mha",
    "ffn",
    "ln",
    "ln_a",
    "ln_f",
    "query",
    "key",
    "value",
    "attention_output",
    "intermediate",
    "output",
];

/// Those of them that are linear layers.
pub(super) const LINEAR: [&str; 6] = ["query", "key", "value", "attention_output", "intermediate", "output"];

/// The kinds of a module of [`MODULES`].
pub(super) fn module(name: &str) -> Option<Kinds> {
    use Kind::*;
    Some(match name {
        "*" => Kinds::MAX,
        "mha" => kinds(Kind::is_attention),
        "ffn" => kinds(Kind::is_feed_forward),
        "ln" => kinds(|k| k.is_attention_norm() || k.is_feed_forward_norm()),
        "ln_a" => kinds(Kind::is_attention_norm),
        "ln_f" => kinds(Kind::is_feed_forward_norm),
        "query" => kinds(|k| matches!(k, QueryWeight | QueryBias)),
        "key" => kinds(|k| matches!(k, KeyWeight | KeyBias)),
        "value" => kinds(|k| matches!(k, ValueWeight | ValueBias)),
        "attention_output" => kinds(|k| matches!(k, AttentionOutputWeight | AttentionOutputBias)),
        "intermediate" => kinds(|k| matches!(k, IntermediateWeight | IntermediateBias)),
        "output" => kinds(|k| matches!(k, OutputWeight | OutputBias)),
        _ => return None,
    })
}

/// The parts of a module.
pub(super) const PARTS: [&str; 4] = ["weight", "bias", "gamma", "beta"];

/// Whether a part of [`PARTS`] holds a kind; γ is a LayerNorm's weight and β its bias, as in Hugging Face's names.
pub(super) fn part(name: &str) -> Option<fn(Kind) -> bool> {
    Some(match name {
        "weight" => |k| !k.is_bias(),
        "bias" => Kind::is_bias,
        "gamma" => |k| is_norm(k) && !k.is_bias(),
        "beta" => |k| is_norm(k) && k.is_bias(),
        _ => return None,
    })
}

fn is_norm(kind: Kind) -> bool {
    kind.is_attention_norm()
        || kind.is_feed_forward_norm()
        || matches!(kind, Kind::EmbeddingGamma | Kind::EmbeddingBeta)
}

/// The tensors of embeddings and pooler as a grid names them, larger ones first.
pub(super) const PLACES: [&str; 6] = [
    "embeddings",
    "embeddings.words",
    "embeddings.positions",
    "embeddings.segments",
    "embeddings.ln",
    "pooler",
];

/// The kinds of a name of [`PLACES`].
pub(super) fn place(name: &str) -> Option<Places> {
    Some(match name {
        "embeddings" => EMBEDDINGS,
        "embeddings.words" => places(|k| k == Kind::WordEmbeddings),
        "embeddings.positions" => places(|k| k == Kind::PositionEmbeddings),
        "embeddings.segments" => places(|k| k == Kind::SegmentEmbeddings),
        "embeddings.ln" => EMBEDDING_NORM,
        "pooler" => POOLER,
        _ => return None,
    })
}

//! The identity of a model: what it computes and how it reads, not where it lies.

use super::Tokenizer;
use sha2::{Digest, Sha256};
use tunemask_engine::EncoderConfig;
use tunemask_shared::family::Activation;
use tunemask_shared::run::hexadecimal;

/// Scalars turned to bytes at a time.
const CHUNK: usize = 1 << 16;

/// SHA-256 over the config's fields, the weights' bits and the vocabulary, in hexadecimal.
pub(super) fn sha256(config: &EncoderConfig, weights: &[f32], tokenizer: &Tokenizer) -> String {
    let EncoderConfig {
        shape: s,
        layer_norm_epsilon,
        hidden_dropout,
        classifier_dropout,
        attention_dropout,
        initializer_range,
        activation,
    } = *config;
    let mut hash = Sha256::new();
    hash.update(b"tunemask model 1\n");
    for n in [s.vocabulary, s.hidden, s.layers, s.heads, s.intermediate, s.positions, s.segments] {
        hash.update((n as u64).to_le_bytes());
    }
    for x in [layer_norm_epsilon, hidden_dropout, attention_dropout, initializer_range] {
        hash.update(x.to_le_bytes());
    }
    if let Some(dropout) = classifier_dropout {
        hash.update(b"classifier dropout");
        hash.update(dropout.to_le_bytes());
    }
    // What BERT has always had is not in the hash.
    if !s.family.is_bert() {
        hash.update(b"family");
        hash.update(s.family.model_type());
        for n in [s.embedding(), s.family.unused_positions()] {
            hash.update((n as u64).to_le_bytes());
        }
    }
    if activation != Activation::Gelu {
        hash.update(format!("activation {activation:?}"));
    }
    let mut bytes = Vec::with_capacity(4 * CHUNK);
    for chunk in weights.chunks(CHUNK) {
        bytes.clear();
        bytes.extend(chunk.iter().flat_map(|w| w.to_le_bytes()));
        hash.update(&bytes);
    }
    hash.update(tokenizer.identity().as_bytes());
    hexadecimal(&hash.finalize())
}

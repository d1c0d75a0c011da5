//! The reference engine: the same training step in candle's plain operations, differentiated by its autograd.
//!
//! It is slow, simple and a second opinion: no kernel, plan, packing of gangs or hand-written backward of the fast engine
//! is used here. Both share what defines a run and is tested on its own: the dropout factors (Philox, keyed by seed,
//! step, site, example and element, so masks are equal bit by bit), Adam on the compact vector, and how a new head is
//! drawn. It runs in f64 where it judges the fast engine, and in f32 where it trains.
//!
//! # Equations
//!
//! A token `i` with word piece `w` and segment `s` becomes `x = drop(LN(E_word[w] + E_position[i] + E_segment[s]))`.
//! Each block, with `d` the width of a head:
//!
//! ```text
//! p = drop(softmax(q kᵀ / √d))                     q, k, v = x Wᵀ + b, head by head
//! a = LN(x + drop((p v) W_oᵀ + b_o))
//! x = LN(a + drop(GELU(a W_1ᵀ + b_1) W_2ᵀ + b_2))
//! LN(x) = γ (x − mean x) / √(var x + ε) + β        over a row; the variance divides by the width
//! GELU(x) = x Φ(x)                                 by erf, not by tanh
//! ```
//!
//! Blocks are those of BERT (Devlin et al., 2019, "BERT: Pre-training of Deep Bidirectional Transformers", section 3;
//! Vaswani et al., 2017, "Attention Is All You Need", section 3) in Hugging Face's reading: LayerNorm (Ba et al., 2016)
//! follows each residual sum, and GELU is that of Hendrycks and Gimpel (2016).
//! A pooled head reads `drop(tanh(x₀ W_pᵀ + b_p))` of the first token, a tagging head `drop(x_i)` of each first word
//! piece; both are one linear layer.
//! Other families differ in a few places, each of which stands in `network.rs` by the family's name: how positions are
//! counted, whether there are segments, a projection behind the embeddings, a head's own dense layer in the pooler's
//! place, an activation.
//! The loss is the mean over the batch's reads of cross-entropy or squared error,
//! or over reads and labels of binary cross-entropy.
//! AdamW is Loshchilov and Hutter's (2019).
//!
//! `candle_nn::LayerNorm`, `candle_nn::ops::layer_norm` and `softmax_last_dim` have no backward: everything below them
//! would silently get no gradient. LayerNorm and softmax are therefore written out; `clippy.toml` forbids the others.
//! In reading order:

/// Its numbers, and where it computes.
mod place;
/// What a batch gives.
mod probe;
/// Dropout factors as tensors.
mod dropout;
/// The tensors that the network reads, and which of them are variables.
mod weights;
/// The network and its loss.
mod network;
/// A run.
mod run;
/// The fast engine's tensors beside the reference's.
mod compare;

pub use compare::{Difference, Tolerance, compare};
pub use place::{Float, Place};
pub use probe::ReferenceProbe;
pub use run::Reference;

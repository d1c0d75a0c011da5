//! Which scalars of a model train. The task head always trains and is not counted.
//!
//! A mask is a name of the paper, or an expression over them on one line:
//!
//! ```ebnf
//! mask    = product , { ( "+" | "-" ) , product } ;   (* union and difference, from left to right *)
//! product = term , { "&" , term } ;                   (* what both hold; binds tighter *)
//! term    = "(" , mask , ")" | name | grid | element ;
//! name    = "full" | "frozen" | "mha" | "ffn" | "layernorms" | "layernorm_a" | "layernorm_f" | "bitfit"
//!         | "single_norm:" , number | ( "random" | "random_blocks" ) , [ ":" , number , [ ":" , seed ] ]
//!         | "outliers:" , number | "outliers_random:" , number , [ ":" , seed ] ;
//! grid    = "layers(" , blocks , ")" , [ "." , module ] , [ "." , part ]
//!         | "embeddings" , [ "." , ( "words" | "positions" | "segments" | "ln" ) ] , [ "." , part ]
//!         | "pooler" , [ "." , part ] ;
//! blocks  = "*" | span , { "," , span } ;
//! span    = number , [ "-" , [ number ] ] ;           (* 3 is a block; 3-5 three; 3- all from the third on *)
//! module  = "*" | "mha" | "ffn" | "ln" | "ln_a" | "ln_f" | [ "mha." | "ffn." ] , linear ;
//! linear  = "query" | "key" | "value" | "attention_output" | "intermediate" | "output" ;
//! part    = "weight" | "bias" | "gamma" | "beta" ;    (* γ is a LayerNorm's weight, β its bias *)
//! element = rule , ":" , number , [ ":" , seed ] , [ "per" , ( "tensor" | "module" ) ] , "in" , term ;
//! rule    = "largest" | "smallest" | "farthest" | "random" ;
//! ```
//!
//! Or it is LoRA, which adds to frozen matrices and stands alone:
//!
//! ```ebnf
//! lora    = "lora:" , rank , [ ":" , alpha ] , "in" , product , { ( "+" | "-" ) , product } ;
//! ```
//!
//! An element rule picks so many scalars of a *pool*: of all that its term holds together, or of each tensor
//! or module of it (attention, feed-forward and each LayerNorm of a block are modules). `largest` and
//! `smallest` go by |w|, `farthest` by the distance from the pool's mean; the lower index wins a tie. Only
//! `random` takes a seed, the run's if none is written. The term holds whole tensors.
//!
//! **Canonical form.** An expression is kept as what it means, not as it was written: which cells (a kind of
//! tensor in a block) it holds whole, and which of them where a rule picks. [`std::fmt::Display`] writes that
//! back in one fixed way, with the paper's name where there is one, so two ways to write a mask are one
//! mask, one text and one run. This goes as far as no model is needed: on a model of 12 blocks
//! `layers(1-12).ln` holds the same scalars as `layernorms` and is another mask; `Overlap` tells.
//!
//! In reading order:

/// What else counts where the paper is silent.
mod switches;
/// Why a mask cannot be read or applied.
mod error;
/// The paper's masks, read and written.
mod name;
/// Kinds of tensors in blocks, as bits.
mod cells;
/// How single scalars are picked.
mod rule;
/// Masks as expressions: normal form, reader and writer.
mod expression;
/// LoRA: pairs of low rank beside frozen matrices.
mod lora;
/// From a rule and a shape to the scalars that it picks.
mod pool;
/// From a mask and a shape to its scalars, or why the shape has none such.
mod resolve;
/// How many scalars a mask trains.
mod count;
/// The scalars of a mask one by one.
mod listing;
/// A mask painted tensor by tensor.
mod painting;
/// What two masks share.
mod overlap;
#[cfg(test)]
mod tests;

pub use count::Count;
pub use error::MaskError;
pub use expression::Expression;
pub use listing::{ListedScalar, list};
pub use lora::Lora;
pub use overlap::Overlap;
pub use painting::{Brush, Coverage, ElementRule, Pick, SetOperation, Tensor};
pub use rule::Pool;
pub(crate) use switches::is_default;
pub use switches::{MaskSwitches, OutlierPool, OutlierStatistic};

use serde::{Deserialize, Serialize};

/// A mask. Written and read as `layernorms`, `single_norm:3`, `layers(1-3).mha.weight + bitfit`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Mask {
    /// Everything: embeddings, encoder, pooler.
    Full,
    /// Nothing but the head.
    Frozen,
    /// Query, key, value and attention-output weights and biases.
    Mha,
    /// Intermediate and output weights and biases.
    Ffn,
    /// γ and β of both LayerNorms of every block.
    LayerNorms,
    /// γ and β of the LayerNorm after attention in every block.
    LayerNormA,
    /// γ and β of the LayerNorm after the feed-forward layer in every block.
    LayerNormF,
    /// Every bias of the blocks, β of their LayerNorms among them.
    BitFit,
    /// Scalars drawn uniformly without replacement from all parameters.
    Random {
        /// How many; the LayerNorms' count if not given.
        count: Option<usize>,
        /// Seed of the draw; the run's if not given.
        seed: Option<u64>,
    },
    /// As many scalars as the blocks' LayerNorms have, drawn by the run's seed from the blocks alone: neither embeddings, most
    /// of which a task never touches, nor pooler. `random_blocks:K:SEED` is `random:K:SEED in layers(*)`.
    RandomBlocks,
    /// Both LayerNorms of one block, counted from 1 at the lowest.
    SingleNorm(usize),
    /// In each LayerNorm of the blocks the N values of γ ∪ β farthest from their mean;
    /// [`MaskSwitches`] has other pools and another statistic.
    Outliers(usize),
    /// In each LayerNorm of the blocks N values of the same pools drawn at random.
    OutliersRandom {
        /// How many in each pool.
        count: usize,
        /// Seed of the draw; the run's if not given.
        seed: Option<u64>,
    },
    /// None of the model's scalars: pairs of low rank are added to its matrices.
    Lora(Box<Lora>),
    /// Whatever no name above stands for.
    Custom(Box<Expression>),
}

/// Longest text of a mask, in characters: every block and module of a large model has room in it, and the time that
/// rules take to be joined stays short.
pub const MAX_CHARACTERS: usize = 8192;

/// How masks are written that are not a name of the paper; see the module.
const EXPRESSION_FORMS: [&str; 4] = [
    "layers(BLOCKS).MODULE.PART",
    "RULE:N[:SEED] [per tensor|per module] in MASK",
    "MASK + MASK, MASK - MASK, MASK & MASK",
    lora::FORM,
];

/// Every form a mask can be written in, for messages.
fn forms() -> Vec<&'static str> {
    name::Name::ALL.into_iter().map(name::Name::form).chain(EXPRESSION_FORMS).collect()
}

impl Mask {
    /// The masks that need no number, in the order of the paper.
    pub fn plain() -> [Mask; 8] {
        use Mask::*;
        [Full, Frozen, Mha, Ffn, LayerNorms, LayerNormA, LayerNormF, BitFit]
    }

    /// Whether it is LoRA: it trains what it adds to a frozen model.
    pub fn is_lora(&self) -> bool {
        matches!(self, Mask::Lora(_))
    }

    /// Whether it holds scalars of the model, of which it can be asked which.
    ///
    /// # Errors
    /// [`MaskError::AddsOnly`] of LoRA.
    pub fn check_selects(&self) -> Result<(), MaskError> {
        if self.is_lora() { Err(MaskError::AddsOnly(self.to_string())) } else { Ok(()) }
    }

    /// Whether the mask holds whole matrices, so that its runs cannot share the model's. Matrix scalars that
    /// an element rule picks do not count, but those of `random` do.
    pub fn trains_matrices(&self, switches: MaskSwitches) -> bool {
        matches!(self, Mask::Random { .. })
            || self.expression().with(switches).table.first().is_some_and(cells::Cells::hold_matrices)
    }
}

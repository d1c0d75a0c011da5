//! Which scalars of a model train. The task head always trains and is not counted.

use crate::json::{read_fields, read_parsed};
use crate::philox::{Purpose, Stream};
use crate::selection::Selection;
use crate::shape::{Kind, ModelShape, Parameter};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A mask by its name in the paper. Written and read as `layernorms`, `single_norm:3`, `random:100:7`.
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
    /// Both LayerNorms of one block, counted from 1 at the lowest.
    SingleNorm(usize),
    /// In each LayerNorm of the blocks the N values of γ ∪ β farthest from their mean.
    Outliers(usize),
    /// In each LayerNorm of the blocks N values of γ ∪ β drawn at random.
    OutliersRandom {
        /// How many in each LayerNorm.
        count: usize,
        /// Seed of the draw; the run's if not given.
        seed: Option<u64>,
    },
}

/// Every form a mask can be written in, for messages and pickers.
pub const MASK_FORMS: [&str; 12] = [
    "full",
    "frozen",
    "mha",
    "ffn",
    "layernorms",
    "layernorm_a",
    "layernorm_f",
    "bitfit",
    "random[:K[:SEED]]",
    "single_norm:L",
    "outliers:N",
    "outliers_random:N[:SEED]",
];

/// Why a mask cannot be read or applied.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MaskError {
    /// No mask has this name.
    #[error("`{0}` is no mask; known are {list}", list = MASK_FORMS.join(", "))]
    Unknown(String),
    /// The part behind the colon is missing, superfluous or not a whole number.
    #[error("`{mask}`: write it as `{form}`")]
    Form {
        /// What was written.
        mask: String,
        /// How it is written.
        form: &'static str,
    },
    /// The block does not exist.
    #[error("`single_norm:{asked}`: the model has {layers} blocks; choose one of 1 to {layers}")]
    Layer {
        /// The block asked for.
        asked: usize,
        /// Blocks of the model.
        layers: usize,
    },
    /// More scalars are asked for than there are, or none.
    #[error("`{mask}`: asks for {asked} scalars where 1 to {available} can be chosen")]
    Count {
        /// The mask.
        mask: String,
        /// Scalars asked for.
        asked: usize,
        /// Scalars there are.
        available: usize,
    },
    /// Which scalars are outliers depends on the weights, and there are none.
    #[error("`{0}` chooses by the weights' values; give the model's weights, not only its shape")]
    NeedsWeights(String),
}

impl FromStr for Mask {
    type Err = MaskError;
    fn from_str(text: &str) -> Result<Self, MaskError> {
        let mut parts = text.trim().split(':');
        let name = parts.next().unwrap_or_default();
        let rest: Vec<&str> = parts.collect();
        let form = MASK_FORMS.iter().find(|f| f.split([':', '[']).next() == Some(name));
        let form = form.ok_or_else(|| MaskError::Unknown(text.trim().to_owned()))?;
        let bad = || MaskError::Form { mask: text.trim().to_owned(), form };
        let number = |i: usize| -> Result<Option<u64>, MaskError> {
            let plain = |s: &&str| s.parse().ok().filter(|_| s.bytes().all(|b| b.is_ascii_digit()));
            rest.get(i).map(|s| plain(s).ok_or_else(bad)).transpose()
        };
        let most = form.matches(':').count();
        if rest.len() > most {
            return Err(bad());
        }
        let (first, second) = (number(0)?, number(1)?);
        let size = || -> Result<usize, MaskError> { first.map(|n| n as usize).ok_or_else(bad) };
        Ok(match name {
            "full" => Mask::Full,
            "frozen" => Mask::Frozen,
            "mha" => Mask::Mha,
            "ffn" => Mask::Ffn,
            "layernorms" => Mask::LayerNorms,
            "layernorm_a" => Mask::LayerNormA,
            "layernorm_f" => Mask::LayerNormF,
            "bitfit" => Mask::BitFit,
            "random" => Mask::Random { count: first.map(|n| n as usize), seed: second },
            "single_norm" => Mask::SingleNorm(size()?),
            "outliers" => Mask::Outliers(size()?),
            _ => Mask::OutliersRandom { count: size()?, seed: second },
        })
    }
}

impl fmt::Display for Mask {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Mask::Full => f.write_str("full"),
            Mask::Frozen => f.write_str("frozen"),
            Mask::Mha => f.write_str("mha"),
            Mask::Ffn => f.write_str("ffn"),
            Mask::LayerNorms => f.write_str("layernorms"),
            Mask::LayerNormA => f.write_str("layernorm_a"),
            Mask::LayerNormF => f.write_str("layernorm_f"),
            Mask::BitFit => f.write_str("bitfit"),
            Mask::Random { count: None, .. } => f.write_str("random"),
            Mask::Random { count: Some(k), seed: None } => write!(f, "random:{k}"),
            Mask::Random { count: Some(k), seed: Some(s) } => write!(f, "random:{k}:{s}"),
            Mask::SingleNorm(l) => write!(f, "single_norm:{l}"),
            Mask::Outliers(n) => write!(f, "outliers:{n}"),
            Mask::OutliersRandom { count, seed: None } => write!(f, "outliers_random:{count}"),
            Mask::OutliersRandom { count, seed: Some(s) } => write!(f, "outliers_random:{count}:{s}"),
        }
    }
}

read_parsed!(Mask);

impl TryFrom<String> for Mask {
    type Error = MaskError;
    fn try_from(text: String) -> Result<Self, MaskError> {
        text.parse()
    }
}

impl From<Mask> for String {
    fn from(mask: Mask) -> String {
        mask.to_string()
    }
}

/// Where the paper is silent: what else counts. The defaults are the paper's reading in the README.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MaskSwitches {
    /// The pooler trains in every mask, not only in `full`.
    pub pooler_trains: bool,
    /// The embeddings' LayerNorm counts as one in `layernorms` and `bitfit`.
    pub embedding_norm_counts: bool,
}

read_fields!(MaskSwitches { pooler_trains, embedding_norm_counts } or default);

impl Mask {
    /// The masks that need no number, in the order of the paper.
    pub fn plain() -> [Mask; 8] {
        use Mask::*;
        [Full, Frozen, Mha, Ffn, LayerNorms, LayerNormA, LayerNormF, BitFit]
    }

    /// Whether the mask holds whole matrices, so that its runs cannot share the model's.
    pub fn trains_matrices(&self, switches: MaskSwitches) -> bool {
        matches!(self, Mask::Full | Mask::Mha | Mask::Ffn | Mask::Random { .. }) || switches.pooler_trains
    }

    fn holds(&self, p: &Parameter, switches: MaskSwitches) -> bool {
        let embedding_norm =
            switches.embedding_norm_counts && matches!(p.kind, Kind::EmbeddingGamma | Kind::EmbeddingBeta);
        let pooler = switches.pooler_trains && matches!(p.kind, Kind::PoolerWeight | Kind::PoolerBias);
        pooler
            || match self {
                Mask::Full => true,
                Mask::Mha => p.kind.is_attention(),
                Mask::Ffn => p.kind.is_feed_forward(),
                Mask::LayerNorms => {
                    p.kind.is_attention_norm() || p.kind.is_feed_forward_norm() || embedding_norm
                }
                Mask::LayerNormA => p.kind.is_attention_norm(),
                Mask::LayerNormF => p.kind.is_feed_forward_norm(),
                Mask::BitFit => {
                    p.kind.is_bias() && (p.layer.is_some() || (embedding_norm && p.kind.is_bias()))
                }
                Mask::SingleNorm(l) => {
                    (p.kind.is_attention_norm() || p.kind.is_feed_forward_norm())
                        && p.layer == l.checked_sub(1)
                }
                Mask::Frozen | Mask::Random { .. } | Mask::Outliers(_) | Mask::OutliersRandom { .. } => false,
            }
    }

    /// The exact scalars that train, of all [`ModelShape::scalars`].
    ///
    /// `run_seed` draws where the mask names no seed of its own. `weights` are the pretrained scalars in
    /// canonical order; only `outliers` reads them.
    ///
    /// # Errors
    /// A block or a count that the shape does not have; `outliers` without weights.
    pub fn resolve(
        &self,
        shape: &ModelShape,
        switches: MaskSwitches,
        run_seed: u64,
        weights: Option<&[f32]>,
    ) -> Result<Selection, MaskError> {
        self.check(shape)?;
        let whole = shape.parameters().into_iter().filter(|p| self.holds(p, switches)).map(|p| p.range());
        let elements: Vec<usize> = match self {
            Mask::Random { count, seed } => {
                let count = count.unwrap_or(4 * shape.hidden * shape.layers);
                Stream::new(seed.unwrap_or(run_seed), Purpose::Mask, 0).distinct(count, shape.scalars())
            }
            Mask::Outliers(count) => {
                let weights = weights.ok_or_else(|| MaskError::NeedsWeights(self.to_string()))?;
                norm_pools(shape)
                    .flat_map(|pool| farthest_from_mean(&weights[pool.clone()], *count, pool.start))
                    .collect()
            }
            Mask::OutliersRandom { count, seed } => norm_pools(shape)
                .enumerate()
                .flat_map(|(i, pool)| {
                    let mut draw = Stream::new(seed.unwrap_or(run_seed), Purpose::Mask, 1 + i as u32);
                    draw.distinct(*count, pool.len()).into_iter().map(move |e| pool.start + e)
                })
                .collect(),
            _ => Vec::new(),
        };
        Ok(Selection::from_ranges(whole.chain(elements.into_iter().map(|e| e..e + 1))))
    }

    /// Number of scalars that [`Mask::resolve`] selects; needs no weights.
    ///
    /// # Errors
    /// A block or a count that the shape does not have.
    pub fn count(&self, shape: &ModelShape, switches: MaskSwitches) -> Result<usize, MaskError> {
        self.check(shape)?;
        let whole: usize =
            shape.parameters().iter().filter(|p| self.holds(p, switches)).map(Parameter::len).sum();
        Ok(whole
            + match self {
                Mask::Random { count, .. } => count.unwrap_or(4 * shape.hidden * shape.layers),
                Mask::Outliers(count) | Mask::OutliersRandom { count, .. } => 2 * shape.layers * count,
                _ => 0,
            })
    }

    /// Whether the shape has the block or as many scalars as the mask names.
    ///
    /// # Errors
    /// [`MaskError::Layer`] or [`MaskError::Count`].
    pub fn check(&self, shape: &ModelShape) -> Result<(), MaskError> {
        let count = |asked: usize, available: usize| {
            let fits = (1..=available).contains(&asked);
            if fits { Ok(()) } else { Err(MaskError::Count { mask: self.to_string(), asked, available }) }
        };
        match self {
            Mask::SingleNorm(l) if !(1..=shape.layers).contains(l) => {
                Err(MaskError::Layer { asked: *l, layers: shape.layers })
            }
            Mask::Random { count: Some(k), .. } => count(*k, shape.scalars()),
            Mask::Outliers(n) | Mask::OutliersRandom { count: n, .. } => count(*n, 2 * shape.hidden),
            _ => Ok(()),
        }
    }
}

/// γ ∪ β of every LayerNorm of the blocks; they stand side by side in canonical order.
fn norm_pools(shape: &ModelShape) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    (0..shape.layers).flat_map(move |l| {
        [Kind::AttentionGamma, Kind::FeedForwardGamma]
            .into_iter()
            .filter_map(move |k| shape.parameter(k, Some(l)))
            .map(|p| p.offset..p.offset + 2 * p.len())
    })
}

/// The `count` values farthest from the pool's mean; the lower index wins a tie.
fn farthest_from_mean(pool: &[f32], count: usize, start: usize) -> Vec<usize> {
    let mean = pool.iter().map(|&w| f64::from(w)).sum::<f64>() / pool.len() as f64;
    let mut order: Vec<usize> = (0..pool.len()).collect();
    let distance = |i: usize| (f64::from(pool[i]) - mean).abs();
    order.sort_by(|&a, &b| distance(b).total_cmp(&distance(a)).then(a.cmp(&b)));
    order.into_iter().take(count).map(|i| start + i).collect()
}

#[cfg(test)]
mod tests;

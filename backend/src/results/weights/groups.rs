//! The weights of a model by module and block.

use crate::results::Distribution;
use serde::{Deserialize, Serialize};
use tunemask_shared::shape::{Kind, ModelShape};

/// What is looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightGroup {
    /// Weights and biases of attention.
    Mha,
    /// Weights and biases of the feed-forward layer.
    Ffn,
    /// γ and β of the LayerNorm after attention.
    #[serde(rename = "layernorm_a")]
    LayerNormA,
    /// Its γ.
    #[serde(rename = "layernorm_a_gamma")]
    LayerNormAGamma,
    /// Its β.
    #[serde(rename = "layernorm_a_beta")]
    LayerNormABeta,
    /// γ and β of the LayerNorm after the feed-forward layer.
    #[serde(rename = "layernorm_f")]
    LayerNormF,
    /// Its γ.
    #[serde(rename = "layernorm_f_gamma")]
    LayerNormFGamma,
    /// Its β.
    #[serde(rename = "layernorm_f_beta")]
    LayerNormFBeta,
}

impl WeightGroup {
    /// All of them, in the order of the rows.
    pub const ALL: [WeightGroup; 8] = [
        WeightGroup::Mha,
        WeightGroup::Ffn,
        WeightGroup::LayerNormA,
        WeightGroup::LayerNormAGamma,
        WeightGroup::LayerNormABeta,
        WeightGroup::LayerNormF,
        WeightGroup::LayerNormFGamma,
        WeightGroup::LayerNormFBeta,
    ];

    /// The name in files and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            WeightGroup::Mha => "mha",
            WeightGroup::Ffn => "ffn",
            WeightGroup::LayerNormA => "layernorm_a",
            WeightGroup::LayerNormAGamma => "layernorm_a_gamma",
            WeightGroup::LayerNormABeta => "layernorm_a_beta",
            WeightGroup::LayerNormF => "layernorm_f",
            WeightGroup::LayerNormFGamma => "layernorm_f_gamma",
            WeightGroup::LayerNormFBeta => "layernorm_f_beta",
        }
    }

    /// The name for a reader.
    pub fn title(self) -> &'static str {
        match self {
            WeightGroup::Mha => "Attention",
            WeightGroup::Ffn => "Feed-forward",
            WeightGroup::LayerNormA => "LayerNorm A, γ and β",
            WeightGroup::LayerNormAGamma => "LayerNorm A, γ",
            WeightGroup::LayerNormABeta => "LayerNorm A, β",
            WeightGroup::LayerNormF => "LayerNorm F, γ and β",
            WeightGroup::LayerNormFGamma => "LayerNorm F, γ",
            WeightGroup::LayerNormFBeta => "LayerNorm F, β",
        }
    }

    /// Whether it holds a kind of tensor.
    pub fn holds(self, kind: Kind) -> bool {
        match self {
            WeightGroup::Mha => kind.is_attention(),
            WeightGroup::Ffn => kind.is_feed_forward(),
            WeightGroup::LayerNormA => kind.is_attention_norm(),
            WeightGroup::LayerNormAGamma => kind == Kind::AttentionGamma,
            WeightGroup::LayerNormABeta => kind == Kind::AttentionBeta,
            WeightGroup::LayerNormF => kind.is_feed_forward_norm(),
            WeightGroup::LayerNormFGamma => kind == Kind::FeedForwardGamma,
            WeightGroup::LayerNormFBeta => kind == Kind::FeedForwardBeta,
        }
    }
}

/// How a group's weights are distributed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WeightRow {
    /// What is looked at.
    pub group: WeightGroup,
    /// In which block, from 1 at the lowest; `None` for all together.
    pub block: Option<usize>,
    /// As pretrained.
    pub pretrained: Distribution,
    /// As tuned, if a tuned model is given.
    pub tuned: Option<Distribution>,
    /// Tuned less pretrained.
    pub difference: Option<Distribution>,
}

/// A group's weights of one block, counted from 1, or of all, in canonical order; `weights` are scalars in that
/// order. A group that reaches past their end has only what there is.
pub fn weight_values(
    shape: &ModelShape,
    weights: &[f32],
    group: WeightGroup,
    block: Option<usize>,
) -> Vec<f64> {
    let parameters = shape.parameters();
    let in_block = |layer: Option<usize>| block.is_none_or(|b| layer.is_some_and(|l| l + 1 == b));
    let held = parameters.iter().filter(|p| group.holds(p.kind) && in_block(p.layer));
    let slices = held.filter_map(|p| weights.get(p.range()));
    slices.flatten().map(|&w| f64::from(w)).collect()
}

/// Every group in all blocks together, then in each block.
///
/// `pretrained` and `tuned` are scalars in canonical order, [`ModelShape::scalars`] of them. Differences are taken in 64 bits.
pub fn weight_rows(
    shape: &ModelShape,
    pretrained: &[f32],
    tuned: Option<&[f32]>,
    bins: usize,
) -> Vec<WeightRow> {
    let row = |group: WeightGroup, block: Option<usize>| {
        let take = |weights: &[f32]| weight_values(shape, weights, group, block);
        let before = take(pretrained);
        let after = tuned.map(take);
        let difference =
            after.as_ref().map(|after| after.iter().zip(&before).map(|(a, b)| a - b).collect::<Vec<f64>>());
        WeightRow {
            group,
            block,
            pretrained: Distribution::of(&before, bins),
            tuned: after.map(|v| Distribution::of(&v, bins)),
            difference: difference.map(|v| Distribution::of(&v, bins)),
        }
    };
    let blocks = std::iter::once(None).chain((1..=shape.layers).map(Some));
    blocks.flat_map(|block| WeightGroup::ALL.map(|group| row(group, block))).collect()
}

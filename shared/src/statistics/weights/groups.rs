use super::Distribution;
use crate::shape::{Kind, ModelShape};
use serde::{Deserialize, Serialize};

/// What is looked at together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WeightGroup {
    /// Weights and biases of attention.
    Mha,
    /// Weights and biases of the feed-forward layer.
    Ffn,
    /// γ and β of the LayerNorm after attention.
    LayerNormA,
    /// Its γ.
    LayerNormAGamma,
    /// Its β.
    LayerNormABeta,
    /// γ and β of the LayerNorm after the feed-forward layer.
    LayerNormF,
    /// Its γ.
    LayerNormFGamma,
    /// Its β.
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

/// Every group in all blocks together, then in each block.
///
/// `pretrained` and `tuned` are scalars in canonical order, [`ModelShape::scalars`] of them; a group that reaches
/// past their end has only what there is. Differences are taken in 64 bits.
pub fn weight_rows(
    shape: &ModelShape,
    pretrained: &[f32],
    tuned: Option<&[f32]>,
    bins: usize,
) -> Vec<WeightRow> {
    let parameters = shape.parameters();
    let of = |group: WeightGroup, block: Option<usize>| {
        let held =
            |kind, layer: Option<usize>| group.holds(kind) && block.is_none_or(|b| layer == Some(b - 1));
        let ranges: Vec<_> = parameters.iter().filter(|p| held(p.kind, p.layer)).map(|p| p.range()).collect();
        let take = |weights: &[f32]| -> Vec<f64> {
            let slices = ranges.iter().filter_map(|r| weights.get(r.clone()));
            slices.flatten().map(|&w| f64::from(w)).collect()
        };
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
    blocks.flat_map(|block| WeightGroup::ALL.map(|group| of(group, block))).collect()
}

//! Tensors as the step reads them, and where in the canonical order they stand.

use super::level::Level;
use std::ops::Range;
use tunemask_shared::shape::{Kind, ModelShape};

/// A tensor as the step reads it: query, key and value of a block are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// `[vocabulary, embedding]`.
    Words,
    /// `[position_rows, embedding]`.
    Positions,
    /// `[segments, embedding]`.
    Segments,
    /// `[embedding]`.
    EmbeddingGamma,
    /// `[embedding]`.
    EmbeddingBeta,
    /// From the embeddings' width to the blocks' `[hidden, embedding]`.
    ProjectionWeight,
    /// `[hidden]`.
    ProjectionBias,
    /// Of a block.
    Block(usize, BlockSlot),
    /// `[hidden, hidden]`.
    PoolerWeight,
    /// `[hidden]`.
    PoolerBias,
}

/// A tensor of a block.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BlockSlot {
    /// Query, key, value weights, one under the other `[3 hidden, hidden]`.
    QkvWeight,
    /// Their biases `[3 hidden]`.
    QkvBias,
    /// Attention output `[hidden, hidden]`.
    AttentionOutputWeight,
    /// `[hidden]`.
    AttentionOutputBias,
    /// LayerNorm after attention `[hidden]`.
    AttentionGamma,
    /// `[hidden]`.
    AttentionBeta,
    /// Intermediate `[intermediate, hidden]`.
    IntermediateWeight,
    /// `[intermediate]`.
    IntermediateBias,
    /// Output `[hidden, intermediate]`.
    OutputWeight,
    /// `[hidden]`.
    OutputBias,
    /// LayerNorm after the feed-forward layer `[hidden]`.
    FeedForwardGamma,
    /// `[hidden]`.
    FeedForwardBeta,
}

use BlockSlot::*;

/// The vectors of a block's LayerNorm, and of the product before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NormSlots {
    /// The product's bias.
    pub bias: Slot,
    /// Scale.
    pub gamma: Slot,
    /// Shift.
    pub beta: Slot,
}

impl NormSlots {
    /// Of the LayerNorm after attention.
    pub(crate) fn attention(layer: usize) -> Self {
        let [bias, gamma, beta] =
            [AttentionOutputBias, AttentionGamma, AttentionBeta].map(|slot| Slot::Block(layer, slot));
        Self { bias, gamma, beta }
    }

    /// Of the LayerNorm after the feed-forward layer.
    pub(crate) fn feed_forward(layer: usize) -> Self {
        let [bias, gamma, beta] =
            [OutputBias, FeedForwardGamma, FeedForwardBeta].map(|slot| Slot::Block(layer, slot));
        Self { bias, gamma, beta }
    }
}

/// The first and last parameter of each tensor of a block, in canonical order.
const BLOCK: [(BlockSlot, Kind, Kind); 12] = [
    (QkvWeight, Kind::QueryWeight, Kind::ValueWeight),
    (QkvBias, Kind::QueryBias, Kind::ValueBias),
    (AttentionOutputWeight, Kind::AttentionOutputWeight, Kind::AttentionOutputWeight),
    (AttentionOutputBias, Kind::AttentionOutputBias, Kind::AttentionOutputBias),
    (AttentionGamma, Kind::AttentionGamma, Kind::AttentionGamma),
    (AttentionBeta, Kind::AttentionBeta, Kind::AttentionBeta),
    (IntermediateWeight, Kind::IntermediateWeight, Kind::IntermediateWeight),
    (IntermediateBias, Kind::IntermediateBias, Kind::IntermediateBias),
    (OutputWeight, Kind::OutputWeight, Kind::OutputWeight),
    (OutputBias, Kind::OutputBias, Kind::OutputBias),
    (FeedForwardGamma, Kind::FeedForwardGamma, Kind::FeedForwardGamma),
    (FeedForwardBeta, Kind::FeedForwardBeta, Kind::FeedForwardBeta),
];

const EMBEDDINGS: [(Slot, Kind); 7] = [
    (Slot::Words, Kind::WordEmbeddings),
    (Slot::Positions, Kind::PositionEmbeddings),
    (Slot::Segments, Kind::SegmentEmbeddings),
    (Slot::EmbeddingGamma, Kind::EmbeddingGamma),
    (Slot::EmbeddingBeta, Kind::EmbeddingBeta),
    (Slot::ProjectionWeight, Kind::ProjectionWeight),
    (Slot::ProjectionBias, Kind::ProjectionBias),
];

impl Slot {
    /// Its place among all tensors.
    pub fn number(self, layers: usize) -> usize {
        match self {
            Slot::Words => 0,
            Slot::Positions => 1,
            Slot::Segments => 2,
            Slot::EmbeddingGamma => 3,
            Slot::EmbeddingBeta => 4,
            Slot::ProjectionWeight => 5,
            Slot::ProjectionBias => 6,
            Slot::Block(layer, slot) => EMBEDDINGS.len() + layer * BLOCK.len() + slot as usize,
            Slot::PoolerWeight => EMBEDDINGS.len() + layers * BLOCK.len(),
            Slot::PoolerBias => EMBEDDINGS.len() + layers * BLOCK.len() + 1,
        }
    }

    /// The lowest level at which a member that trains some of it has rows of its own: where its values are
    /// read, or for a matrix where its input is, which its gradient needs.
    pub fn level(self, layers: usize) -> Level {
        match self {
            Slot::Block(layer, slot) => match slot {
                QkvWeight => Level::input(layer),
                QkvBias | AttentionOutputWeight => Level::attention(layer),
                AttentionOutputBias | AttentionGamma | AttentionBeta | IntermediateWeight => {
                    Level::attention_norm(layer)
                }
                IntermediateBias | OutputWeight => Level::intermediate(layer),
                OutputBias | FeedForwardGamma | FeedForwardBeta => Level::ffn_norm(layer),
            },
            Slot::PoolerWeight => Level::pooler(layers).before(),
            Slot::PoolerBias => Level::pooler(layers),
            Slot::Words | Slot::Positions | Slot::Segments | Slot::EmbeddingGamma | Slot::EmbeddingBeta => {
                Level::EMBEDDINGS
            }
            // A block reads its product and bias where others read the embeddings.
            Slot::ProjectionWeight | Slot::ProjectionBias => Level::EMBEDDINGS,
        }
    }

    /// Scalars of one of its rows; of a vector all of them.
    pub fn columns(self, shape: &ModelShape) -> usize {
        match self {
            Slot::Block(_, slot) => slot.columns(shape),
            Slot::Words | Slot::Positions | Slot::Segments | Slot::EmbeddingGamma | Slot::EmbeddingBeta => {
                shape.embedding()
            }
            Slot::ProjectionWeight => shape.embedding(),
            Slot::ProjectionBias | Slot::PoolerWeight | Slot::PoolerBias => shape.hidden,
        }
    }

    /// Whether it is a matrix, which members of a gang share.
    pub fn is_matrix(self) -> bool {
        match self {
            Slot::Words | Slot::Positions | Slot::Segments => true,
            Slot::ProjectionWeight | Slot::PoolerWeight => true,
            Slot::Block(_, slot) => slot.is_matrix(),
            Slot::EmbeddingGamma | Slot::EmbeddingBeta | Slot::ProjectionBias | Slot::PoolerBias => false,
        }
    }
}

impl BlockSlot {
    fn columns(self, shape: &ModelShape) -> usize {
        match self {
            QkvBias => 3 * shape.hidden,
            OutputWeight | IntermediateBias => shape.intermediate,
            QkvWeight
            | AttentionOutputWeight
            | AttentionOutputBias
            | AttentionGamma
            | AttentionBeta
            | IntermediateWeight
            | OutputBias
            | FeedForwardGamma
            | FeedForwardBeta => shape.hidden,
        }
    }

    fn is_matrix(self) -> bool {
        match self {
            QkvWeight | AttentionOutputWeight | IntermediateWeight | OutputWeight => true,
            QkvBias | AttentionOutputBias | AttentionGamma | AttentionBeta | IntermediateBias
            | OutputBias | FeedForwardGamma | FeedForwardBeta => false,
        }
    }
}

/// Every tensor with its scalars' indices, in canonical order. A tensor that the shape does not have is there, and empty.
pub(crate) fn slots(shape: &ModelShape) -> Vec<(Slot, Range<usize>)> {
    let range = |first: Kind, last: Kind, layer: Option<usize>| {
        let start = shape.parameter(first, layer).map_or(0, |p| p.offset);
        start..shape.parameter(last, layer).map_or(start, |p| p.range().end)
    };
    let embeddings = EMBEDDINGS.iter().map(|&(slot, kind)| (slot, range(kind, kind, None)));
    let blocks = (0..shape.layers).flat_map(|l| {
        BLOCK.iter().map(move |&(slot, first, last)| (Slot::Block(l, slot), range(first, last, Some(l))))
    });
    let pooler = [
        (Slot::PoolerWeight, range(Kind::PoolerWeight, Kind::PoolerWeight, None)),
        (Slot::PoolerBias, range(Kind::PoolerBias, Kind::PoolerBias, None)),
    ];
    embeddings.chain(blocks).chain(pooler).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::SMALL_SHAPE;
    use tunemask_shared::family::Family;

    #[test]
    fn tensors_cover_the_canonical_order() {
        let none = ModelShape { segments: 0, family: Family::DistilBert, ..SMALL_SHAPE };
        let electra = ModelShape { family: Family::Electra { embedding: 3 }, ..SMALL_SHAPE };
        for shape in [SMALL_SHAPE, none, electra] {
            let mut at = 0;
            for (i, (slot, range)) in slots(&shape).into_iter().enumerate() {
                assert_eq!(slot.number(shape.layers), i, "{slot:?}");
                if !range.is_empty() {
                    assert_eq!(range.start, at, "{slot:?}");
                    at = range.end;
                }
            }
            assert_eq!(at, shape.scalars());
        }
    }
}

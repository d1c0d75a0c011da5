//! What a parameter of an encoder is, and the order in which parameters stand.

use Kind::*;
use serde::{Deserialize, Serialize};

/// The kind of a parameter, in canonical order within its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Word embeddings `[vocabulary, embedding]`, where the embeddings' width is that of the blocks, as a rule.
    WordEmbeddings,
    /// Position embeddings `[position_rows, embedding]`.
    PositionEmbeddings,
    /// Segment embeddings `[segments, embedding]`.
    SegmentEmbeddings,
    /// γ of the embeddings' LayerNorm `[embedding]`.
    EmbeddingGamma,
    /// β of the embeddings' LayerNorm `[embedding]`.
    EmbeddingBeta,
    /// Weight of the projection from the embeddings' width to the blocks' `[hidden, embedding]`.
    ProjectionWeight,
    /// Its bias `[hidden]`.
    ProjectionBias,
    /// Query weight `[hidden, hidden]` (output, input).
    QueryWeight,
    /// Key weight `[hidden, hidden]`.
    KeyWeight,
    /// Value weight `[hidden, hidden]`.
    ValueWeight,
    /// Query bias `[hidden]`.
    QueryBias,
    /// Key bias `[hidden]`.
    KeyBias,
    /// Value bias `[hidden]`.
    ValueBias,
    /// Attention-output weight `[hidden, hidden]`.
    AttentionOutputWeight,
    /// Attention-output bias `[hidden]`.
    AttentionOutputBias,
    /// γ of the LayerNorm after attention `[hidden]`.
    AttentionGamma,
    /// β of the LayerNorm after attention `[hidden]`.
    AttentionBeta,
    /// Feed-forward intermediate weight `[intermediate, hidden]`.
    IntermediateWeight,
    /// Feed-forward intermediate bias `[intermediate]`.
    IntermediateBias,
    /// Feed-forward output weight `[hidden, intermediate]`.
    OutputWeight,
    /// Feed-forward output bias `[hidden]`.
    OutputBias,
    /// γ of the LayerNorm after the feed-forward layer `[hidden]`.
    FeedForwardGamma,
    /// β of the LayerNorm after the feed-forward layer `[hidden]`.
    FeedForwardBeta,
    /// Pooler weight `[hidden, hidden]`.
    PoolerWeight,
    /// Pooler bias `[hidden]`.
    PoolerBias,
}

/// The parameters of the embeddings that every BERT has, in canonical order.
pub const EMBEDDING_KINDS: [Kind; 5] =
    [WordEmbeddings, PositionEmbeddings, SegmentEmbeddings, EmbeddingGamma, EmbeddingBeta];
/// The parameters of the projection behind them, in canonical order.
pub const PROJECTION_KINDS: [Kind; 2] = [ProjectionWeight, ProjectionBias];
/// The parameters of one block, in canonical order.
pub const BLOCK_KINDS: [Kind; 16] = [
    QueryWeight,
    KeyWeight,
    ValueWeight,
    QueryBias,
    KeyBias,
    ValueBias,
    AttentionOutputWeight,
    AttentionOutputBias,
    AttentionGamma,
    AttentionBeta,
    IntermediateWeight,
    IntermediateBias,
    OutputWeight,
    OutputBias,
    FeedForwardGamma,
    FeedForwardBeta,
];
/// The parameters of the pooler, in canonical order.
pub const POOLER_KINDS: [Kind; 2] = [PoolerWeight, PoolerBias];

impl Kind {
    /// Whether this is one of query, key, value or attention-output weight or bias.
    pub fn is_attention(self) -> bool {
        (QueryWeight..=AttentionOutputBias).contains(&self)
    }
    /// Whether this is an intermediate or output weight or bias.
    pub fn is_feed_forward(self) -> bool {
        (IntermediateWeight..=OutputBias).contains(&self)
    }
    /// Whether this is γ or β of the LayerNorm after attention.
    pub fn is_attention_norm(self) -> bool {
        matches!(self, AttentionGamma | AttentionBeta)
    }
    /// Whether this is γ or β of the LayerNorm after the feed-forward layer.
    pub fn is_feed_forward_norm(self) -> bool {
        matches!(self, FeedForwardGamma | FeedForwardBeta)
    }
    /// Whether this is a bias; a LayerNorm's β is one.
    pub fn is_bias(self) -> bool {
        matches!(
            self,
            EmbeddingBeta
                | ProjectionBias
                | QueryBias
                | KeyBias
                | ValueBias
                | AttentionOutputBias
                | AttentionBeta
                | IntermediateBias
                | OutputBias
                | FeedForwardBeta
                | PoolerBias
        )
    }
    /// Whether this is a matrix.
    pub fn is_matrix(self) -> bool {
        matches!(
            self,
            WordEmbeddings
                | PositionEmbeddings
                | SegmentEmbeddings
                | ProjectionWeight
                | QueryWeight
                | KeyWeight
                | ValueWeight
                | AttentionOutputWeight
                | IntermediateWeight
                | OutputWeight
                | PoolerWeight
        )
    }
}

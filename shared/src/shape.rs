//! The shape of a BERT encoder and the canonical order of its parameters.
//!
//! The canonical order is Hugging Face's, except that a block's query, key and value weights stand
//! together, and so do their biases: the three products are then one. A scalar's *index* is its
//! position in the concatenation of all parameters in this order, each row-major, pooler last. The
//! task head is not part of it.

use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Dimensions of a BERT encoder, all in scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ModelShape {
    /// Word pieces in the vocabulary.
    pub vocabulary: usize,
    /// Width of a token's vector, H.
    pub hidden: usize,
    /// Number of blocks.
    pub layers: usize,
    /// Attention heads of a block; divides `hidden`.
    pub heads: usize,
    /// Width of the feed-forward layer.
    pub intermediate: usize,
    /// Longest sequence, in tokens.
    pub positions: usize,
    /// Segment types (two for sentence pairs).
    pub segments: usize,
}

/// The kind of a parameter, in canonical order within its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Word embeddings `[vocabulary, hidden]`.
    WordEmbeddings,
    /// Position embeddings `[positions, hidden]`.
    PositionEmbeddings,
    /// Segment embeddings `[segments, hidden]`.
    SegmentEmbeddings,
    /// γ of the embeddings' LayerNorm `[hidden]`.
    EmbeddingGamma,
    /// β of the embeddings' LayerNorm `[hidden]`.
    EmbeddingBeta,
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

use Kind::*;

/// The parameters of the embeddings, in canonical order.
pub const EMBEDDING_KINDS: [Kind; 5] =
    [WordEmbeddings, PositionEmbeddings, SegmentEmbeddings, EmbeddingGamma, EmbeddingBeta];
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
                | QueryWeight
                | KeyWeight
                | ValueWeight
                | AttentionOutputWeight
                | IntermediateWeight
                | OutputWeight
                | PoolerWeight
        )
    }
    fn suffix(self) -> &'static str {
        match self {
            WordEmbeddings => "embeddings.word_embeddings.weight",
            PositionEmbeddings => "embeddings.position_embeddings.weight",
            SegmentEmbeddings => "embeddings.token_type_embeddings.weight",
            EmbeddingGamma => "embeddings.LayerNorm.weight",
            EmbeddingBeta => "embeddings.LayerNorm.bias",
            QueryWeight => "attention.self.query.weight",
            KeyWeight => "attention.self.key.weight",
            ValueWeight => "attention.self.value.weight",
            QueryBias => "attention.self.query.bias",
            KeyBias => "attention.self.key.bias",
            ValueBias => "attention.self.value.bias",
            AttentionOutputWeight => "attention.output.dense.weight",
            AttentionOutputBias => "attention.output.dense.bias",
            AttentionGamma => "attention.output.LayerNorm.weight",
            AttentionBeta => "attention.output.LayerNorm.bias",
            IntermediateWeight => "intermediate.dense.weight",
            IntermediateBias => "intermediate.dense.bias",
            OutputWeight => "output.dense.weight",
            OutputBias => "output.dense.bias",
            FeedForwardGamma => "output.LayerNorm.weight",
            FeedForwardBeta => "output.LayerNorm.bias",
            PoolerWeight => "pooler.dense.weight",
            PoolerBias => "pooler.dense.bias",
        }
    }
}

/// One tensor of the encoder: where it stands and what it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parameter {
    /// What it is.
    pub kind: Kind,
    /// Its block, counted from 0 at the lowest; `None` for embeddings and pooler.
    pub layer: Option<usize>,
    /// Rows and columns; a vector has one row.
    pub dims: [usize; 2],
    /// Index of its first scalar.
    pub offset: usize,
}

impl Parameter {
    /// Scalars in this tensor.
    pub fn len(&self) -> usize {
        self.dims[0] * self.dims[1]
    }
    /// Never: a shape has no empty tensor.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
    /// The indices of its scalars.
    pub fn range(&self) -> Range<usize> {
        self.offset..self.offset + self.len()
    }
    /// The tensor's dimensions as Hugging Face stores them: one for a vector, two for a matrix.
    pub fn hugging_face_dims(&self) -> Vec<usize> {
        if self.kind.is_matrix() { self.dims.to_vec() } else { vec![self.dims[1]] }
    }
    /// Its name in a Hugging Face checkpoint with a `bert.` prefix.
    pub fn name(&self) -> String {
        match self.layer {
            Some(l) => format!("bert.encoder.layer.{l}.{}", self.kind.suffix()),
            None => format!("bert.{}", self.kind.suffix()),
        }
    }
}

impl ModelShape {
    /// bert-base-uncased, the paper's model.
    pub const BERT_BASE_UNCASED: ModelShape = ModelShape {
        vocabulary: 30522,
        hidden: 768,
        layers: 12,
        heads: 12,
        intermediate: 3072,
        positions: 512,
        segments: 2,
    };

    /// Rows and columns of a parameter of this kind.
    pub fn dims(&self, kind: Kind) -> [usize; 2] {
        let (h, i) = (self.hidden, self.intermediate);
        match kind {
            WordEmbeddings => [self.vocabulary, h],
            PositionEmbeddings => [self.positions, h],
            SegmentEmbeddings => [self.segments, h],
            QueryWeight | KeyWeight | ValueWeight | AttentionOutputWeight | PoolerWeight => [h, h],
            IntermediateWeight => [i, h],
            OutputWeight => [h, i],
            IntermediateBias => [1, i],
            QueryBias | KeyBias | ValueBias | AttentionOutputBias | OutputBias | PoolerBias => [1, h],
            EmbeddingGamma | AttentionGamma | FeedForwardGamma => [1, h],
            EmbeddingBeta | AttentionBeta | FeedForwardBeta => [1, h],
        }
    }

    /// Every parameter in canonical order.
    pub fn parameters(&self) -> Vec<Parameter> {
        let places = EMBEDDING_KINDS
            .iter()
            .map(|&k| (k, None))
            .chain((0..self.layers).flat_map(|l| BLOCK_KINDS.iter().map(move |&k| (k, Some(l)))))
            .chain(POOLER_KINDS.iter().map(|&k| (k, None)));
        let mut offset = 0;
        places
            .map(|(kind, layer)| {
                let p = Parameter { kind, layer, dims: self.dims(kind), offset };
                offset += p.len();
                p
            })
            .collect()
    }

    /// The parameter of this kind, of block `layer` if it belongs to a block.
    ///
    /// `None` where the shape has no such place.
    pub fn parameter(&self, kind: Kind, layer: Option<usize>) -> Option<Parameter> {
        let sum =
            |kinds: &[Kind]| -> usize { kinds.iter().map(|&k| self.dims(k)).map(|d| d[0] * d[1]).sum() };
        let before = |kinds: &[Kind]| -> Option<usize> {
            kinds.iter().position(|&k| k == kind).map(|i| sum(&kinds[..i]))
        };
        let offset = match layer {
            Some(l) if l < self.layers => {
                sum(&EMBEDDING_KINDS) + l * sum(&BLOCK_KINDS) + before(&BLOCK_KINDS)?
            }
            Some(_) => return None,
            None => before(&EMBEDDING_KINDS).or_else(|| {
                before(&POOLER_KINDS).map(|b| sum(&EMBEDDING_KINDS) + self.layers * sum(&BLOCK_KINDS) + b)
            })?,
        };
        Some(Parameter { kind, layer, dims: self.dims(kind), offset })
    }

    /// Scalars of embeddings, blocks and pooler together.
    pub fn scalars(&self) -> usize {
        self.parameters().last().map_or(0, |p| p.offset + p.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bert_base_has_the_published_size() {
        assert_eq!(ModelShape::BERT_BASE_UNCASED.scalars(), 109_482_240);
    }

    #[test]
    fn direct_lookup_agrees_with_the_list() {
        let shape = ModelShape {
            vocabulary: 11,
            hidden: 4,
            layers: 3,
            heads: 2,
            intermediate: 6,
            positions: 5,
            segments: 2,
        };
        for p in shape.parameters() {
            assert_eq!(shape.parameter(p.kind, p.layer), Some(p), "{}", p.name());
        }
        assert_eq!(shape.parameter(Kind::QueryWeight, Some(3)), None);
        assert_eq!(shape.parameter(Kind::QueryWeight, None), None);
    }
}

//! The shape of an encoder and the canonical order of its parameters.
//!
//! The canonical order is Hugging Face's, except that a block's query, key and value weights stand
//! together, and so do their biases: the three products are then one. A scalar's *index* is its
//! position in the concatenation of all parameters in this order, each row-major, pooler last. What a family does
//! not have is left out. The task head is not part of it.

/// What a parameter is.
mod kind;
/// What checkpoints call it.
mod names;

pub use kind::{BLOCK_KINDS, EMBEDDING_KINDS, Kind, POOLER_KINDS, PROJECTION_KINDS};

use crate::family::Family;
use Kind::*;
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// Dimensions of an encoder, all in scalars, and its family.
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
    /// Segment types (two for sentence pairs, none in a family without segments).
    pub segments: usize,
    /// What it is an encoder of; BERT's is not written.
    #[serde(default, skip_serializing_if = "Family::is_bert")]
    pub family: Family,
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
    /// The family of its encoder, which names it.
    pub family: Family,
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
    /// Its name in a Hugging Face checkpoint with the family's prefix, such as `bert.`.
    pub fn name(&self) -> String {
        names::name(self.family, self.kind, self.layer)
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
        family: Family::Bert,
    };

    /// Width of the embeddings.
    pub fn embedding(&self) -> usize {
        match self.family {
            Family::Electra { embedding } => embedding,
            Family::Bert | Family::Roberta { .. } | Family::DistilBert => self.hidden,
        }
    }

    /// Whether the embeddings are projected to the blocks' width.
    pub fn has_projection(&self) -> bool {
        self.embedding() != self.hidden
    }

    /// Rows of the table of positions.
    pub fn position_rows(&self) -> usize {
        self.positions + self.family.unused_positions()
    }

    /// Whether it has such a parameter.
    fn has(&self, kind: Kind) -> bool {
        match kind {
            SegmentEmbeddings => self.segments > 0,
            ProjectionWeight | ProjectionBias => self.has_projection(),
            PoolerWeight | PoolerBias => self.family.has_pooler(),
            WordEmbeddings | PositionEmbeddings | EmbeddingGamma | EmbeddingBeta => true,
            QueryWeight | KeyWeight | ValueWeight | QueryBias | KeyBias | ValueBias => true,
            AttentionOutputWeight | AttentionOutputBias | AttentionGamma | AttentionBeta => true,
            IntermediateWeight | IntermediateBias | OutputWeight | OutputBias => true,
            FeedForwardGamma | FeedForwardBeta => true,
        }
    }

    /// What stands before the blocks, and behind them, of what it has.
    fn around_blocks(&self) -> [Vec<Kind>; 2] {
        let has = |kind: &Kind| self.has(*kind);
        let before = EMBEDDING_KINDS.into_iter().chain(PROJECTION_KINDS);
        [before.filter(has).collect(), POOLER_KINDS.into_iter().filter(has).collect()]
    }

    /// Rows and columns of a parameter of this kind.
    pub fn dims(&self, kind: Kind) -> [usize; 2] {
        let (h, i, e) = (self.hidden, self.intermediate, self.embedding());
        match kind {
            WordEmbeddings => [self.vocabulary, e],
            PositionEmbeddings => [self.position_rows(), e],
            SegmentEmbeddings => [self.segments, e],
            EmbeddingGamma | EmbeddingBeta => [1, e],
            ProjectionWeight => [h, e],
            ProjectionBias => [1, h],
            QueryWeight | KeyWeight | ValueWeight | AttentionOutputWeight | PoolerWeight => [h, h],
            IntermediateWeight => [i, h],
            OutputWeight => [h, i],
            IntermediateBias => [1, i],
            QueryBias | KeyBias | ValueBias | AttentionOutputBias | OutputBias | PoolerBias => [1, h],
            AttentionGamma | FeedForwardGamma | AttentionBeta | FeedForwardBeta => [1, h],
        }
    }

    /// Every parameter in canonical order.
    pub fn parameters(&self) -> Vec<Parameter> {
        let [before, behind] = self.around_blocks();
        let places = before
            .into_iter()
            .map(|k| (k, None))
            .chain((0..self.layers).flat_map(|l| BLOCK_KINDS.iter().map(move |&k| (k, Some(l)))))
            .chain(behind.into_iter().map(|k| (k, None)));
        let mut offset = 0;
        places
            .map(|(kind, layer)| {
                let p = Parameter { kind, layer, dims: self.dims(kind), offset, family: self.family };
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
        let place = |kinds: &[Kind]| -> Option<usize> {
            kinds.iter().position(|&k| k == kind).map(|i| sum(&kinds[..i]))
        };
        let [before, behind] = self.around_blocks();
        let offset = match layer {
            Some(l) if l < self.layers => sum(&before) + l * sum(&BLOCK_KINDS) + place(&BLOCK_KINDS)?,
            Some(_) => return None,
            None => place(&before)
                .or_else(|| place(&behind).map(|at| sum(&before) + self.layers * sum(&BLOCK_KINDS) + at))?,
        };
        Some(Parameter { kind, layer, dims: self.dims(kind), offset, family: self.family })
    }

    /// Scalars of embeddings, blocks and pooler together.
    pub fn scalars(&self) -> usize {
        self.parameters().last().map_or(0, |p| p.offset + p.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::RobertaName;
    use crate::fixtures::SMALL_SHAPE;

    #[test]
    fn bert_base_has_the_published_size() {
        assert_eq!(ModelShape::BERT_BASE_UNCASED.scalars(), 109_482_240);
    }

    #[test]
    fn direct_lookup_agrees_with_the_list() {
        let shape = ModelShape { vocabulary: 11, layers: 3, positions: 5, ..SMALL_SHAPE };
        let roberta = Family::Roberta { name: RobertaName::Roberta, padding: 1 };
        let none = ModelShape { segments: 0, family: Family::DistilBert, ..shape };
        let electra = ModelShape { family: Family::Electra { embedding: 3 }, ..shape };
        for shape in [shape, ModelShape { family: roberta, ..shape }, none, electra] {
            for p in shape.parameters() {
                assert_eq!(shape.parameter(p.kind, p.layer), Some(p), "{}", p.name());
            }
            assert_eq!(shape.parameter(Kind::QueryWeight, Some(3)), None);
            assert_eq!(shape.parameter(Kind::QueryWeight, None), None);
            let has = |kind| shape.parameter(kind, None).is_some();
            assert_eq!(has(Kind::PoolerBias), shape.family.is_bert());
            assert_eq!(has(Kind::SegmentEmbeddings), shape.segments > 0);
            assert_eq!(has(Kind::ProjectionBias), shape.has_projection());
        }
    }

    /// By transformers' own count of parameters of its classes without a head.
    #[test]
    fn other_families_have_the_published_sizes() {
        let base = ModelShape::BERT_BASE_UNCASED;
        let family = Family::Roberta { name: RobertaName::Roberta, padding: 1 };
        let roberta = ModelShape { vocabulary: 50_265, segments: 1, family, ..base };
        assert_eq!(roberta.scalars(), 124_055_040);
        let distilbert = ModelShape { layers: 6, segments: 0, family: Family::DistilBert, ..base };
        assert_eq!(distilbert.scalars(), 66_362_880);
        let family = Family::Electra { embedding: 128 };
        let electra = ModelShape { hidden: 256, heads: 4, intermediate: 1024, family, ..base };
        assert_eq!(electra.scalars(), 13_483_008);
        assert_eq!(ModelShape { family: Family::Electra { embedding: 768 }, ..base }.scalars(), 108_891_648);
    }

    #[test]
    fn berts_shape_is_written_as_ever_and_others_with_their_family() {
        let bert = serde_json::to_string(&ModelShape::BERT_BASE_UNCASED).unwrap();
        assert!(!bert.contains("family"), "{bert}");
        let family = Family::Electra { embedding: 128 };
        let electra = ModelShape { family, ..ModelShape::BERT_BASE_UNCASED };
        for shape in [ModelShape::BERT_BASE_UNCASED, electra] {
            let text = serde_json::to_string(&shape).unwrap();
            assert_eq!(serde_json::from_str::<ModelShape>(&text).unwrap(), shape, "{text}");
        }
    }
}

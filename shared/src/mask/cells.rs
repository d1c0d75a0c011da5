//! Kinds of tensors in blocks, as bits.

use crate::shape::{BLOCK_KINDS, Kind, PROJECTION_KINDS};

/// The highest block that a grid can name.
pub(super) const MAX_BLOCKS: usize = 127;

/// Blocks as bits: bit b is block b + 1; the highest is every block above [`MAX_BLOCKS`], so that "all blocks"
/// and "all but the third" are sets that need no model.
pub(super) type Blocks = u128;

/// Kinds of the blocks' tensors as bits, in the order of [`BLOCK_KINDS`].
pub(super) type Kinds = u16;

/// Kinds of the other tensors as bits, in canonical order: five of the embeddings, two of the pooler.
pub(super) type Places = u8;

/// A set of cells: a kind of tensor in a block, or a tensor of embeddings or pooler.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Cells {
    /// For each kind of [`BLOCK_KINDS`] its blocks.
    pub blocks: [Blocks; 16],
    /// The others.
    pub places: Places,
}

pub(super) const EMBEDDINGS: Places = 0b001_1111;
pub(super) const EMBEDDING_NORM: Places = 0b001_1000;
pub(super) const POOLER: Places = 0b110_0000;

/// The bits of the blocks' kinds for which `holds`.
pub(super) fn kinds(holds: impl Fn(Kind) -> bool) -> Kinds {
    BLOCK_KINDS.iter().enumerate().filter(|(_, k)| holds(**k)).fold(0, |bits, (i, _)| bits | 1 << i)
}

/// The bits of the other kinds for which `holds`.
pub(super) fn places(holds: impl Fn(Kind) -> bool) -> Places {
    OTHER_KINDS.iter().enumerate().filter(|(_, k)| holds(**k)).fold(0, |bits, (i, _)| bits | 1 << i)
}

/// Weight and bias of each linear layer of a block, as places in [`BLOCK_KINDS`].
const LINEAR_LAYERS: [[usize; 2]; 6] = [[0, 3], [1, 4], [2, 5], [6, 7], [10, 11], [12, 13]];

const OTHER_KINDS: [Kind; 7] = [
    Kind::WordEmbeddings,
    Kind::PositionEmbeddings,
    Kind::SegmentEmbeddings,
    Kind::EmbeddingGamma,
    Kind::EmbeddingBeta,
    Kind::PoolerWeight,
    Kind::PoolerBias,
];

impl Cells {
    pub const NONE: Cells = Cells { blocks: [0; 16], places: 0 };
    pub const ALL: Cells = Cells { blocks: [Blocks::MAX; 16], places: EMBEDDINGS | POOLER };

    /// These kinds in these blocks.
    pub fn grid(kinds: Kinds, blocks: Blocks) -> Cells {
        Cells { blocks: std::array::from_fn(|k| if kinds >> k & 1 == 1 { blocks } else { 0 }), places: 0 }
    }

    /// Tensors of embeddings and pooler.
    pub fn places(places: Places) -> Cells {
        Cells { blocks: [0; 16], places }
    }

    fn each(self, other: Cells, blocks: fn(Blocks, Blocks) -> Blocks, places: fn(u8, u8) -> u8) -> Cells {
        Cells {
            blocks: std::array::from_fn(|k| blocks(self.blocks[k], other.blocks[k])),
            places: places(self.places, other.places),
        }
    }
    pub fn or(self, other: Cells) -> Cells {
        self.each(other, |a, b| a | b, |a, b| a | b)
    }
    pub fn and(self, other: Cells) -> Cells {
        self.each(other, |a, b| a & b, |a, b| a & b)
    }
    pub fn minus(self, other: Cells) -> Cells {
        self.each(other, |a, b| a & !b, |a, b| a & !b)
    }
    pub fn is_empty(&self) -> bool {
        *self == Cells::NONE
    }
    pub fn contain(self, other: Cells) -> bool {
        other.minus(self).is_empty()
    }

    /// The blocks in which it holds every one of these kinds.
    pub fn blocks_of(&self, kinds: Kinds) -> Blocks {
        let blocks = self.blocks.iter().enumerate().filter(|(k, _)| kinds >> k & 1 == 1);
        blocks.fold(Blocks::MAX, |all, (_, b)| all & b)
    }

    /// Whether it holds a tensor; `layer` counts from 0.
    pub fn hold(&self, kind: Kind, layer: Option<usize>) -> bool {
        match layer {
            Some(l) => {
                let at = BLOCK_KINDS.iter().position(|&k| k == kind);
                at.is_some_and(|k| self.blocks[k] >> l.min(MAX_BLOCKS) & 1 == 1)
            }
            // A projection behind the embeddings has no bit of its own: it goes with them where all of them are held.
            None if PROJECTION_KINDS.contains(&kind) => self.places & EMBEDDINGS == EMBEDDINGS,
            None => {
                let at = OTHER_KINDS.iter().position(|&k| k == kind);
                at.is_some_and(|k| self.places >> k & 1 == 1)
            }
        }
    }

    /// The linear layers of blocks of which it holds the weight: weight and bias of each.
    pub fn linear_layers(&self) -> Cells {
        let mut layers = Cells::NONE;
        for [weight, bias] in LINEAR_LAYERS {
            layers.blocks[weight] = self.blocks[weight];
            layers.blocks[bias] = self.blocks[weight];
        }
        layers
    }

    /// Whether it holds a whole matrix.
    pub fn hold_matrices(&self) -> bool {
        let matrices =
            Cells::grid(kinds(Kind::is_matrix), Blocks::MAX).or(Cells::places(places(Kind::is_matrix)));
        !self.and(matrices).is_empty()
    }
}

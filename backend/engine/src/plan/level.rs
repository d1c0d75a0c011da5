//! Points of the network at which members read vectors of their own.

use super::batch::RowKind;

/// A point of the network at which members read vectors of their own, in the order of the forward pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Level(usize);

impl Level {
    /// The embeddings' sum and LayerNorm.
    pub const EMBEDDINGS: Level = Level(0);

    /// A block's attention: biases of query, key and value.
    pub fn attention(layer: usize) -> Self {
        Level(1 + 4 * layer)
    }

    /// A block's LayerNorm after attention, and the bias of the product before it.
    pub fn attention_norm(layer: usize) -> Self {
        Level(2 + 4 * layer)
    }

    /// A block's GELU: the bias of the intermediate product.
    pub fn intermediate(layer: usize) -> Self {
        Level(3 + 4 * layer)
    }

    /// A block's LayerNorm after the feed-forward layer, and the bias of the product before it.
    pub fn ffn_norm(layer: usize) -> Self {
        Level(4 + 4 * layer)
    }

    /// What a block reads: the output of the one below, or the embeddings.
    pub fn input(layer: usize) -> Self {
        Level(4 * layer)
    }

    /// The pooler of an encoder of so many blocks.
    pub fn pooler(layers: usize) -> Self {
        Level(1 + 4 * layers)
    }

    /// The head: every member has its own.
    pub fn head(layers: usize) -> Self {
        Level(2 + 4 * layers)
    }

    /// The block that it belongs to, or the number of blocks behind the last one.
    pub fn block(self) -> usize {
        self.0.saturating_sub(1) / 4
    }

    /// All levels of an encoder of so many blocks, in their order.
    pub fn all(layers: usize) -> impl Iterator<Item = Level> {
        (0..=Level::head(layers).0).map(Level)
    }

    /// Its rows of a kind.
    pub fn rows(self, kind: RowKind) -> Rows {
        Rows { level: self, kind }
    }

    /// Its rows of tokens.
    pub fn tokens(self) -> Rows {
        self.rows(RowKind::Tokens)
    }

    /// Its rows that the head reads.
    pub fn reads(self) -> Rows {
        self.rows(RowKind::Reads)
    }

    /// Its place among all levels.
    pub fn number(self) -> usize {
        self.0
    }

    /// The level before, whose rows the product of this one reads.
    pub fn before(self) -> Self {
        Level(self.0.saturating_sub(1))
    }
}

/// The rows of one kind at one level.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rows {
    /// The level.
    pub level: Level,
    /// The kind.
    pub kind: RowKind,
}

impl Rows {
    /// The same kind at the level before, which the product of this one reads.
    pub fn before(self) -> Self {
        Self { level: self.level.before(), ..self }
    }
}

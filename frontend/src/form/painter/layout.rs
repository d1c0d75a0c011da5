//! The picture of a model as a grid: a column a block, with the embeddings before them and the pooler behind; a row a module,
//! from a block's output at the top down to its input. The first row and column are the heads of columns and rows.

use tunemask_shared::mask::Tensor;
use tunemask_shared::shape::Kind;

/// A row of the picture: a module with its two tensors.
pub struct Module {
    /// Its name.
    pub name: &'static str,
    /// Its weight, or γ.
    pub weight: Kind,
    /// Its bias, or β.
    pub bias: Kind,
}

/// The modules of a block, from its output down to its input.
pub const MODULES: [Module; 8] = [
    module("LayerNorm F", Kind::FeedForwardGamma, Kind::FeedForwardBeta),
    module("output", Kind::OutputWeight, Kind::OutputBias),
    module("intermediate", Kind::IntermediateWeight, Kind::IntermediateBias),
    module("LayerNorm A", Kind::AttentionGamma, Kind::AttentionBeta),
    module("attention output", Kind::AttentionOutputWeight, Kind::AttentionOutputBias),
    module("value", Kind::ValueWeight, Kind::ValueBias),
    module("key", Kind::KeyWeight, Kind::KeyBias),
    module("query", Kind::QueryWeight, Kind::QueryBias),
];

const fn module(name: &'static str, weight: Kind, bias: Kind) -> Module {
    Module { name, weight, bias }
}

/// What the embeddings consist of, from the top, each beside two modules; a table has no bias.
pub const EMBEDDINGS: [(&str, &[Kind]); 4] = [
    ("LayerNorm", &[Kind::EmbeddingGamma, Kind::EmbeddingBeta]),
    ("segments", &[Kind::SegmentEmbeddings]),
    ("positions", &[Kind::PositionEmbeddings]),
    ("words", &[Kind::WordEmbeddings]),
];

/// The pooler's tensors.
pub const POOLER: [Kind; 2] = [Kind::PoolerWeight, Kind::PoolerBias];

/// Which tensors of a place are meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Weights and biases, γ and β.
    Both,
    /// Weights and γ.
    Weight,
    /// Biases and β.
    Bias,
}

impl Part {
    fn holds(self, kind: Kind) -> bool {
        match self {
            Part::Both => true,
            Part::Weight => !kind.is_bias(),
            Part::Bias => kind.is_bias(),
        }
    }
}

/// A place of the picture: row and column, both from 0, which is the head of its row or column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// 0 is the heads of columns; then [`MODULES`] from the top.
    pub row: usize,
    /// 0 is the heads of rows, 1 the embeddings; then blocks from the lowest; the last is the pooler.
    pub column: usize,
}

/// The picture of a model with so many blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// Its blocks.
    pub blocks: usize,
}

impl Layout {
    /// The embeddings' column.
    pub const EMBEDDINGS: usize = 1;

    /// The pooler's column.
    pub fn pooler(self) -> usize {
        self.blocks + 2
    }

    /// The block of a column, from 0 at the lowest.
    pub fn block(self, column: usize) -> Option<usize> {
        column.checked_sub(2).filter(|block| *block < self.blocks)
    }

    /// The place that a cell begins at: those of the embeddings and the pooler are higher than a row.
    pub fn start(self, place: Place) -> Place {
        let row = match place.column {
            Layout::EMBEDDINGS if place.row > 0 => (place.row - 1) / 2 * 2 + 1,
            column if column == self.pooler() => place.row.min(1),
            _ => place.row,
        };
        Place { row, ..place }
    }

    /// Rows that the cell at a place takes.
    pub fn height(self, place: Place) -> usize {
        match place.column {
            _ if place.row == 0 => 1,
            Layout::EMBEDDINGS => 2,
            column if column == self.pooler() => MODULES.len(),
            _ => 1,
        }
    }

    /// The next place in a direction, the same at the edge.
    pub fn step(self, from: Place, down: isize, right: isize) -> Place {
        let height = if down > 0 { self.height(from) as isize } else { 1 };
        let row = from.row.saturating_add_signed(down * height).min(MODULES.len());
        let column = from.column.saturating_add_signed(right).min(self.pooler());
        let next = self.start(Place { row, column });
        // Beyond the last row of a high cell there is nothing.
        if down > 0 && from.row + height as usize > MODULES.len() { from } else { next }
    }

    /// The tensors of a place: of a cell, of a whole row of blocks, of a whole column, or all.
    pub fn tensors(self, place: Place, part: Part) -> Vec<Tensor> {
        let rows = if place.row == 0 { 1..MODULES.len() + 1 } else { place.row..place.row + 1 };
        let columns = match (place.row, place.column) {
            (0, 0) => 1..self.pooler() + 1,
            // A module's row is that of the blocks.
            (_, 0) => 2..self.pooler(),
            (_, column) => column..column + 1,
        };
        let mut tensors = Vec::new();
        for column in columns {
            let block = self.block(column);
            for row in rows.clone() {
                let kinds: &[Kind] = match block {
                    Some(_) => &[MODULES[row - 1].weight, MODULES[row - 1].bias],
                    None if column == Layout::EMBEDDINGS => EMBEDDINGS[(row - 1) / 2].1,
                    None => &POOLER,
                };
                let more = kinds.iter().filter(|kind| part.holds(**kind)).map(|&kind| Tensor { kind, block });
                tensors.extend(more.filter(|tensor| !tensors.contains(tensor)).collect::<Vec<_>>());
            }
        }
        tensors
    }

    /// What a place is called: `Block 3, query`.
    pub fn name(self, place: Place) -> String {
        let module = |row: usize| MODULES[row - 1].name;
        match (place.row, place.column) {
            (0, 0) => "Whole model".into(),
            (row, 0) => format!("All blocks, {}", module(row)),
            (row, column) => match (self.block(column), row) {
                (Some(block), 0) => format!("Block {}", block + 1),
                (Some(block), row) => format!("Block {}, {}", block + 1, module(row)),
                (None, 0) if column == Layout::EMBEDDINGS => "Embeddings".into(),
                (None, row) if column == Layout::EMBEDDINGS => {
                    format!("Embeddings, {}", EMBEDDINGS[(row - 1) / 2].0)
                }
                (None, _) => "Pooler".into(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::shape::ModelShape;

    const LAYOUT: Layout = Layout { blocks: 3 };

    fn at(row: usize, column: usize) -> Place {
        Place { row, column }
    }

    #[test]
    fn every_tensor_of_the_model_has_its_place() {
        let shape = ModelShape { layers: 3, ..ModelShape::BERT_BASE_UNCASED };
        let mut all = LAYOUT.tensors(at(0, 0), Part::Both);
        for parameter in shape.parameters() {
            let tensor = Tensor { kind: parameter.kind, block: parameter.layer };
            let place = all.iter().position(|t| *t == tensor);
            all.remove(place.unwrap_or_else(|| panic!("{} is missing", parameter.name())));
        }
        assert_eq!(all, []);
    }

    #[test]
    fn parts_and_heads_hold_what_they_say() {
        let kinds = |place, part| LAYOUT.tensors(place, part).iter().map(|t| t.kind).collect::<Vec<_>>();
        assert_eq!(kinds(at(8, 2), Part::Both), [Kind::QueryWeight, Kind::QueryBias]);
        assert_eq!(kinds(at(8, 2), Part::Bias), [Kind::QueryBias]);
        assert_eq!(kinds(at(4, 0), Part::Weight), [Kind::AttentionGamma; 3]);
        assert_eq!(kinds(at(7, 1), Part::Bias), []);
        assert_eq!(kinds(at(1, 5), Part::Both), POOLER);
        assert_eq!(LAYOUT.tensors(at(0, 3), Part::Both).len(), 16);
        let names =
            [at(0, 0), at(2, 0), at(0, 2), at(8, 4), at(3, 1), at(1, 5)].map(|place| LAYOUT.name(place));
        assert_eq!(
            names,
            [
                "Whole model",
                "All blocks, output",
                "Block 1",
                "Block 3, query",
                "Embeddings, segments",
                "Pooler"
            ]
        );
    }

    #[test]
    fn arrows_lead_through_every_cell_and_stop_at_the_edge() {
        let walk = |from: Place, down, right| {
            let mut seen = vec![from];
            while let next = LAYOUT.step(*seen.last().unwrap(), down, right)
                && next != *seen.last().unwrap()
            {
                seen.push(next);
            }
            seen.iter().map(|p| (p.row, p.column)).collect::<Vec<_>>()
        };
        assert_eq!(walk(at(0, 2), 1, 0), (0..=8).map(|row| (row, 2)).collect::<Vec<_>>());
        assert_eq!(walk(at(0, 1), 1, 0), [(0, 1), (1, 1), (3, 1), (5, 1), (7, 1)]);
        assert_eq!(walk(at(7, 1), -1, 0), [(7, 1), (5, 1), (3, 1), (1, 1), (0, 1)]);
        assert_eq!(walk(at(0, 5), 1, 0), [(0, 5), (1, 5)]);
        assert_eq!(walk(at(6, 0), 0, 1), [(6, 0), (5, 1), (5, 2), (5, 3), (5, 4), (1, 5)]);
    }
}

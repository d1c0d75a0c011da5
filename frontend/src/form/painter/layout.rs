//! The picture of a model as a grid: a column for each block, with the embeddings before them and the pooler behind; a row for
//! each module, from a block's output at the top down to its input. The first row and column are the heads of columns and rows.
//! What the model's family does not have has no place.

use tunemask_shared::mask::Tensor;
use tunemask_shared::shape::{Kind, ModelShape};

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

/// A part of the embeddings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EmbeddingPart {
    name: &'static str,
    /// Its tensors; a table has no bias.
    kinds: &'static [Kind],
}

/// What embeddings may consist of, from their output down. A projection behind them has no place: it goes with all of them.
const EMBEDDINGS: [EmbeddingPart; 4] = [
    EmbeddingPart { name: "LayerNorm", kinds: &[Kind::EmbeddingGamma, Kind::EmbeddingBeta] },
    EmbeddingPart { name: "segments", kinds: &[Kind::SegmentEmbeddings] },
    EmbeddingPart { name: "positions", kinds: &[Kind::PositionEmbeddings] },
    EmbeddingPart { name: "words", kinds: &[Kind::WordEmbeddings] },
];

/// The pooler's tensors.
const POOLER: [Kind; 2] = [Kind::PoolerWeight, Kind::PoolerBias];

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
pub struct GridPlace {
    /// 0 is the heads of columns; then [`MODULES`] from the top.
    pub row: usize,
    /// 0 is the heads of rows, 1 the embeddings; then blocks from the lowest; the last is the pooler.
    pub column: usize,
}

/// What a column shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Column {
    /// The heads of rows.
    Heads,
    /// The embeddings.
    Embeddings,
    /// A block, from 0 at the lowest.
    Block(usize),
    /// The pooler.
    Pooler,
}

/// The picture of a model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Layout {
    /// The shape of the model that is laid out.
    pub shape: ModelShape,
}

/// A cell of the embeddings' column: so many rows from a first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct EmbeddingCell {
    part: EmbeddingPart,
    first: usize,
    rows: usize,
}

impl Layout {
    /// The last column.
    pub fn last(self) -> usize {
        self.shape.layers + if self.has(&POOLER) { 2 } else { 1 }
    }

    /// What a column shows.
    pub fn column(self, column: usize) -> Column {
        match column {
            0 => Column::Heads,
            1 => Column::Embeddings,
            block if block < self.shape.layers + 2 => Column::Block(block - 2),
            _ => Column::Pooler,
        }
    }

    fn has(self, kinds: &[Kind]) -> bool {
        kinds.iter().all(|&kind| self.shape.parameter(kind, None).is_some())
    }

    /// The embeddings' cells, from the top: as high as each other, as far as whole rows allow that.
    fn embeddings(self) -> impl Iterator<Item = EmbeddingCell> {
        let parts: Vec<EmbeddingPart> = EMBEDDINGS.into_iter().filter(|part| self.has(part.kinds)).collect();
        let count = parts.len();
        parts.into_iter().enumerate().map(move |(i, part)| {
            let before = |cells: usize| cells * MODULES.len() / count;
            EmbeddingCell { part, first: 1 + before(i), rows: before(i + 1) - before(i) }
        })
    }

    /// The embeddings' cell at a row.
    fn embedding(self, row: usize) -> Option<EmbeddingCell> {
        self.embeddings().find(|cell| (cell.first..cell.first + cell.rows).contains(&row))
    }

    /// The place that a cell begins at: those of the embeddings and the pooler are higher than a row.
    pub fn start(self, place: GridPlace) -> GridPlace {
        let row = match self.column(place.column) {
            Column::Embeddings => self.embedding(place.row).map_or(place.row, |cell| cell.first),
            Column::Pooler => place.row.min(1),
            Column::Heads | Column::Block(_) => place.row,
        };
        GridPlace { row, ..place }
    }

    /// The place, or where the picture has no such column the one at its edge.
    pub fn within(self, place: GridPlace) -> GridPlace {
        self.start(GridPlace { column: place.column.min(self.last()), ..place })
    }

    /// Rows that the cell at a place takes.
    pub fn height(self, place: GridPlace) -> usize {
        match self.column(place.column) {
            _ if place.row == 0 => 1,
            Column::Embeddings => self.embedding(place.row).map_or(1, |cell| cell.rows),
            Column::Pooler => MODULES.len(),
            Column::Heads | Column::Block(_) => 1,
        }
    }

    /// The next place in a direction, the same at the edge.
    pub fn step(self, from: GridPlace, down: isize, right: isize) -> GridPlace {
        let height = if down > 0 { self.height(from) as isize } else { 1 };
        let row = from.row.saturating_add_signed(down * height).min(MODULES.len());
        let column = from.column.saturating_add_signed(right).min(self.last());
        let next = self.start(GridPlace { row, column });
        // Beyond the last row of a high cell there is nothing.
        if down > 0 && from.row + height as usize > MODULES.len() { from } else { next }
    }

    /// The tensors of a place: of a cell, of a whole row of blocks, of a whole column, or all.
    pub fn tensors(self, place: GridPlace, part: Part) -> Vec<Tensor> {
        let rows = if place.row == 0 { 1..MODULES.len() + 1 } else { place.row..place.row + 1 };
        let columns = match (place.row, place.column) {
            (0, 0) => 1..self.last() + 1,
            // A module's row is that of the blocks.
            (_, 0) => 2..self.shape.layers + 2,
            (_, column) => column..column + 1,
        };
        let mut tensors = Vec::new();
        for place in columns.flat_map(|column| rows.clone().map(move |row| GridPlace { row, column })) {
            // A high cell is met at each of its rows.
            let of_cell = self.cell(place).into_iter().filter(|tensor| part.holds(tensor.kind));
            tensors.extend(of_cell.filter(|tensor| !tensors.contains(tensor)).collect::<Vec<_>>());
        }
        tensors
    }

    /// The tensors of the cell at a place, side by side.
    pub fn cell(self, place: GridPlace) -> Vec<Tensor> {
        let of = |kinds: &[Kind], block| kinds.iter().map(|&kind| Tensor { kind, block }).collect();
        match self.column(place.column) {
            Column::Block(block) => {
                let module = place.row.checked_sub(1).and_then(|row| MODULES.get(row));
                module.map_or(Vec::new(), |module| of(&[module.weight, module.bias], Some(block)))
            }
            Column::Embeddings => {
                self.embedding(place.row).map_or(Vec::new(), |cell| of(cell.part.kinds, None))
            }
            Column::Pooler => of(&POOLER, None),
            Column::Heads => Vec::new(),
        }
    }

    /// What a place is called: `Block 3, query`.
    pub fn name(self, place: GridPlace) -> String {
        let module = |row: usize| MODULES[row - 1].name;
        match (place.row, self.column(place.column)) {
            (0, Column::Heads) => "Whole model".into(),
            (row, Column::Heads) => format!("All blocks, {}", module(row)),
            (0, Column::Block(block)) => format!("Block {}", block + 1),
            (row, Column::Block(block)) => format!("Block {}, {}", block + 1, module(row)),
            (row, Column::Embeddings) => match self.embedding(row) {
                Some(cell) => format!("Embeddings, {}", cell.part.name),
                None => "Embeddings".into(),
            },
            (_, Column::Pooler) => "Pooler".into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::family::{Family, RobertaName};
    use tunemask_shared::shape::PROJECTION_KINDS;

    const SHAPE: ModelShape = ModelShape { layers: 3, ..ModelShape::BERT_BASE_UNCASED };
    const LAYOUT: Layout = Layout { shape: SHAPE };
    /// Without segments and pooler.
    const PLAIN: Layout = Layout { shape: ModelShape { segments: 0, family: Family::DistilBert, ..SHAPE } };
    /// With a projection behind the embeddings, which has no place of its own.
    const PROJECTED: Layout =
        Layout { shape: ModelShape { family: Family::Electra { embedding: 128 }, ..SHAPE } };

    fn at(row: usize, column: usize) -> GridPlace {
        GridPlace { row, column }
    }

    #[test]
    fn every_tensor_of_the_model_has_its_place_and_nothing_else() {
        let roberta = Family::Roberta { name: RobertaName::Roberta, padding: 1 };
        let roberta = Layout { shape: ModelShape { segments: 1, family: roberta, ..SHAPE } };
        for layout in [LAYOUT, PLAIN, PROJECTED, roberta] {
            let mut all = layout.tensors(at(0, 0), Part::Both);
            let parameters = layout.shape.parameters();
            for parameter in parameters.iter().filter(|p| !PROJECTION_KINDS.contains(&p.kind)) {
                let tensor = Tensor { kind: parameter.kind, block: parameter.layer };
                let place = all.iter().position(|t| *t == tensor);
                all.remove(place.unwrap_or_else(|| panic!("{} is missing", parameter.name())));
            }
            assert_eq!(all, [], "{:?}", layout.shape.family);
        }
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
        let walk = |from: GridPlace, down, right| {
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

    #[test]
    fn a_picture_shows_what_its_family_has() {
        let cells = |layout: Layout| {
            let cells = layout.embeddings().map(|cell| (cell.part.name, cell.first, cell.rows));
            cells.collect::<Vec<_>>()
        };
        assert_eq!(cells(PLAIN), [("LayerNorm", 1, 2), ("positions", 3, 3), ("words", 6, 3)]);
        let all = [("LayerNorm", 1, 2), ("segments", 3, 2), ("positions", 5, 2), ("words", 7, 2)];
        assert_eq!((cells(LAYOUT), cells(PROJECTED)), (all.to_vec(), all.to_vec()));
        assert_eq!((LAYOUT.last(), PLAIN.last(), PROJECTED.last()), (5, 4, 4));
        assert_eq!(PLAIN.name(at(0, 4)), "Block 3");
        // The keys' place of a model with a pooler.
        assert_eq!((LAYOUT.within(at(1, 5)), PLAIN.within(at(1, 5))), (at(1, 5), at(1, 4)));
        assert_eq!(PLAIN.step(at(3, 1), 1, 0), at(6, 1));
        assert_eq!(PLAIN.step(at(6, 1), 1, 0), at(6, 1));
    }
}

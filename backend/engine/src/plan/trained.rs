//! How much of each tensor a member trains: where its weights are read follows from it, and which of its rows are its
//! own.

use super::level::Level;
use super::slots::{Slot, slots};
use std::ops::Range;
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::trainable::Trainable;

/// A matrix is the model's and a sparse difference if at most one of so many of its elements trains.
const SPARSE: usize = 16;

/// How much of a tensor trains.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Share {
    /// None of it.
    Nothing,
    /// So few elements of a matrix that it is the model's and a sparse difference.
    Few,
    /// Some scalars of a vector, or many of a matrix.
    Part,
    /// All of it.
    Whole,
}

impl Share {
    fn new(slot: Slot, range: Range<usize>, selection: &Selection) -> Self {
        let trained = selection.within(range.clone()).len();
        if trained == 0 {
            Share::Nothing
        } else if trained == range.len() {
            Share::Whole
        } else if slot.is_matrix() && trained * SPARSE <= range.len() {
            Share::Few
        } else {
            Share::Part
        }
    }
}

/// What a member trains, tensor by tensor.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trained {
    layers: usize,
    /// By [`Slot::number`].
    shares: Vec<Share>,
    /// Beside which matrices something is added, likewise.
    adapted: Vec<bool>,
    level: Level,
}

impl Trained {
    /// What a member trains of each tensor.
    pub fn new(shape: &ModelShape, trains: &Trainable) -> Self {
        let (layers, slots) = (shape.layers, slots(shape));
        let shares: Vec<Share> =
            slots.iter().map(|(slot, range)| Share::new(*slot, range.clone(), &trains.selection)).collect();
        let adapts =
            |range: &Range<usize>| trains.added.iter().any(|pair| range.contains(&pair.weight.offset));
        let adapted: Vec<bool> = slots.iter().map(|(_, range)| adapts(range)).collect();
        let mut made = Self { layers, shares, adapted, level: Level::head(layers) };
        let trained = slots.iter().map(|(slot, _)| *slot).filter(|slot| made.trains_at(*slot));
        made.level = trained.map(|slot| slot.level(layers)).min().unwrap_or(made.level);
        made
    }

    /// How much of a tensor trains.
    pub fn share(&self, slot: Slot) -> Share {
        self.shares[slot.number(self.layers)]
    }

    /// Whether any scalar of a tensor trains, or something that is added beside it.
    pub fn trains_at(&self, slot: Slot) -> bool {
        self.share(slot) != Share::Nothing || self.adapted[slot.number(self.layers)]
    }

    /// Whether the member reads another matrix than the model's, so that it goes alone.
    pub fn owns_matrix(&self, slot: Slot) -> bool {
        match self.share(slot) {
            Share::Part | Share::Whole => slot.is_matrix(),
            Share::Nothing | Share::Few => false,
        }
    }

    /// The lowest level at which the member has rows of its own.
    pub fn level(&self) -> Level {
        self.level
    }
}

/// The lowest level at which a run has rows of its own.
pub(crate) fn level(shape: &ModelShape, trains: &Trainable) -> Level {
    Trained::new(shape, trains).level()
}

/// Whether a run goes alone: it trains so much of some matrix that it needs one of its own.
pub fn goes_alone(shape: &ModelShape, trains: &Trainable) -> bool {
    let trained = Trained::new(shape, trains);
    slots(shape).into_iter().any(|(slot, _)| trained.owns_matrix(slot))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::fixtures::SMALL_SHAPE;

    const SHAPE: ModelShape = ModelShape { vocabulary: 8, intermediate: 8, positions: 4, ..SMALL_SHAPE };

    #[test]
    fn a_matrix_is_the_models_while_one_of_sixteen_elements_trains() {
        // Of the 32 elements of the word embeddings.
        for (trained, share) in [(0, Share::Nothing), (2, Share::Few), (3, Share::Part), (32, Share::Whole)] {
            let selection = Selection::from_ranges(std::iter::once(0..trained)).into();
            assert_eq!(Trained::new(&SHAPE, &selection).share(Slot::Words), share, "{trained}");
            assert_eq!(goes_alone(&SHAPE, &selection), matches!(share, Share::Part | Share::Whole));
        }
    }

    #[test]
    fn a_vector_is_never_a_difference() {
        let (_, range) = slots(&SHAPE).into_iter().find(|(slot, _)| *slot == Slot::EmbeddingGamma).unwrap();
        let trained = Trained::new(
            &SHAPE,
            &Selection::from_ranges(std::iter::once(range.start..range.start + 1)).into(),
        );
        assert_eq!(trained.share(Slot::EmbeddingGamma), Share::Part);
        assert!(!trained.owns_matrix(Slot::EmbeddingGamma));
        assert_eq!(trained.level(), Level::EMBEDDINGS);
        let frozen = Trained::new(&SHAPE, &Trainable::default());
        assert_eq!(frozen.level(), Level::head(SHAPE.layers));
    }
}

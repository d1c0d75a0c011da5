//! A member's weights: the model's, except where the member trains.
//!
//! The trained scalars live in one compact vector. A tensor that trains whole is read there directly; a tensor
//! of which some elements train is a private copy into which they are scattered after each update; every
//! other tensor is read from the model. What is frozen has no place that could be written.

use std::ops::Range;
use std::sync::Arc;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::{Kind, ModelShape};

/// A tensor as the step reads it: query, key and value of a block are one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Slot {
    /// `[vocabulary, hidden]`.
    Words,
    /// `[positions, hidden]`.
    Positions,
    /// `[segments, hidden]`.
    Segments,
    /// `[hidden]`.
    EmbeddingGamma,
    /// `[hidden]`.
    EmbeddingBeta,
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
    MixWeight,
    /// `[hidden]`.
    MixBias,
    /// LayerNorm after attention `[hidden]`.
    AttentionGamma,
    /// `[hidden]`.
    AttentionBeta,
    /// Intermediate `[intermediate, hidden]`.
    UpWeight,
    /// `[intermediate]`.
    UpBias,
    /// Output `[hidden, intermediate]`.
    DownWeight,
    /// `[hidden]`.
    DownBias,
    /// LayerNorm after the feed-forward layer `[hidden]`.
    FeedForwardGamma,
    /// `[hidden]`.
    FeedForwardBeta,
}

use BlockSlot::*;

/// The first and last parameter of each tensor of a block, in canonical order.
const BLOCK: [(BlockSlot, Kind, Kind); 12] = [
    (QkvWeight, Kind::QueryWeight, Kind::ValueWeight),
    (QkvBias, Kind::QueryBias, Kind::ValueBias),
    (MixWeight, Kind::AttentionOutputWeight, Kind::AttentionOutputWeight),
    (MixBias, Kind::AttentionOutputBias, Kind::AttentionOutputBias),
    (AttentionGamma, Kind::AttentionGamma, Kind::AttentionGamma),
    (AttentionBeta, Kind::AttentionBeta, Kind::AttentionBeta),
    (UpWeight, Kind::IntermediateWeight, Kind::IntermediateWeight),
    (UpBias, Kind::IntermediateBias, Kind::IntermediateBias),
    (DownWeight, Kind::OutputWeight, Kind::OutputWeight),
    (DownBias, Kind::OutputBias, Kind::OutputBias),
    (FeedForwardGamma, Kind::FeedForwardGamma, Kind::FeedForwardGamma),
    (FeedForwardBeta, Kind::FeedForwardBeta, Kind::FeedForwardBeta),
];

const EMBEDDINGS: [(Slot, Kind); 5] = [
    (Slot::Words, Kind::WordEmbeddings),
    (Slot::Positions, Kind::PositionEmbeddings),
    (Slot::Segments, Kind::SegmentEmbeddings),
    (Slot::EmbeddingGamma, Kind::EmbeddingGamma),
    (Slot::EmbeddingBeta, Kind::EmbeddingBeta),
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
            Slot::Block(layer, slot) => EMBEDDINGS.len() + layer * BLOCK.len() + slot as usize,
            Slot::PoolerWeight => EMBEDDINGS.len() + layers * BLOCK.len(),
            Slot::PoolerBias => EMBEDDINGS.len() + layers * BLOCK.len() + 1,
        }
    }

    /// Whether it is a matrix, which members of a gang share.
    pub fn is_matrix(self) -> bool {
        match self {
            Slot::Words | Slot::Positions | Slot::Segments | Slot::PoolerWeight => true,
            Slot::Block(_, slot) => matches!(slot, QkvWeight | MixWeight | UpWeight | DownWeight),
            _ => false,
        }
    }
}

/// Every tensor with its scalars' indices, in canonical order.
pub fn slots(shape: &ModelShape) -> Vec<(Slot, Range<usize>)> {
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

/// Where a tensor's values are.
#[derive(Clone, Debug)]
enum Place {
    /// In the model: nothing of it trains.
    Model(Range<usize>),
    /// In the compact vector: all of it trains.
    Compact(Range<usize>),
    /// In a private copy, of which these scalars (from, to: places in the copy and in the compact vector) train.
    Copy { values: Vec<f32>, trained: Vec<(usize, Range<usize>)> },
}

/// A member's weights, head included.
#[derive(Clone, Debug)]
pub struct Parameters {
    model: Arc<Vec<f32>>,
    layers: usize,
    places: Vec<Place>,
    compact: Vec<f32>,
    encoder: usize,
    head_weight: usize,
    frozen: [u8; 32],
}

impl Parameters {
    /// The model's weights with those of `selection` set apart, and a head: `head` if given, else drawn from
    /// N(0, `initializer_range`²) with bias 0.
    pub fn new(
        shape: &ModelShape,
        model: Arc<Vec<f32>>,
        selection: Selection,
        outputs: usize,
        head: Option<&[f32]>,
        (seed, initializer_range): (u64, f32),
    ) -> Self {
        let mut compact: Vec<f32> = Vec::with_capacity(selection.len() + (shape.hidden + 1) * outputs);
        selection.ranges().iter().for_each(|r| compact.extend_from_slice(&model[r.clone()]));
        let encoder = compact.len();
        match head {
            Some(head) => compact.extend_from_slice(head),
            None => {
                let mut draw = Stream::new(seed, Purpose::Head, 0);
                let scale = f64::from(initializer_range);
                compact.extend((0..outputs * shape.hidden).map(|_| (draw.normal() * scale) as f32));
                compact.resize(encoder + outputs * (shape.hidden + 1), 0.0);
            }
        }
        let places = slots(shape)
            .into_iter()
            .map(|(_, range)| {
                let inside = selection.within(range.clone());
                let at = |index| selection.rank(index);
                if inside.is_empty() {
                    Place::Model(range)
                } else if inside.len() == range.len() {
                    Place::Compact(at(range.start)..at(range.start) + range.len())
                } else {
                    let trained = inside
                        .ranges()
                        .iter()
                        .map(|r| (r.start - range.start, at(r.start)..at(r.start) + r.len()));
                    let trained = trained.collect();
                    Place::Copy { values: model[range].to_vec(), trained }
                }
            })
            .collect();
        let (layers, head_weight) = (shape.layers, outputs * shape.hidden);
        let mut made = Self { model, layers, places, compact, encoder, head_weight, frozen: [0; 32] };
        made.frozen = made.frozen_digest();
        made
    }

    /// A tensor's values as the step reads them.
    pub fn get(&self, slot: Slot) -> &[f32] {
        match &self.places[slot.number(self.layers)] {
            Place::Model(range) => &self.model[range.clone()],
            Place::Compact(range) => &self.compact[range.clone()],
            Place::Copy { values, .. } => values,
        }
    }

    /// Whether any scalar of a tensor trains.
    pub fn trains(&self, slot: Slot) -> bool {
        !matches!(self.places[slot.number(self.layers)], Place::Model(_))
    }

    /// Head weight `[outputs, hidden]` and bias `[outputs]`.
    pub fn head(&self) -> (&[f32], &[f32]) {
        self.compact[self.encoder..].split_at(self.head_weight)
    }

    /// The trained scalars: the selection ascending, then head weight and bias.
    pub fn compact(&self) -> &[f32] {
        &self.compact
    }

    /// Changes the trained scalars and brings private copies up to date.
    pub fn update(&mut self, change: impl FnOnce(&mut [f32])) {
        change(&mut self.compact);
        for place in &mut self.places {
            if let Place::Copy { values, trained } = place {
                for (to, from) in trained.iter() {
                    values[*to..to + from.len()].copy_from_slice(&self.compact[from.clone()]);
                }
            }
        }
    }

    /// Whether every frozen scalar, as the step reads it, has the bits that it had when this was made.
    pub fn frozen_unchanged(&self) -> bool {
        self.frozen_digest() == self.frozen
    }

    fn frozen_digest(&self) -> [u8; 32] {
        use sha2::{Digest, Sha256};
        let mut digest = Sha256::new();
        let mut bytes = Vec::new();
        let mut add = |values: &[f32]| {
            for part in values.chunks(1 << 14) {
                bytes.clear();
                part.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
                digest.update(&bytes);
            }
        };
        for place in &self.places {
            match place {
                Place::Model(range) => add(&self.model[range.clone()]),
                Place::Compact(_) => {}
                Place::Copy { values, trained } => {
                    let trained =
                        Selection::from_ranges(trained.iter().map(|(to, from)| *to..to + from.len()));
                    trained.complement(values.len()).ranges().iter().for_each(|r| add(&values[r.clone()]));
                }
            }
        }
        digest.finalize().into()
    }

    /// A gradient with the layout of [`Parameters::compact`].
    pub fn gradient(&self) -> Gradient {
        Gradient { values: vec![0.0; self.compact.len()], dense: Vec::new() }
    }
}

/// A gradient of the compact vector. Each step writes every part of it once.
#[derive(Clone, Debug)]
pub struct Gradient {
    values: Vec<f32>,
    dense: Vec<f32>,
}

impl Gradient {
    /// All of it.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The head's weight and bias.
    pub fn head(&mut self, parameters: &Parameters) -> (&mut [f32], &mut [f32]) {
        self.values[parameters.encoder..].split_at_mut(parameters.head_weight)
    }

    /// Lets `write` fill the gradient of a whole tensor, if any of it trains; what does not train is dropped.
    ///
    /// What stands in the slice before is undefined: `write` replaces all of it.
    pub fn write(&mut self, parameters: &Parameters, slot: Slot, write: impl FnOnce(&mut [f32])) {
        match &parameters.places[slot.number(parameters.layers)] {
            Place::Model(_) => {}
            Place::Compact(range) => write(&mut self.values[range.clone()]),
            Place::Copy { values, trained } => {
                if self.dense.len() < values.len() {
                    self.dense.resize(values.len(), 0.0);
                }
                let dense = &mut self.dense[..values.len()];
                write(dense);
                for (from, to) in trained {
                    self.values[to.clone()].copy_from_slice(&dense[*from..from + to.len()]);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::mask::{Mask, MaskSwitches};

    const SHAPE: ModelShape = ModelShape {
        vocabulary: 9,
        hidden: 4,
        layers: 2,
        heads: 2,
        intermediate: 6,
        positions: 5,
        segments: 2,
    };

    #[test]
    fn tensors_cover_the_canonical_order() {
        let mut at = 0;
        for (i, (slot, range)) in slots(&SHAPE).into_iter().enumerate() {
            assert_eq!((slot.number(SHAPE.layers), range.start), (i, at), "{slot:?}");
            at = range.end;
        }
        assert_eq!(at, SHAPE.scalars());
    }

    #[test]
    fn updates_reach_every_place_and_nothing_else() {
        let model: Arc<Vec<f32>> = Arc::new((0..SHAPE.scalars()).map(|i| i as f32).collect());
        for mask in ["full", "mha", "layernorms", "random:40:1", "outliers:3", "frozen"] {
            let mask: Mask = mask.parse().unwrap();
            let selection = mask.resolve(&SHAPE, MaskSwitches::default(), 0, Some(&model)).unwrap();
            let mut p = Parameters::new(&SHAPE, model.clone(), selection.clone(), 2, None, (1, 0.02));
            p.update(|compact| compact.iter_mut().for_each(|x| *x += 0.5));
            assert!(p.frozen_unchanged());
            for (slot, range) in slots(&SHAPE) {
                for (value, index) in p.get(slot).iter().zip(range) {
                    let trained = !selection.within(index..index + 1).is_empty();
                    assert_eq!(*value, index as f32 + if trained { 0.5 } else { 0.0 }, "{mask} {slot:?}");
                }
            }
        }
    }

    #[test]
    fn a_change_of_a_frozen_scalar_is_seen() {
        let model: Arc<Vec<f32>> = Arc::new(vec![1.0; SHAPE.scalars()]);
        let selection = Selection::from_ranges(std::iter::once(3..5));
        let mut p = Parameters::new(&SHAPE, model, selection, 1, None, (1, 0.02));
        let Some(Place::Copy { values, .. }) = p.places.first_mut() else {
            unreachable!("words train in part")
        };
        values[4] = 7.0;
        assert!(p.frozen_unchanged());
        let Some(Place::Copy { values, .. }) = p.places.first_mut() else {
            unreachable!("words train in part")
        };
        values[5] = 7.0;
        assert!(!p.frozen_unchanged());
    }
}

//! A member's weights: the model's, except where the member trains.
//!
//! The trained scalars live in one compact vector. A tensor that trains whole is read there directly; a vector
//! of which some elements train is a private copy into which they are scattered after each update; a matrix of
//! which few elements train is the model's and a sparse difference; every other tensor is read from the model.
//! What is frozen has no place that could be written.

use crate::config::{Adam, Objective};
use crate::differences::{Element, SparseDifference};
use crate::plan::level::Level;
use crate::plan::slots::{Slot, slots};
use rayon::prelude::*;
use sha2::{Digest, Sha256};
use std::ops::Range;
use std::sync::Arc;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;

/// A matrix is the model's and a sparse difference if at most one of so many of its elements trains.
const SPARSE: usize = 16;

/// Where a tensor's values are.
#[derive(Clone, Debug)]
pub enum Storage {
    /// In the model: nothing of it trains.
    Model(Range<usize>),
    /// In the compact vector: all of it trains.
    Compact(Range<usize>),
    /// In a private copy, of which these scalars (from, to: storages in the copy and in the compact vector) train.
    Copy { values: Vec<f32>, trained: Vec<(usize, Range<usize>)> },
    /// In the model, but for these elements.
    Sparse { model: Range<usize>, columns: usize, elements: Vec<Element>, values: Vec<f32> },
}

/// How a new head's weights are drawn.
#[derive(Clone, Copy, Debug)]
pub struct HeadInit {
    /// Seed of the run.
    pub seed: u64,
    /// Standard deviation.
    pub range: f32,
}

/// A member as it joins a gang.
pub struct Member {
    /// Its weights.
    pub parameters: Parameters,
    /// Its optimizer.
    pub adam: Adam,
}

/// A member's weights, head included.
#[derive(Clone, Debug)]
pub struct Parameters {
    model: Arc<Vec<f32>>,
    layers: usize,
    storages: Vec<Storage>,
    level: Level,
    compact: Vec<f32>,
    encoder: usize,
    head_weight: usize,
    copies: [u8; 32],
}

impl Parameters {
    /// The model's weights with those of `selection` set apart, and a head: `head` if given, else drawn from
    /// N(0, `init.range`²) with bias 0.
    pub fn new(
        shape: &ModelShape,
        model: Arc<Vec<f32>>,
        selection: Selection,
        objective: Objective,
        head: Option<&[f32]>,
        init: HeadInit,
    ) -> Self {
        let mut compact = Vec::with_capacity(selection.len() + objective.head_scalars(shape.hidden));
        selection.ranges().iter().for_each(|r| compact.extend_from_slice(&model[r.clone()]));
        let encoder = compact.len();
        let (mut draw, scale) = (Stream::new(init.seed, Purpose::Head, 0), f64::from(init.range));
        let drawn = || objective.draw_head(shape.hidden, || (draw.normal() * scale) as f32);
        compact.extend(head.map_or_else(drawn, <[f32]>::to_vec));
        let slots = slots(shape);
        let storages: Vec<Storage> = slots
            .iter()
            .map(|(slot, range)| storage(*slot, range.clone(), slot.columns(shape), &selection, &model))
            .collect();
        let level = level(shape, &selection);
        let (layers, head_weight) = (shape.layers, objective.outputs() * shape.hidden);
        let mut made =
            Self { model, layers, storages, level, compact, encoder, head_weight, copies: [0; 32] };
        made.copies = made.copies_digest();
        made
    }

    /// Where a tensor's values are.
    pub fn storage(&self, slot: Slot) -> &Storage {
        &self.storages[slot.number(self.layers)]
    }

    /// A tensor's values as the step reads them; of a matrix without its difference.
    pub fn get(&self, slot: Slot) -> &[f32] {
        match self.storage(slot) {
            Storage::Model(range) | Storage::Sparse { model: range, .. } => &self.model[range.clone()],
            Storage::Compact(range) => &self.compact[range.clone()],
            Storage::Copy { values, .. } => values,
        }
    }

    /// What a matrix differs in from the model's, if a few of its elements train.
    pub fn difference(&self, slot: Slot) -> Option<SparseDifference<'_>> {
        match self.storage(slot) {
            Storage::Sparse { elements, values, .. } => Some(SparseDifference { elements, values }),
            Storage::Model(_) | Storage::Compact(_) | Storage::Copy { .. } => None,
        }
    }

    /// Whether any scalar of a tensor trains.
    pub fn trains(&self, slot: Slot) -> bool {
        match self.storage(slot) {
            Storage::Model(_) => false,
            Storage::Compact(_) | Storage::Copy { .. } | Storage::Sparse { .. } => true,
        }
    }

    /// Whether it reads another matrix than the model's, so that it goes alone.
    pub fn owns_matrix(&self, slot: Slot) -> bool {
        match self.storage(slot) {
            Storage::Compact(_) | Storage::Copy { .. } => slot.is_matrix(),
            Storage::Model(_) | Storage::Sparse { .. } => false,
        }
    }

    /// The lowest level at which it has rows of its own.
    pub fn level(&self) -> Level {
        self.level
    }

    /// Where the head starts in the compact vector: behind all scalars of the encoder.
    #[cfg(any(test, feature = "cuda"))]
    pub fn encoder_scalars(&self) -> usize {
        self.encoder
    }

    /// Head weight `[outputs, hidden]` and bias `[outputs]`.
    pub fn head(&self) -> (&[f32], &[f32]) {
        self.compact[self.encoder..].split_at(self.head_weight)
    }

    /// All scalars of the head.
    pub fn head_scalars(&self) -> &[f32] {
        &self.compact[self.encoder..]
    }

    /// The trained scalars: the selection ascending, then head weight and bias.
    pub fn compact(&self) -> &[f32] {
        &self.compact
    }

    /// Changes the trained scalars and brings private copies and differences up to date.
    pub fn update(&mut self, change: impl FnOnce(&mut [f32])) {
        change(&mut self.compact);
        for storage in &mut self.storages {
            match storage {
                Storage::Copy { values, trained } => {
                    for (to, from) in trained.iter() {
                        values[*to..to + from.len()].copy_from_slice(&self.compact[from.clone()]);
                    }
                }
                Storage::Sparse { model, columns, elements, values } => {
                    for (value, e) in values.iter_mut().zip(elements.iter()) {
                        let index = model.start + e.row as usize * *columns + e.column as usize;
                        *value = self.compact[e.place as usize] - self.model[index];
                    }
                }
                Storage::Model(_) | Storage::Compact(_) => {}
            }
        }
    }

    /// Whether what is frozen of its private copies has the bits that it had when this was made. All else that is
    /// frozen is the model's, see [`digest`].
    pub fn copies_unchanged(&self) -> bool {
        self.copies_digest() == self.copies
    }

    fn copies_digest(&self) -> [u8; 32] {
        let mut frozen = Vec::new();
        for storage in &self.storages {
            let Storage::Copy { values, trained } = storage else { continue };
            let trained = Selection::from_ranges(trained.iter().map(|(to, from)| *to..to + from.len()));
            trained.complement(values.len()).ranges().iter().for_each(|r| frozen.extend(&values[r.clone()]));
        }
        digest(&frozen)
    }
}

/// SHA-256 over the digests of pieces of some scalars, little-endian, on all threads.
pub fn digest(values: &[f32]) -> [u8; 32] {
    let piece = |values: &[f32]| -> [u8; 32] {
        let mut digest = Sha256::new();
        let mut bytes = Vec::new();
        for part in values.chunks(1 << 14) {
            bytes.clear();
            part.iter().for_each(|x| bytes.extend_from_slice(&x.to_le_bytes()));
            digest.update(&bytes);
        }
        digest.finalize().into()
    };
    let pieces: Vec<[u8; 32]> = values.par_chunks(1 << 20).map(piece).collect();
    Sha256::digest(pieces.as_flattened()).into()
}

/// The lowest level at which a run that trains these scalars has rows of its own.
pub fn level(shape: &ModelShape, selection: &Selection) -> Level {
    let trained = slots(shape).into_iter().filter(|(_, range)| !selection.within(range.clone()).is_empty());
    trained.map(|(slot, _)| slot.level(shape.layers)).min().unwrap_or(Level::head(shape.layers))
}

/// Whether a run goes alone: it trains so much of some matrix that it needs one of its own.
pub fn goes_alone(shape: &ModelShape, selection: &Selection) -> bool {
    slots(shape)
        .into_iter()
        .any(|(slot, range)| slot.is_matrix() && selection.within(range.clone()).len() * SPARSE > range.len())
}

fn storage(slot: Slot, range: Range<usize>, columns: usize, selection: &Selection, model: &[f32]) -> Storage {
    let inside = selection.within(range.clone());
    if inside.is_empty() {
        return Storage::Model(range);
    }
    let first = selection.rank(inside.ranges()[0].start);
    if inside.len() == range.len() {
        return Storage::Compact(first..first + range.len());
    }
    // The selection's order is the compact vector's: what lies in one tensor lies together there.
    if slot.is_matrix() && inside.len() * SPARSE <= range.len() {
        let indices = inside.ranges().iter().flat_map(|r| r.clone());
        let elements = indices.enumerate().map(|(i, index)| {
            let at = index - range.start;
            let (row, column) = ((at / columns) as u32, (at % columns) as u32);
            Element { row, column, place: (first + i) as u32 }
        });
        let elements: Vec<Element> = elements.collect();
        let values = vec![0.0; elements.len()];
        return Storage::Sparse { model: range, columns, elements, values };
    }
    let mut at = first;
    let trained = inside.ranges().iter().map(|r| {
        let from = at..at + r.len();
        at = from.end;
        (r.start - range.start, from)
    });
    let trained = trained.collect();
    Storage::Copy { values: model[range].to_vec(), trained }
}

/// A gradient of the compact vector. Each step writes every part of it once.
#[derive(Clone, Debug, Default)]
pub struct Gradient {
    values: Vec<f32>,
    dense: Vec<f32>,
}

impl Gradient {
    /// With the layout of [`Parameters::compact`].
    pub fn new(parameters: &Parameters) -> Self {
        Self { values: vec![0.0; parameters.compact.len()], dense: Vec::new() }
    }

    /// All of it.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The head's weight and bias.
    pub fn head(&mut self, parameters: &Parameters) -> (&mut [f32], &mut [f32]) {
        self.values[parameters.encoder..].split_at_mut(parameters.head_weight)
    }

    /// All scalars of the head.
    pub fn head_scalars(&mut self, parameters: &Parameters) -> &mut [f32] {
        &mut self.values[parameters.encoder..]
    }

    /// Lets `write` fill the gradient of a whole tensor, if any of it trains; what does not train is dropped.
    /// Of a matrix of which few elements train nothing is written, see [`Gradient::elements`].
    ///
    /// What stands in the slice before is undefined: `write` replaces all of it.
    pub fn write(&mut self, parameters: &Parameters, slot: Slot, write: impl FnOnce(&mut [f32])) {
        match parameters.storage(slot) {
            Storage::Model(_) | Storage::Sparse { .. } => {}
            Storage::Compact(range) => write(&mut self.values[range.clone()]),
            Storage::Copy { values, trained } => {
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

    /// Replaces the gradient of some elements of a matrix.
    pub fn elements(&mut self, elements: &[Element], gradient: &[f32]) {
        for (e, gradient) in elements.iter().zip(gradient) {
            self.values[e.place as usize] = *gradient;
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

    fn effective(p: &Parameters, slot: Slot) -> Vec<f32> {
        let mut values = p.get(slot).to_vec();
        let columns = slot.columns(&SHAPE);
        for (e, value) in p.difference(slot).into_iter().flat_map(|d| d.elements.iter().zip(d.values)) {
            values[e.row as usize * columns + e.column as usize] += value;
        }
        values
    }

    #[test]
    fn updates_reach_every_place_and_nothing_else() {
        let model: Arc<Vec<f32>> = Arc::new((0..SHAPE.scalars()).map(|i| i as f32).collect());
        for mask in ["full", "mha", "layernorms", "random:40:1", "random:8:1", "outliers:3", "frozen"] {
            let mask: Mask = mask.parse().unwrap();
            let selection = mask.resolve(&SHAPE, MaskSwitches::default(), 0, Some(&model)).unwrap();
            let mut p = Parameters::new(
                &SHAPE,
                model.clone(),
                selection.clone(),
                Objective::Classification(2),
                None,
                HeadInit { seed: 1, range: 0.02 },
            );
            p.update(|compact| compact.iter_mut().for_each(|x| *x += 0.5));
            assert!(p.copies_unchanged());
            for (slot, range) in slots(&SHAPE) {
                for (value, index) in effective(&p, slot).iter().zip(range) {
                    let trained = !selection.within(index..index + 1).is_empty();
                    assert_eq!(*value, index as f32 + if trained { 0.5 } else { 0.0 }, "{mask} {slot:?}");
                }
            }
        }
    }

    #[test]
    fn a_change_of_a_frozen_scalar_is_seen() {
        let model: Arc<Vec<f32>> = Arc::new(vec![1.0; SHAPE.scalars()]);
        let selection = Selection::from_ranges(std::iter::once(3..9));
        let mut p = Parameters::new(
            &SHAPE,
            model,
            selection,
            Objective::Regression,
            None,
            HeadInit { seed: 1, range: 0.02 },
        );
        let Some(Storage::Copy { values, .. }) = p.storages.first_mut() else {
            unreachable!("words train in part")
        };
        values[4] = 7.0;
        assert!(p.copies_unchanged());
        let Some(Storage::Copy { values, .. }) = p.storages.first_mut() else {
            unreachable!("words train in part")
        };
        values[9] = 7.0;
        assert!(!p.copies_unchanged());
    }
}

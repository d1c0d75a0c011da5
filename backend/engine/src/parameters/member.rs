//! A member's weights: the model's, except where the member trains.
//!
//! The trained scalars live in one compact vector. A tensor that trains whole is read there directly; a vector
//! of which some elements train is a private copy into which they are scattered after each update; a matrix of
//! which few elements train is the model's and a sparse difference; every other tensor is read from the model.
//! What is added to a matrix stands beside it, in the compact vector.
//! What is frozen has no place that could be written.

use super::digest::digest;
use super::optimizer::MemberOptimizer;
use super::pair::{Pair, draw_added};
use super::storage::{CopiedRun, Storage};
use crate::config::Objective;
use crate::differences::SparseDifference;
use crate::plan::slots::{Slot, slots};
use crate::plan::trained::{Share, Trained};
use std::sync::Arc;
use tunemask_shared::head::HeadLayout;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::trainable::Trainable;

/// How a new head's weights are drawn.
#[derive(Clone, Copy, Debug)]
pub struct HeadInit {
    /// Seed of the run.
    pub seed: u64,
    /// Standard deviation.
    pub range: f32,
}

impl HeadInit {
    /// Matrices from N(0, `range`²) by the seed, in their order, and biases 0.
    pub fn draw(self, objective: Objective, shape: &ModelShape) -> Vec<f32> {
        let (mut draw, scale) = (Stream::new(self.seed, Purpose::Head, 0), f64::from(self.range));
        objective.draw_head(shape, || (draw.normal() * scale) as f32)
    }
}

/// A member as it joins a gang.
pub struct Member {
    /// Its weights.
    pub parameters: Parameters,
    /// Its optimizer.
    pub optimizer: MemberOptimizer,
}

/// A member's weights, head included.
#[derive(Clone, Debug)]
pub struct Parameters {
    model: Arc<Vec<f32>>,
    layers: usize,
    trained: Trained,
    storages: Vec<Storage>,
    pairs: Vec<Pair>,
    compact: Vec<f32>,
    encoder: usize,
    head: HeadLayout,
    copies: [u8; 32],
}

impl Parameters {
    /// The model's weights with those that train set apart, what is added to them, and a head: `head` if given, else drawn
    /// from N(0, `init.range`²) with bias 0.
    pub fn new(
        shape: &ModelShape,
        model: Arc<Vec<f32>>,
        trains: &Trainable,
        objective: Objective,
        head: Option<&[f32]>,
        init: HeadInit,
    ) -> Self {
        let selection = &trains.selection;
        let mut compact = Vec::with_capacity(trains.len() + objective.head_scalars(shape));
        selection.ranges().iter().for_each(|r| compact.extend_from_slice(&model[r.clone()]));
        compact.extend(draw_added(trains, shape, init.seed));
        let encoder = compact.len();
        compact.extend(head.map_or_else(|| init.draw(objective, shape), <[f32]>::to_vec));
        let (slots, trained) = (slots(shape), Trained::new(shape, trains));
        let pairs = Pair::all(trains, &slots, shape, &compact);
        let storages: Vec<Storage> = slots
            .into_iter()
            .map(|(slot, range)| match trained.share(slot) {
                Share::Nothing => Storage::Model(range),
                Share::Few => Storage::sparse(range, slot.columns(shape), selection),
                Share::Part => Storage::copy(range, selection, &model),
                Share::Whole => Storage::compact(range, selection),
            })
            .collect();
        let (layers, head, copies) = (shape.layers, objective.head(shape), [0; 32]);
        let mut made = Self { model, layers, trained, storages, pairs, compact, encoder, head, copies };
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

    /// What is added beside a matrix.
    pub fn pairs(&self, slot: Slot) -> impl Iterator<Item = &Pair> {
        self.pairs.iter().filter(move |pair| pair.slot == slot)
    }

    /// Whether anything is added beside any matrix.
    pub fn has_pairs(&self) -> bool {
        !self.pairs.is_empty()
    }

    /// What of it trains, tensor by tensor.
    pub fn trained(&self) -> &Trained {
        &self.trained
    }

    /// Where the head starts in the compact vector: behind all scalars of the encoder, and what is added to it.
    pub fn encoder_scalars(&self) -> usize {
        self.encoder
    }

    /// Weight `[outputs, hidden]` and bias `[outputs]` of the head's outputs.
    pub fn head(&self) -> (&[f32], &[f32]) {
        let head = self.head_scalars();
        (&head[self.head.weight()], &head[self.head.bias()])
    }

    /// Weight `[hidden, hidden]` and bias `[hidden]` of the head's dense layer; empty without one.
    pub fn dense(&self) -> (&[f32], &[f32]) {
        let head = self.head_scalars();
        (&head[self.head.dense_weight()], &head[self.head.dense_bias()])
    }

    /// Where the head's tensors are among its scalars.
    pub fn head_layout(&self) -> HeadLayout {
        self.head
    }

    /// All scalars of the head.
    pub fn head_scalars(&self) -> &[f32] {
        &self.compact[self.encoder..]
    }

    /// The trained scalars: the selection ascending, what is added to the model, then the head.
    pub fn compact(&self) -> &[f32] {
        &self.compact
    }

    /// Changes the trained scalars and brings private copies, differences and pairs up to date.
    pub fn update(&mut self, change: impl FnOnce(&mut [f32])) {
        change(&mut self.compact);
        self.pairs.iter_mut().for_each(|pair| pair.update(&self.compact));
        for storage in &mut self.storages {
            match storage {
                Storage::Copy { values, trained } => {
                    for run in trained.iter() {
                        values[run.copied()].copy_from_slice(&self.compact[run.compact.clone()]);
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
            let trained = Selection::from_ranges(trained.iter().map(CopiedRun::copied));
            trained.complement(values.len()).ranges().iter().for_each(|r| frozen.extend(&values[r.clone()]));
        }
        digest(&frozen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::SMALL_SHAPE as SHAPE;
    use tunemask_shared::mask::{Mask, MaskSwitches};

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
                &selection.clone().into(),
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
            &selection.into(),
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

//! Pairs of low rank beside the model's matrices (Hu et al., 2022).

use crate::plan::slots::Slot;
use std::ops::Range;
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::shape::ModelShape;
use tunemask_shared::trainable::{AddedTensor, LowRank, Trainable};

/// A member's pair B A beside some rows of a matrix.
#[derive(Clone, Debug)]
pub struct Pair {
    /// The matrix.
    pub slot: Slot,
    /// The rows of it that the pair is added to.
    pub rows: Range<usize>,
    /// A `[rank, columns]` in the compact vector.
    pub a: Range<usize>,
    /// B `[rows, rank]` in the compact vector.
    pub b: Range<usize>,
    rank: usize,
    scale: f32,
    /// Brought up to date with each update: both factors are then read row by row.
    b_t: Vec<f32>,
}

/// A pair's factors as the step reads them.
#[derive(Clone, Copy, Debug)]
pub struct Factors<'a> {
    /// A `[rank, columns]`.
    pub a: &'a [f32],
    /// Bᵀ `[rank, rows]`.
    pub b_t: &'a [f32],
    /// Rows of both.
    pub rank: usize,
    /// How much their product counts.
    pub scale: f32,
}

impl Factors<'_> {
    /// Scalars of Bᵀ's rows.
    pub fn outputs(&self) -> usize {
        self.b_t.len() / self.rank
    }
}

impl Pair {
    /// Those that a member trains, in the order in which they stand in its compact vector.
    pub(super) fn all(
        trains: &Trainable,
        slots: &[(Slot, Range<usize>)],
        shape: &ModelShape,
        compact: &[f32],
    ) -> Vec<Self> {
        let tensors = trains.tensors();
        let pairs = trains.added.iter().zip(tensors.chunks_exact(2));
        pairs.filter_map(|(pair, factors)| Self::new(pair, factors, slots, shape, compact)).collect()
    }

    fn new(
        pair: &LowRank,
        factors: &[AddedTensor],
        slots: &[(Slot, Range<usize>)],
        shape: &ModelShape,
        compact: &[f32],
    ) -> Option<Self> {
        let [a, b] = factors else { return None };
        let offset = pair.weight.offset;
        let (slot, range) = slots.iter().find(|(_, range)| range.contains(&offset))?;
        let first = (offset - range.start) / slot.columns(shape);
        let mut made = Self {
            slot: *slot,
            rows: first..first + pair.outputs(),
            a: a.range.clone(),
            b: b.range.clone(),
            rank: pair.rank,
            scale: pair.scale(),
            b_t: vec![0.0; b.range.len()],
        };
        made.update(compact);
        Some(made)
    }

    /// Brings Bᵀ up to date.
    pub(super) fn update(&mut self, compact: &[f32]) {
        transpose(&compact[self.b.clone()], self.rank, &mut self.b_t);
    }

    /// Its factors.
    pub fn factors<'a>(&'a self, compact: &'a [f32]) -> Factors<'a> {
        Factors { a: &compact[self.a.clone()], b_t: &self.b_t, rank: self.rank, scale: self.scale }
    }
}

/// `out[columns, rows]` from a matrix `[rows, columns]`.
pub(super) fn transpose(matrix: &[f32], columns: usize, out: &mut [f32]) {
    let rows = matrix.len() / columns.max(1);
    for (i, row) in matrix.chunks_exact(columns).enumerate() {
        row.iter().enumerate().for_each(|(j, value)| out[j * rows + i] = *value);
    }
}

/// The first values of what is added to a model, in the order in which it stands in the compact vector. As PEFT has them by
/// default: A from U(−1/√inputs, 1/√inputs), which is Kaiming's of gain √5, and B zeros, so that training sets out from the
/// model itself. A matrix's draw depends on the seed and on the matrix alone.
pub(crate) fn draw_added(trains: &Trainable, shape: &ModelShape, seed: u64) -> Vec<f32> {
    let mut values = Vec::with_capacity(trains.len() - trains.selection.len());
    let parameters = shape.parameters();
    for pair in &trains.added {
        let place = parameters.partition_point(|p| p.offset < pair.weight.offset);
        let mut draw = Stream::new(seed, Purpose::Added, place as u32);
        let bound = 1.0 / (pair.inputs() as f64).sqrt();
        values.extend((0..pair.rank * pair.inputs()).map(|_| ((2.0 * draw.unit() - 1.0) * bound) as f32));
        values.extend(std::iter::repeat_n(0.0, pair.outputs() * pair.rank));
    }
    values
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::SMALL_SHAPE as SHAPE;
    use tunemask_shared::mask::{Mask, MaskSwitches};

    #[test]
    fn a_is_uniform_and_b_is_zero() {
        let shape = ModelShape { hidden: 400, ..SHAPE };
        let draw = |mask: &str, seed| {
            let mask: Mask = mask.parse().unwrap();
            let trains = mask.trains(&shape, MaskSwitches::default(), 0, None).unwrap();
            (draw_added(&trains, &shape, seed), trains)
        };
        let (values, trains) = draw("lora:50 in layers(*).mha.value", 3);
        let tensors = trains.tensors();
        let (a, b) = (&values[tensors[0].range.clone()], &values[tensors[1].range.clone()]);
        assert!(b.iter().all(|x| *x == 0.0));
        assert!(a.iter().all(|x| x.abs() <= 0.05) && a.iter().any(|x| x.abs() > 0.0499));
        let mean = a.iter().sum::<f32>() / a.len() as f32;
        let variance = a.iter().map(|x| x * x).sum::<f32>() / a.len() as f32;
        // Of 20,000 draws: within five standard errors of 0 and of 0.05² / 3.
        assert!(mean.abs() < 5.0 * 0.0289 / 141.0, "{mean}");
        assert!((variance / (0.0025 / 3.0) - 1.0).abs() < 5.0 * 0.9 / 141.0, "{variance}");
        // What a matrix is drawn does not depend on what else is adapted, but on seed and matrix.
        let (more, of_more) = draw("lora:50 in layers(*).mha", 3);
        let value = of_more.tensors().into_iter().find(|t| t.name == tensors[0].name).unwrap();
        assert_eq!(more[value.range], *a);
        assert_ne!(draw("lora:50 in layers(*).mha.value", 4).0[..a.len()], *a);
        assert_ne!(values[tensors[2].range.clone()], *a);
    }
}

//! A gradient of what trains.

use super::member::Parameters;
use super::pair::{Pair, transpose};
use super::storage::Storage;
use crate::differences::Element;
use crate::plan::slots::Slot;

/// A gradient of the compact vector. Each step writes every part of it once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gradient {
    values: Vec<f32>,
    dense: Vec<f32>,
}

impl Gradient {
    /// With the layout of [`Parameters::compact`].
    pub(crate) fn new(parameters: &Parameters) -> Self {
        Self { values: vec![0.0; parameters.compact().len()], dense: Vec::new() }
    }

    /// All of it.
    pub(crate) fn values(&self) -> &[f32] {
        &self.values
    }

    /// Weight and bias of the head's outputs.
    pub(crate) fn head(&mut self, parameters: &Parameters) -> (&mut [f32], &mut [f32]) {
        let layout = parameters.head_layout();
        self.head_scalars(parameters)[..layout.bias().end].split_at_mut(layout.weight().end)
    }

    /// Weight and bias of the head's dense layer; empty without one.
    pub(crate) fn dense(&mut self, parameters: &Parameters) -> (&mut [f32], &mut [f32]) {
        let layout = parameters.head_layout();
        let (weight, bias) = (layout.dense_weight(), layout.dense_bias());
        self.head_scalars(parameters)[weight.start..bias.end].split_at_mut(weight.len())
    }

    /// All scalars of the head.
    pub(crate) fn head_scalars(&mut self, parameters: &Parameters) -> &mut [f32] {
        &mut self.values[parameters.encoder_scalars()..]
    }

    /// Lets `write` fill the gradient of a whole tensor, if any of it trains; what does not train is dropped.
    /// Of a matrix of which few elements train nothing is written, see [`Gradient::elements`].
    ///
    /// What stands in the slice before is undefined: `write` replaces all of it.
    pub(crate) fn write(&mut self, parameters: &Parameters, slot: Slot, write: impl FnOnce(&mut [f32])) {
        match parameters.storage(slot) {
            Storage::Model(_) | Storage::Sparse { .. } => {}
            Storage::Compact(range) => write(&mut self.values[range.clone()]),
            Storage::Copy { values, trained } => {
                if self.dense.len() < values.len() {
                    self.dense.resize(values.len(), 0.0);
                }
                let dense = &mut self.dense[..values.len()];
                write(dense);
                for run in trained {
                    self.values[run.compact.clone()].copy_from_slice(&dense[run.copied()]);
                }
            }
        }
    }

    /// Replaces the gradient of a pair: `sums` has that of A `[rank, columns]`, then that of Bᵀ `[rank, rows]`.
    pub(crate) fn pair(&mut self, pair: &Pair, sums: &[f32]) {
        let (a, b_t) = sums.split_at(pair.a.len());
        self.values[pair.a.clone()].copy_from_slice(a);
        transpose(b_t, pair.rows.len(), &mut self.values[pair.b.clone()]);
    }

    /// Replaces the gradient of some elements of a matrix.
    pub(crate) fn elements(&mut self, elements: &[Element], gradient: &[f32]) {
        for (e, gradient) in elements.iter().zip(gradient) {
            self.values[e.place as usize] = *gradient;
        }
    }
}

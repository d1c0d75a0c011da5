//! What a run trains beside its head: scalars of the model, and what is added to it.
//!
//! Whatever keeps, updates or saves it sees one compact vector: the selection ascending, then the tensors of
//! `Trainable::tensors` end to end, then the head. What is added is known by its tensors everywhere but where it is
//! computed, so a further method of adding needs a type beside `LowRank` and no other vector.

use crate::selection::Selection;
use crate::shape::Parameter;
use std::ops::Range;

/// A pair of low rank beside a matrix W `[outputs, inputs]`: B `[outputs, rank]` · A `[rank, inputs]` (Hu et al., 2022).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LowRank {
    /// The matrix, which stays frozen.
    pub weight: Parameter,
    /// Columns of B and rows of A.
    pub rank: usize,
    /// α: the pair's product counts α / rank times.
    pub alpha: u32,
}

impl LowRank {
    /// Rows of the matrix.
    pub fn outputs(&self) -> usize {
        self.weight.dims[0]
    }

    /// Columns of the matrix.
    pub fn inputs(&self) -> usize {
        self.weight.dims[1]
    }

    /// How much the pair's product counts.
    pub fn scale(&self) -> f32 {
        self.scale64() as f32
    }

    /// The same before it is rounded.
    pub fn scale64(&self) -> f64 {
        f64::from(self.alpha) / self.rank as f64
    }

    /// Scalars of the pair.
    pub fn scalars(&self) -> usize {
        self.rank * (self.outputs() + self.inputs())
    }

    /// The linear layer's name in a checkpoint of the family: its weight's without the ending.
    pub fn layer_name(&self) -> String {
        let name = self.weight.name();
        name.strip_suffix(".weight").map_or_else(|| name.clone(), str::to_owned)
    }
}

/// A tensor that is added to the model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddedTensor {
    /// Its linear layer's name, then `lora_A.weight` or `lora_B.weight` as the library PEFT has it.
    pub name: String,
    /// Rows and columns.
    pub dims: [usize; 2],
    /// Where it stands in the compact vector.
    pub range: Range<usize>,
}

/// What a run trains beside its head.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trainable {
    /// The model's scalars that train.
    pub selection: Selection,
    /// What is added to its matrices, in their canonical order.
    pub added: Vec<LowRank>,
}

impl From<Selection> for Trainable {
    /// Nothing is added.
    fn from(selection: Selection) -> Self {
        Self { selection, added: Vec::new() }
    }
}

impl Trainable {
    /// Number of scalars.
    pub fn len(&self) -> usize {
        self.selection.len() + self.added.iter().map(LowRank::scalars).sum::<usize>()
    }

    /// Whether nothing but the head trains.
    pub fn is_empty(&self) -> bool {
        self.selection.is_empty() && self.added.is_empty()
    }

    /// The tensors that are added, A and B of each pair, in the order in which they stand in the compact vector.
    pub fn tensors(&self) -> Vec<AddedTensor> {
        let mut at = self.selection.len();
        let mut tensors = Vec::with_capacity(2 * self.added.len());
        for pair in &self.added {
            let layer = pair.layer_name();
            let factors = [("lora_A", [pair.rank, pair.inputs()]), ("lora_B", [pair.outputs(), pair.rank])];
            for (factor, dims) in factors {
                let range = at..at + dims[0] * dims[1];
                at = range.end;
                tensors.push(AddedTensor { name: format!("{layer}.{factor}.weight"), dims, range });
            }
        }
        tensors
    }

    /// Makes a model's weights, in canonical order, those that a compact vector stands for: its scalars take their places,
    /// and pairs are added up into their matrices, W + (α / rank) B A, summed in f64. What the vector is too short for stays.
    pub fn apply(&self, trained: &[f32], weights: &mut [f32]) {
        self.selection.put(trained, weights);
        let tensors = self.tensors();
        for (pair, factors) in self.added.iter().zip(tensors.chunks_exact(2)) {
            let [a, b] = [0, 1].map(|i| trained.get(factors[i].range.clone()));
            if let (Some(a), Some(b), Some(matrix)) = (a, b, weights.get_mut(pair.weight.range())) {
                add_product(pair, a, b, matrix);
            }
        }
    }
}

/// Adds what a pair stands for to its matrix.
fn add_product(pair: &LowRank, a: &[f32], b: &[f32], matrix: &mut [f32]) {
    let (rank, inputs) = (pair.rank, pair.inputs());
    let scale = pair.scale64();
    for (row, b) in matrix.chunks_exact_mut(inputs).zip(b.chunks_exact(rank)) {
        for (i, weight) in row.iter_mut().enumerate() {
            let terms = b.iter().enumerate().map(|(j, b)| f64::from(*b) * f64::from(a[j * inputs + i]));
            *weight = (f64::from(*weight) + scale * terms.sum::<f64>()) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::SMALL_SHAPE;
    use crate::mask::{Mask, MaskSwitches};

    #[test]
    fn tensors_stand_end_to_end_and_come_upon_their_matrices() {
        let shape = SMALL_SHAPE;
        let switches = MaskSwitches { pooler_trains: true, ..MaskSwitches::default() };
        let mask: Mask = "lora:2:3 in layers(*).mha.query + layers(2).ffn.output".parse().unwrap();
        let trains = mask.trains(&shape, switches, 1, None).unwrap();
        assert_eq!(trains.added.len(), shape.layers + 1);
        let mut at = trains.selection.len();
        for tensor in trains.tensors() {
            assert_eq!(tensor.range, at..at + tensor.dims[0] * tensor.dims[1], "{}", tensor.name);
            at = tensor.range.end;
        }
        assert_eq!((at, mask.count(&shape, switches)), (trains.len(), Ok(trains.len())));

        let trained: Vec<f32> = (0..trains.len()).map(|i| i as f32 * 0.01).collect();
        let before: Vec<f32> = (0..shape.scalars()).map(|i| (i % 7) as f32).collect();
        let mut after = before.clone();
        trains.apply(&trained, &mut after);
        let last = trains.added.last().unwrap();
        let [a, b] = [trains.tensors().len() - 2, trains.tensors().len() - 1]
            .map(|i| trained[trains.tensors()[i].range.clone()].to_vec());
        let (row, column, inputs) = (3, 5, last.inputs());
        let sum: f32 = (0..2).map(|j| b[row * 2 + j] * a[j * inputs + column]).sum();
        let place = last.weight.offset + row * inputs + column;
        assert!((after[place] - before[place] - 1.5 * sum).abs() < 1e-5);
        let moved = |range: Range<usize>| before[range.clone()] != after[range];
        for p in shape.parameters() {
            let adapted = trains.added.iter().any(|pair| pair.weight == p);
            let trains = adapted || !trains.selection.within(p.range()).is_empty();
            assert_eq!(moved(p.range()), trains, "{}", p.name());
        }
    }
}

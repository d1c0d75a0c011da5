//! A task's head: which tensors it has, and where each stands among its scalars.
//!
//! The outputs' weight and bias come first, then a dense layer's, where the family's head has one. A head trains in every
//! mask and is counted in none.

use crate::family::DenseLayer;
use crate::shape::ModelShape;
use crate::task::TaskKind;
use std::ops::Range;

/// What a task's head reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadReads {
    /// The first token of each sequence, as the family's classes for sequences do.
    First,
    /// The first word piece of each word.
    Words,
}

/// A tensor of a head.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeadTensor {
    /// Its name in a checkpoint of the family.
    pub name: String,
    /// Its dimensions: two of a matrix, one of a vector.
    pub dims: Vec<usize>,
    /// Where it stands among the head's scalars.
    pub range: Range<usize>,
}

/// Where a head's tensors stand among its scalars.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HeadLayout {
    /// Width of what it reads.
    pub hidden: usize,
    /// Its outputs.
    pub outputs: usize,
    /// What stands before the outputs.
    pub dense: Option<DenseLayer>,
}

impl HeadLayout {
    /// The layout of a family's head of so many outputs.
    pub fn new(shape: &ModelShape, reads: HeadReads, outputs: usize) -> Self {
        let dense = match reads {
            HeadReads::First => shape.family.dense(),
            HeadReads::Words => None,
        };
        Self { hidden: shape.hidden, outputs, dense }
    }

    /// The layout of a family's head for a kind of task.
    pub fn of(shape: &ModelShape, kind: &TaskKind) -> Self {
        let reads = if kind.is_tagging() { HeadReads::Words } else { HeadReads::First };
        Self::new(shape, reads, kind.outputs())
    }

    /// The outputs' weight `[outputs, hidden]`.
    pub fn weight(&self) -> Range<usize> {
        0..self.outputs * self.hidden
    }

    /// Their bias `[outputs]`.
    pub fn bias(&self) -> Range<usize> {
        let start = self.weight().end;
        start..start + self.outputs
    }

    /// The dense layer's weight `[hidden, hidden]`; empty without one.
    pub fn dense_weight(&self) -> Range<usize> {
        let start = self.bias().end;
        start..start + self.dense.map_or(0, |_| self.hidden * self.hidden)
    }

    /// Its bias `[hidden]`; empty without one.
    pub fn dense_bias(&self) -> Range<usize> {
        let start = self.dense_weight().end;
        start..start + self.dense.map_or(0, |_| self.hidden)
    }

    /// All its scalars.
    pub fn scalars(&self) -> usize {
        self.dense_bias().end
    }

    /// Its tensors in the order of its scalars.
    pub fn tensors(&self) -> Vec<HeadTensor> {
        let outputs = self.dense.map_or("classifier", |dense| dense.outputs);
        let tensor = |name: &str, part: &str, dims: Vec<usize>, range| HeadTensor {
            name: format!("{name}.{part}"),
            dims,
            range,
        };
        let mut all = vec![
            tensor(outputs, "weight", vec![self.outputs, self.hidden], self.weight()),
            tensor(outputs, "bias", vec![self.outputs], self.bias()),
        ];
        if let Some(dense) = self.dense {
            all.push(tensor(dense.name, "weight", vec![self.hidden; 2], self.dense_weight()));
            all.push(tensor(dense.name, "bias", vec![self.hidden], self.dense_bias()));
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::family::Family;

    #[test]
    fn tensors_stand_end_to_end() {
        let shape = |family| ModelShape { family, hidden: 8, ..ModelShape::BERT_BASE_UNCASED };
        let families = [Family::Bert, Family::DistilBert, Family::Electra { embedding: 4 }];
        for family in families {
            for reads in [HeadReads::First, HeadReads::Words] {
                let head = HeadLayout::new(&shape(family), reads, 3);
                let mut at = 0;
                for tensor in head.tensors() {
                    assert_eq!(tensor.range.start, at, "{family:?} {}", tensor.name);
                    assert_eq!(tensor.range.len(), tensor.dims.iter().product::<usize>());
                    at = tensor.range.end;
                }
                assert_eq!(at, head.scalars());
                let dense = reads == HeadReads::First && family != Family::Bert;
                assert_eq!(at, 3 * 9 + if dense { 8 * 9 } else { 0 });
            }
        }
    }
}

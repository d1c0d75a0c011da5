//! The tensors that the reference engine reads. One of which something trains is a variable of candle's autograd;
//! all others are plain tensors, for which no gradient is asked.
//!
//! The trained scalars live in a compact vector. After an update each variable is made anew from the model and from
//! that vector: what is frozen has no way to move. A matrix beside which a pair of low rank trains is read as their sum.

use super::probe::flat;
use crate::Objective;
use candle_core::backprop::GradStore;
use candle_core::{DType, Device, Error, Result, Tensor, Var};
use candle_nn::{Embedding, Linear};
use std::sync::Arc;
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::{Kind, ModelShape, Parameter};
use tunemask_shared::trainable::{AddedTensor, LowRank, Trainable};

/// A tensor of the encoder.
struct Weight {
    parameter: Parameter,
    /// Its scalars that train.
    selected: Selection,
    tensor: Tensor,
}

/// All tensors of a run.
pub(super) struct Weights {
    shape: ModelShape,
    objective: Objective,
    model: Arc<Vec<f32>>,
    trains: Trainable,
    /// The selection in ascending order, what is added, then the head.
    trained: Vec<f32>,
    /// In canonical order.
    encoder: Vec<Weight>,
    /// A and B of what is added, in its order.
    added: Vec<[Tensor; 2]>,
    /// Weight and bias of the outputs, then of a dense layer before them; of masked language modelling weight, bias, γ, β
    /// and the scores' bias.
    head: Vec<Tensor>,
    dtype: DType,
    device: Device,
}

/// γ and β of a LayerNorm.
pub(super) struct Norm<'a> {
    pub(super) gamma: &'a Tensor,
    pub(super) beta: &'a Tensor,
}

impl Weights {
    /// `more` is what stands in the compact vector behind the selection.
    pub(super) fn new(
        shape: ModelShape,
        model: Arc<Vec<f32>>,
        trains: Trainable,
        objective: Objective,
        more: Vec<f32>,
        dtype: DType,
        device: Device,
    ) -> Result<Self> {
        let mut trained: Vec<f32> = trains.selection.iter().map(|index| model[index]).collect();
        trained.extend(more);
        let (encoder, added, head) = (Vec::new(), Vec::new(), Vec::new());
        let mut made = Self { shape, objective, model, trains, trained, encoder, added, head, dtype, device };
        for parameter in shape.parameters() {
            let selected = made.trains.selection.within(parameter.range());
            let tensor = made.tensor(&parameter, &selected)?;
            made.encoder.push(Weight { parameter, selected, tensor });
        }
        made.added = made.added_tensors()?;
        made.head = made.head_tensors()?;
        Ok(made)
    }

    fn tensor(&self, parameter: &Parameter, selected: &Selection) -> Result<Tensor> {
        let mut values = self.model[parameter.range()].to_vec();
        for range in selected.ranges() {
            let (to, from) = (range.start - parameter.offset, self.trains.selection.rank(range.start));
            values[to..to + range.len()].copy_from_slice(&self.trained[from..from + range.len()]);
        }
        let tensor = Tensor::from_vec(values, parameter.hugging_face_dims(), &self.device)?;
        let tensor = tensor.to_dtype(self.dtype)?;
        if selected.is_empty() { Ok(tensor) } else { Ok(Var::from_tensor(&tensor)?.into_inner()) }
    }

    fn added_tensors(&self) -> Result<Vec<[Tensor; 2]>> {
        let variable = |tensor: &AddedTensor| -> Result<Tensor> {
            let own = Tensor::from_slice(&self.trained[tensor.range.clone()], &tensor.dims, &self.device)?;
            Ok(Var::from_tensor(&own.to_dtype(self.dtype)?)?.into_inner())
        };
        let tensors = self.trains.tensors();
        tensors.chunks_exact(2).map(|pair| Ok([variable(&pair[0])?, variable(&pair[1])?])).collect()
    }

    fn head_tensors(&self) -> Result<Vec<Tensor>> {
        let (outputs, hidden) = (self.objective.outputs(), self.shape.hidden);
        let dims: Vec<Vec<usize>> = match self.objective {
            Objective::MaskedLanguage(_) => {
                vec![vec![hidden, hidden], vec![hidden], vec![hidden], vec![hidden], vec![outputs]]
            }
            Objective::Classification(_)
            | Objective::Regression
            | Objective::Tagging(_)
            | Objective::MultiLabel(_) => {
                self.objective.head(&self.shape).tensors().into_iter().map(|tensor| tensor.dims).collect()
            }
        };
        let mut rest = &self.trained[self.trains.len()..];
        let tensors = dims.into_iter().map(|dims| {
            let (own, others) = rest.split_at(dims.iter().product());
            rest = others;
            let tensor = Tensor::from_slice(own, dims, &self.device)?.to_dtype(self.dtype)?;
            Ok(Var::from_tensor(&tensor)?.into_inner())
        });
        tensors.collect()
    }

    pub(super) fn trained(&self) -> &[f32] {
        &self.trained
    }

    /// Replaces the compact vector, which must be as long as before.
    pub(super) fn set_trained(&mut self, trained: Vec<f32>) -> Result<()> {
        self.trained = trained;
        for i in 0..self.encoder.len() {
            let Weight { parameter, selected, .. } = &self.encoder[i];
            if !selected.is_empty() {
                self.encoder[i].tensor = self.tensor(parameter, selected)?;
            }
        }
        self.added = self.added_tensors()?;
        self.head = self.head_tensors()?;
        Ok(())
    }

    /// The gradient of the compact vector. A tensor that the loss does not depend on has a gradient of 0.
    pub(super) fn gradient(&self, store: &GradStore) -> Result<Vec<f64>> {
        let mut gradient = Vec::with_capacity(self.trained.len());
        let values = |tensor: &Tensor| match store.get(tensor) {
            Some(gradient) => flat(gradient),
            None => Ok(vec![0.0; tensor.elem_count()]),
        };
        for Weight { parameter, selected, tensor } in &self.encoder {
            if !selected.is_empty() {
                let whole = values(tensor)?;
                gradient.extend(selected.iter().map(|index| whole[index - parameter.offset]));
            }
        }
        for tensor in self.added.iter().flatten().chain(&self.head) {
            gradient.extend(values(tensor)?);
        }
        Ok(gradient)
    }

    /// Whether every scalar outside the selection has the model's bits.
    pub(super) fn frozen_unchanged(&self) -> Result<bool> {
        for Weight { parameter, selected, tensor } in &self.encoder {
            let values: Vec<f32> = tensor.flatten_all()?.to_dtype(DType::F32)?.to_vec1()?;
            let model = &self.model[parameter.range()];
            let same = |i: usize| {
                values[i].to_bits() == model[i].to_bits() || selected.contains(parameter.offset + i)
            };
            if !(0..values.len()).all(same) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    pub(super) fn device(&self) -> &Device {
        &self.device
    }

    pub(super) fn dtype(&self) -> DType {
        self.dtype
    }

    pub(super) fn head(&self) -> &[Tensor] {
        &self.head
    }

    /// A tensor of the encoder.
    pub(super) fn get(&self, kind: Kind, layer: Option<usize>) -> Result<&Tensor> {
        let own = |offset| self.encoder.binary_search_by_key(&offset, |w| w.parameter.offset).ok();
        let place = self.shape.parameter(kind, layer).and_then(|p| own(p.offset));
        let place = place.ok_or_else(|| Error::Msg(format!("no {kind:?} in block {layer:?}")))?;
        Ok(&self.encoder[place].tensor)
    }

    pub(super) fn linear(&self, weight: Kind, bias: Kind, layer: Option<usize>) -> Result<Linear> {
        let own = self.get(weight, layer)?;
        let pairs = self.trains.added.iter().zip(&self.added);
        let mut pairs = pairs.filter(|(pair, _)| pair.weight.kind == weight && pair.weight.layer == layer);
        let matrix = pairs.try_fold(own.clone(), |sum, (pair, factors)| sum + product(pair, factors)?)?;
        Ok(Linear::new(matrix, Some(self.get(bias, layer)?.clone())))
    }

    pub(super) fn norm(&self, gamma: Kind, beta: Kind, layer: Option<usize>) -> Result<Norm<'_>> {
        Ok(Norm { gamma: self.get(gamma, layer)?, beta: self.get(beta, layer)? })
    }

    pub(super) fn embedding(&self, kind: Kind) -> Result<Embedding> {
        Ok(Embedding::new(self.get(kind, None)?.clone(), self.shape.embedding()))
    }
}

/// (α / rank) B A.
fn product(pair: &LowRank, [a, b]: &[Tensor; 2]) -> Result<Tensor> {
    b.matmul(a)? * pair.scale64()
}

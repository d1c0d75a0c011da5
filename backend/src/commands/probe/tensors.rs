//! The safetensors files that are written.

use super::steps::Trained;
use crate::tensors::TensorWriter;
use anyhow::{Result, ensure};
use std::path::Path;
use tunemask_engine::Probe;
use tunemask_shared::head::{HeadLayout, HeadTensor};
use tunemask_shared::shape::ModelShape;
use tunemask_shared::trainable::{AddedTensor, Trainable};

/// How a compact vector is laid out: the selection in ascending order, what is added to the model, then the head.
pub struct Layout {
    /// The encoder's shape.
    pub shape: ModelShape,
    /// What trains.
    pub trains: Trainable,
    /// The head.
    pub head: HeadLayout,
}

struct Tensor {
    name: String,
    dims: Vec<usize>,
    values: Vec<f32>,
}

/// Writes logits, loss and gradients, and returns how many gradients there are.
///
/// # Errors
/// A gradient of another length than the mask's; a file that cannot be written.
pub fn write_probe(layout: &Layout, probe: &Probe, path: &Path) -> Result<usize> {
    let gradients = layout.tensors("grad", &probe.gradient, None)?;
    let count = gradients.len();
    let mut file = TensorWriter::default();
    let outputs = layout.head.outputs;
    file.floats("logits", vec![probe.logits.len() / outputs, outputs], probe.logits.as_slice());
    file.floats("loss", vec![], vec![probe.loss as f32]);
    gradients.into_iter().for_each(|t| file.floats(t.name, t.dims, t.values));
    file.write(path)?;
    Ok(count)
}

/// Writes what some steps gave. `weights` are the model's, in canonical order.
///
/// # Errors
/// Scalars of another number than the mask's; a file that cannot be written.
pub fn write_steps(layout: &Layout, trained: &Trained, weights: &[f32], path: &Path) -> Result<()> {
    let mut file = TensorWriter::default();
    let columns = [
        ("loss", &trained.losses),
        ("gradient_norm", &trained.gradient_norms),
        ("learning_rate", &trained.learning_rates),
    ];
    for (name, values) in columns {
        file.floats(name, vec![values.len()], values.as_slice());
    }
    for tensor in layout.tensors("tuned", &trained.scalars, Some(weights))? {
        file.floats(tensor.name, tensor.dims, tensor.values);
    }
    let ones = vec![1.0; trained.scalars.len()];
    for tensor in layout.tensors("trains", &ones, None)? {
        if tensor.values.contains(&0.0) {
            file.floats(tensor.name, tensor.dims, tensor.values);
        }
    }
    file.write(path)?;
    Ok(())
}

impl Layout {
    /// A compact vector, laid out as the tensors that it was gathered from; elsewhere in them are the model's weights if
    /// they are given, or zeros.
    fn tensors(&self, prefix: &str, compact: &[f32], weights: Option<&[f32]>) -> Result<Vec<Tensor>> {
        let (encoder, head) = compact.split_at(self.trains.len().min(compact.len()));
        ensure!(head.len() == self.head.scalars(), "the gradient does not have the mask's length");
        let mut tensors = Vec::new();
        let mut rest = encoder;
        for parameter in self.shape.parameters() {
            let selected = self.trains.selection.within(parameter.range());
            if selected.is_empty() {
                continue;
            }
            let mut values = match weights {
                Some(weights) => weights[parameter.range()].to_vec(),
                None => vec![0.0; parameter.len()],
            };
            for range in selected.ranges() {
                let (here, after) = rest.split_at(range.len());
                let start = range.start - parameter.offset;
                values[start..start + here.len()].copy_from_slice(here);
                rest = after;
            }
            let name = format!("{prefix}.{}", parameter.name());
            tensors.push(Tensor { name, dims: parameter.hugging_face_dims(), values });
        }
        for AddedTensor { name, dims, range } in self.trains.tensors() {
            let (name, values) = (format!("{prefix}.{name}"), encoder[range].to_vec());
            tensors.push(Tensor { name, dims: dims.to_vec(), values });
        }
        for HeadTensor { name, dims, range } in self.head.tensors() {
            tensors.push(Tensor { name: format!("{prefix}.{name}"), dims, values: head[range].to_vec() });
        }
        Ok(tensors)
    }
}

//! The safetensors file that is written.

use crate::tensors::TensorWriter;
use anyhow::{Result, ensure};
use std::path::Path;
use tunemask_shared::selection::Selection;
use tunemask_shared::shape::ModelShape;

/// What a probe found.
pub struct Probe {
    /// The encoder's shape.
    pub shape: ModelShape,
    /// The scalars that train.
    pub selection: Selection,
    /// `[n, outputs]`.
    pub logits: Vec<f32>,
    /// Mean over the batch.
    pub loss: f64,
    /// Of the selection in ascending order, then of the head's weight and bias.
    pub gradient: Vec<f32>,
    /// Outputs of the head.
    pub outputs: usize,
}

struct Tensor {
    name: String,
    dims: Vec<usize>,
    values: Vec<f32>,
}

impl Probe {
    /// Writes the file and returns how many gradients it holds.
    ///
    /// # Errors
    /// A gradient of another length than the mask's; a file that cannot be written.
    pub fn write(&self, path: &Path) -> Result<usize> {
        let gradients = self.gradients()?;
        let count = gradients.len();
        let logits_dims = vec![self.logits.len() / self.outputs, self.outputs];
        let mut tensors = vec![
            Tensor { name: "logits".into(), dims: logits_dims, values: self.logits.clone() },
            Tensor { name: "loss".into(), dims: vec![], values: vec![self.loss as f32] },
        ];
        tensors.extend(gradients);
        let mut file = TensorWriter::default();
        tensors.into_iter().for_each(|t| file.floats(t.name, t.dims, t.values));
        file.write(path)?;
        Ok(count)
    }

    /// The compact vector, laid out as the tensors that it was gathered from.
    fn gradients(&self) -> Result<Vec<Tensor>> {
        let (hidden, outputs) = (self.shape.hidden, self.outputs);
        let (encoder, head) = self.gradient.split_at(self.selection.len().min(self.gradient.len()));
        ensure!(head.len() == outputs * (hidden + 1), "the gradient does not have the mask's length");
        let mut tensors = Vec::new();
        let mut rest = encoder;
        for parameter in self.shape.parameters() {
            let selected = self.selection.within(parameter.range());
            if selected.is_empty() {
                continue;
            }
            let mut values = vec![0.0; parameter.len()];
            for range in selected.ranges() {
                let (here, after) = rest.split_at(range.len());
                let start = range.start - parameter.offset;
                values[start..start + here.len()].copy_from_slice(here);
                rest = after;
            }
            let name = format!("grad.{}", parameter.name());
            tensors.push(Tensor { name, dims: parameter.hugging_face_dims(), values });
        }
        let (weight, bias) = head.split_at(outputs * hidden);
        for (name, dims, values) in [("weight", vec![outputs, hidden], weight), ("bias", vec![outputs], bias)]
        {
            let name = format!("grad.classifier.{name}");
            tensors.push(Tensor { name, dims, values: values.to_vec() });
        }
        Ok(tensors)
    }
}

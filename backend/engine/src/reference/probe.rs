//! What a batch gives in the reference engine.

use crate::{EngineError, Probe};
use candle_core::{DType, Tensor};

/// Logits, mean loss and its gradient in f64.
#[derive(Clone, Debug, PartialEq)]
pub struct ReferenceProbe {
    /// `[reads, outputs]`.
    pub logits: Vec<f64>,
    /// Mean over the batch's reads.
    pub loss: f64,
    /// The gradient of the compact vector, see [`super::Reference::trained`].
    pub gradient: Vec<f64>,
}

impl From<candle_core::Error> for EngineError {
    fn from(error: candle_core::Error) -> Self {
        EngineError::Reference(error.to_string())
    }
}

impl From<ReferenceProbe> for Probe {
    fn from(probe: ReferenceProbe) -> Self {
        let narrow = |values: Vec<f64>| values.into_iter().map(|x| x as f32).collect();
        Probe { logits: narrow(probe.logits), loss: probe.loss, gradient: narrow(probe.gradient) }
    }
}

/// All values of a tensor, row by row.
pub(super) fn flat(tensor: &Tensor) -> candle_core::Result<Vec<f64>> {
    tensor.flatten_all()?.to_dtype(DType::F64)?.to_vec1()
}

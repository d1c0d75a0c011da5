//! Dropout factors as tensors: 0, or 1 / (1 − p), by the counters of the fast engine.

use crate::dropout::{Dropout, Site};
use candle_core::{Result, Tensor};

/// A row that is dropped from: the example's number, and the row's within the example (a token's position, or head and
/// query position of attention).
pub(super) struct Row {
    pub(super) example: u32,
    pub(super) row: usize,
}

/// Multiplies `x` `[rows, width]` with its factors at a site of the network.
pub(super) fn apply_dropout(
    x: &Tensor,
    dropout: Dropout,
    site: Site,
    rows: impl Iterator<Item = Row>,
) -> Result<Tensor> {
    if dropout.is_off() {
        return Ok(x.clone());
    }
    let (count, width) = x.dims2()?;
    let mut factors = vec![0.0f32; count * width];
    for (out, Row { example, row }) in factors.chunks_exact_mut(width).zip(rows) {
        dropout.factors(site, example, row, out);
    }
    x * Tensor::from_vec(factors, (count, width), x.device())?.to_dtype(x.dtype())?
}

//! How fast this processor multiplies.

use super::bf16::{Bf16Product, Bf16Weights, Direction};
use super::kernels::matmul::{Accumulate, Gemm, gemm};
use crate::Precision;
use crate::pass::MatrixPart;
use crate::plan::slots::Slot;
use std::sync::OnceLock;
use std::time::{Duration, Instant};
use tunemask_shared::shape::ModelShape;

/// How long products are timed at least.
const WARM: Duration = Duration::from_millis(50);

/// Multiply-adds a second of this processor's products of a model's size, measured once. In bf16, they are those with
/// frozen matrices; where it has none, they are in f32.
pub(crate) fn products_per_s(shape: &ModelShape, precision: Precision) -> f64 {
    static RATES: [OnceLock<f64>; 2] = [OnceLock::new(), OnceLock::new()];
    let bf16 = Bf16Weights::of(precision).filter(|_| Bf16Weights::check().is_ok());
    *RATES[usize::from(bf16.is_some())].get_or_init(|| {
        let (m, n, k) = (512, shape.intermediate.clamp(64, 3072), shape.hidden.clamp(32, 768));
        let (a, b, mut c) = (vec![0.5; m * k], vec![0.25; n * k], vec![0.0; m * n]);
        // Any frozen matrix.
        let matrix = MatrixPart { slot: Slot::PoolerWeight, part: 0, first: 0, outputs: n, columns: k };
        let accumulate = Accumulate::Overwrite;
        let product = Bf16Product { matrix, direction: Direction::Forward, rows: m, accumulate };
        let mut best = f64::INFINITY;
        // The first of a small size find threads asleep and a processor at rest.
        let begin = Instant::now();
        for _ in (0..).take_while(|&tries| tries < 4 || begin.elapsed() < WARM) {
            let clock = Instant::now();
            match &bf16 {
                Some(bf16) => bf16.product(product, &b, &a, &mut c),
                None => gemm(&mut c, &a, &b, Gemm::nt(m, n, k)),
            }
            best = best.min(clock.elapsed().as_secs_f64());
        }
        (m * n * k) as f64 / best.max(1e-9)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_measured_once() {
        let shape = ModelShape { layers: 4, ..ModelShape::BERT_BASE_UNCASED };
        for precision in [Precision::F32, Precision::FrozenBf16] {
            let rate = products_per_s(&shape, precision);
            assert!(rate.is_finite() && rate > 1e6);
            assert_eq!(rate, products_per_s(&shape, precision));
        }
    }
}

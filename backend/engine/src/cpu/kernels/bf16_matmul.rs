//! Products with frozen matrices in bf16 on the processor: both factors are rounded to bf16, sums are f32.
//!
//! Rows go in groups of a fixed size, so a row of a product has the same bits whatever stands beside it.

use super::matmul::{Accumulate, timed};
use super::onednn::{Packed, ROWS};
use multiversion::multiversion;
use rayon::prelude::*;
use std::cell::RefCell;

thread_local! {
    static INPUT: RefCell<Vec<u16>> = const { RefCell::new(Vec::new()) };
    static OUTPUT: RefCell<Vec<f32>> = const { RefCell::new(Vec::new()) };
}

/// Rounds to the nearest bf16, ties to even; what is not a number stays none.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn round(from: &[f32], to: &mut [u16]) {
    for (to, from) in to.iter_mut().zip(from) {
        let bits = from.to_bits();
        let rounded = bits.wrapping_add(0x7fff + (bits >> 16 & 1)) >> 16;
        let kept = bits >> 16 | 0x40;
        *to = if bits & 0x7fff_ffff > 0x7f80_0000 { kept as u16 } else { rounded as u16 };
    }
}

/// `output[rows, n] (+)= input[rows, k] · matrix`, with all threads.
///
/// # Errors
/// What oneDNN says if it fails.
pub fn product(
    matrix: &Packed,
    rows: usize,
    input: &[f32],
    output: &mut [f32],
    accumulate: Accumulate,
) -> Result<(), String> {
    let (k, n) = (matrix.k(), matrix.n());
    let groups = output[..rows * n].par_chunks_mut(ROWS * n).zip(input[..rows * k].par_chunks(ROWS * k));
    let group = |(output, input): (&mut [f32], &[f32])| {
        INPUT.with_borrow_mut(|rounded| {
            rounded.resize(ROWS * k, 0);
            round(input, rounded);
            rounded[input.len()..].fill(0);
            if accumulate == Accumulate::Overwrite && output.len() == ROWS * n {
                return matrix.product(rounded, output);
            }
            OUTPUT.with_borrow_mut(|own| {
                own.resize(ROWS * n, 0.0);
                matrix.product(rounded, own)?;
                match accumulate {
                    Accumulate::Overwrite => output.copy_from_slice(&own[..output.len()]),
                    Accumulate::Add => output.iter_mut().zip(&*own).for_each(|(y, x)| *y += x),
                }
                Ok(())
            })
        })
    };
    timed(|| groups.try_for_each(group))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cpu::kernels::onednn::Transpose;
    use half::bf16;
    use tunemask_shared::philox::{Purpose, Stream};

    fn random(n: usize, part: u32) -> Vec<f32> {
        let mut s = Stream::new(6, Purpose::Weights, part);
        (0..n).map(|_| s.normal() as f32).collect()
    }

    fn absent() -> bool {
        let absent = crate::cpu::check_bf16().is_err();
        if absent {
            tunemask_shared::fixtures::Requirement::Bf16.skip("this processor has no bf16");
        }
        absent
    }

    #[test]
    fn rounding_is_to_the_nearest_even() {
        let mut cases = random(1000, 0);
        cases.extend([0.0, -0.0, f32::INFINITY, f32::NEG_INFINITY, f32::MAX, f32::MIN_POSITIVE, 1e-41]);
        cases.extend([0x3f80_8000, 0x3f81_8000, 0x3f80_8001, 0x3f80_7fff].map(f32::from_bits));
        let mut got = vec![0; cases.len()];
        round(&cases, &mut got);
        for (x, got) in cases.iter().zip(got) {
            assert_eq!(got, bf16::from_f32(*x).to_bits(), "{x}");
        }
        let not = [f32::NAN, f32::from_bits(0x7fff_ffff), f32::from_bits(0xff80_0001)];
        let mut got = [0; 3];
        round(&not, &mut got);
        assert!(got.into_iter().all(|x| bf16::from_bits(x).is_nan()));
    }

    /// To the definition over the rounded factors, in f64; and what gangs stand on.
    #[test]
    fn products_match_the_definition_and_a_row_has_the_same_bits_in_any_company() {
        if absent() {
            return;
        }
        for (n, k) in [(384, 384), (1536, 384), (384, 1536), (33, 70), (12, 20), (64, 1031)] {
            let (w, x) = (random(n * k, 1), random(300 * k, 2));
            let rounded = |x: f32| f64::from(bf16::from_f32(x).to_f32());
            for transpose in [Transpose::No, Transpose::Yes] {
                let packed = Packed::new(&w, k, n, transpose).unwrap();
                let mut all = vec![1.0; 300 * n];
                product(&packed, 300, &x, &mut all, Accumulate::Overwrite).unwrap();
                for (i, j) in [(0, 0), (31, n - 1), (32, n / 2), (299, 1), (170, n / 3)] {
                    let at = |l: usize| match transpose {
                        Transpose::No => l * n + j,
                        Transpose::Yes => j * k + l,
                    };
                    let terms = (0..k).map(|l| rounded(x[i * k + l]) * rounded(w[at(l)]));
                    let (want, size) = terms.fold((0.0, 0.0), |(sum, size), t| (sum + t, size + t.abs()));
                    let off = (f64::from(all[i * n + j]) - want).abs();
                    assert!(off < 1e-5 * size, "{n} x {k} at {i}, {j}: {off} of {size}");
                }
                for (first, rows) in [(0, 1), (1, 1), (5, 31), (7, 32), (31, 33), (100, 200)] {
                    let mut part = vec![2.0; rows * n];
                    product(&packed, rows, &x[first * k..], &mut part, Accumulate::Overwrite).unwrap();
                    let same = part.iter().zip(&all[first * n..]).all(|(a, b)| a.to_bits() == b.to_bits());
                    assert!(same, "{n} x {k}, {rows} rows from {first}");
                    product(&packed, rows, &x[first * k..], &mut part, Accumulate::Add).unwrap();
                    let twice = part.iter().zip(&all[first * n..]).all(|(a, b)| *a == b + b);
                    assert!(twice, "{n} x {k}, {rows} rows from {first}, added");
                }
            }
        }
    }
}

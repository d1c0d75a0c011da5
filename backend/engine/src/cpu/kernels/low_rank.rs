//! Pairs of low rank beside a matrix: `y += s B A x` and back (Hu et al., 2022).
//!
//! Row by row: a rank is so small that a blocked product would spend its time on packing, and a row has the same bits
//! whatever rows stand beside it.

use super::math;
use crate::parameters::Factors;
use multiversion::multiversion;

/// Scalars of the rows on both sides of the matrix, and where the pair's stand.
#[derive(Clone, Copy, Debug)]
pub struct Widths {
    /// The width of a row of the product.
    pub outputs: usize,
    /// The width of a row that is multiplied.
    pub columns: usize,
    /// The first of the product's that is the pair's.
    pub first: usize,
}

#[inline(always)]
fn dot(a: &[f32], b: &[f32]) -> f32 {
    let n = a.len().min(b.len());
    let (a, b) = (&a[..n], &b[..n]);
    math::sum(n, |i| a[i] * b[i])
}

#[inline(always)]
fn add_scaled(out: &mut [f32], factor: f32, x: &[f32]) {
    out.iter_mut().zip(x).for_each(|(out, x)| *out = factor.mul_add(*x, *out));
}

/// Rows of `y` `[rows, outputs]` receive s B A x of rows of `x` `[rows, columns]`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn forward(factors: Factors<'_>, x: &[f32], y: &mut [f32], widths: Widths) {
    let (Factors { a, b_t, scale, .. }, Widths { columns, first, .. }) = (factors, widths);
    let own = factors.outputs();
    for (x, y) in x.chunks_exact(columns).zip(y.chunks_exact_mut(widths.outputs)) {
        let y = &mut y[first..first + own];
        for (a, b) in a.chunks_exact(columns).zip(b_t.chunks_exact(own)) {
            add_scaled(y, scale * dot(a, x), b);
        }
    }
}

/// Rows of the gradient to `x` receive s Aᵀ Bᵀ d_y.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn backward(factors: Factors<'_>, d_y: &[f32], d_x: &mut [f32], widths: Widths) {
    let (Factors { a, b_t, scale, .. }, Widths { columns, first, .. }) = (factors, widths);
    let own = factors.outputs();
    for (d_y, d_x) in d_y.chunks_exact(widths.outputs).zip(d_x.chunks_exact_mut(columns)) {
        let d_y = &d_y[first..first + own];
        for (a, b) in a.chunks_exact(columns).zip(b_t.chunks_exact(own)) {
            add_scaled(d_x, scale * dot(b, d_y), a);
        }
    }
}

/// Adds the gradients over some rows: `sums` has that of A, Σ s (Bᵀ d_y) xᵀ, then that of Bᵀ, Σ s (A x) d_yᵀ.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn gradient(factors: Factors<'_>, d_y: &[f32], x: &[f32], widths: Widths, sums: &mut [f32]) {
    let (Factors { a, b_t, scale, .. }, Widths { columns, first, .. }) = (factors, widths);
    let own = factors.outputs();
    let (d_a, d_b_t) = sums.split_at_mut(a.len());
    for (d_y, x) in d_y.chunks_exact(widths.outputs).zip(x.chunks_exact(columns)) {
        let d_y = &d_y[first..first + own];
        let rows = a.chunks_exact(columns).zip(b_t.chunks_exact(own));
        let gradients = d_a.chunks_exact_mut(columns).zip(d_b_t.chunks_exact_mut(own));
        for ((a, b), (d_a, d_b)) in rows.zip(gradients) {
            add_scaled(d_a, scale * dot(b, d_y), x);
            add_scaled(d_b, scale * dot(a, x), d_y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the matrix that the pair stands for, s B A.
    #[test]
    fn pairs_act_like_the_matrices_that_they_stand_for() {
        let (rows, columns, outputs, rank, scale) = (3, 5, 4, 2, 1.5f32);
        let widths = Widths { outputs: 7, columns, first: 2 };
        let values = |n: usize, step: f32| (0..n).map(|i| (i as f32 * step).sin()).collect::<Vec<_>>();
        let (a, b_t) = (values(rank * columns, 0.7), values(rank * outputs, 1.3));
        let (x, d_y) = (values(rows * columns, 0.3), values(rows * widths.outputs, 0.9));
        let factors = Factors { a: &a, b_t: &b_t, rank, scale };
        let matrix = |o: usize, c: usize| -> f32 {
            (0..rank).map(|j| scale * b_t[j * outputs + o] * a[j * columns + c]).sum()
        };
        let (mut y, mut d_x) = (vec![1.0; rows * widths.outputs], vec![1.0; rows * columns]);
        let mut sums = vec![1.0; rank * (columns + outputs)];
        forward(factors, &x, &mut y, widths);
        backward(factors, &d_y, &mut d_x, widths);
        gradient(factors, &d_y, &x, widths, &mut sums);
        let near = |got: f32, want: f32| assert!((got - want).abs() < 1e-5, "{got} is not {want}");
        for r in 0..rows {
            for w in 0..widths.outputs {
                let own = w.checked_sub(widths.first).filter(|o| *o < outputs);
                let want = own.map_or(0.0, |o| (0..columns).map(|c| matrix(o, c) * x[r * columns + c]).sum());
                near(y[r * widths.outputs + w], 1.0 + want);
            }
            for c in 0..columns {
                let own = |o: usize| matrix(o, c) * d_y[r * widths.outputs + widths.first + o];
                near(d_x[r * columns + c], 1.0 + (0..outputs).map(own).sum::<f32>());
            }
        }
        // dW of the whole matrix, from which those of its factors follow.
        let d_w = |o: usize, c: usize| -> f32 {
            (0..rows).map(|r| d_y[r * widths.outputs + widths.first + o] * x[r * columns + c]).sum()
        };
        for j in 0..rank {
            for c in 0..columns {
                let want: f32 = (0..outputs).map(|o| scale * b_t[j * outputs + o] * d_w(o, c)).sum();
                near(sums[j * columns + c], 1.0 + want);
            }
            for o in 0..outputs {
                let want: f32 = (0..columns).map(|c| scale * a[j * columns + c] * d_w(o, c)).sum();
                near(sums[rank * columns + j * outputs + o], 1.0 + want);
            }
        }
    }
}

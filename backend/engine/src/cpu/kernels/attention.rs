//! Scaled dot-product attention (Vaswani et al., 2017) of one head over one sequence, and back.
//!
//! `P = softmax(q kᵀ / √d)`, `P' = P ⊙ factors`, `context = P' v`. P is kept; the factors are drawn again.
//! Few queries (the last block computes those that the head reads) are the same code with fewer rows.

use super::buffer::room;
use super::math::{LANES, exp, sum};
use super::matmul::{Gemm, gemm};
use crate::dropout::{Dropout, Site};
use multiversion::multiversion;

/// A sequence's head: what its dropout is keyed by.
#[derive(Clone, Copy)]
pub struct DropoutKey<'a> {
    /// The run's dropout.
    pub dropout: Dropout,
    /// The block.
    pub site: Site,
    /// The example's number.
    pub example: u32,
    /// The head.
    pub head: usize,
    /// Positions of the queries; all of the sequence if not given.
    pub positions: Option<&'a [u32]>,
}

impl DropoutKey<'_> {
    /// Fills the factors of a query over n keys: a query of the same position has the same ones, whatever other
    /// queries are computed.
    fn factors(&self, query: usize, out: &mut [f32]) {
        let position = self.positions.map_or(query, |positions| positions[query] as usize);
        self.dropout.factors(self.site, self.example, self.head * out.len() + position, out);
    }
}

/// Sizes of one head of one sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AttnDims {
    /// Queries: all tokens, or in the last block those that the head reads.
    pub queries: usize,
    /// Keys and values: the sequence's tokens.
    pub keys: usize,
    /// Scalars of each.
    pub width: usize,
}

/// Where a head's rows stand in a projection: `[start + i · stride ..][.. width]` is row i.
#[derive(Clone, Copy)]
pub struct View {
    /// First scalar.
    pub start: usize,
    /// Scalars from row to row.
    pub stride: usize,
}

/// Room for one head of one sequence; grows to the longest sequence and is reused.
#[derive(Default)]
pub struct Scratch {
    /// Queries with bias, scaled by 1 / √d, `[queries, d]`.
    pub q: Vec<f32>,
    /// Keys with bias `[n, d]`.
    pub k: Vec<f32>,
    /// Values with bias `[n, d]`.
    pub v: Vec<f32>,
    /// Context, or its gradient, `[queries, d]`.
    pub context: Vec<f32>,
    /// Gradients to q, k and v.
    pub d_q: Vec<f32>,
    /// See `d_q`.
    pub d_k: Vec<f32>,
    /// See `d_q`.
    pub d_v: Vec<f32>,
    /// P of a trunk, which nothing reads again `[queries, n]`.
    pub probabilities: Vec<f32>,
    dropped: Vec<f32>,
    d_p: Vec<f32>,
    factors: Vec<f32>,
}

/// Copies a head's rows out of a projection, adding the bias and multiplying by `scale`.
pub fn gather(to: &mut Vec<f32>, rows: usize, from: &[f32], view: View, bias: &[f32], scale: f32) {
    let width = bias.len();
    for (i, row) in room(to, rows * width).chunks_exact_mut(width).enumerate() {
        let start = view.start + i * view.stride;
        for ((to, from), bias) in row.iter_mut().zip(&from[start..start + width]).zip(bias) {
            *to = (from + bias) * scale;
        }
    }
}

/// From gathered q, k, v: writes P `[queries, n]` to `probabilities` and the context to the scratch.
pub fn forward(
    s: &mut Scratch,
    AttnDims { queries, keys: n, width: d }: AttnDims,
    key: DropoutKey<'_>,
    probabilities: &mut [f32],
) {
    gemm(probabilities, &s.q, &s.k, Gemm::nt(queries, n, d).on_one_thread());
    probabilities.chunks_exact_mut(n).take(queries).for_each(softmax);
    let context = room(&mut s.context, queries * d);
    if key.dropout.is_off() {
        gemm(context, probabilities, &s.v, Gemm::nn(queries, d, n).on_one_thread());
    } else {
        let dropped = room(&mut s.dropped, queries * n);
        let factors = room(&mut s.factors, n);
        for (i, (row, p)) in dropped.chunks_exact_mut(n).zip(probabilities.chunks_exact(n)).enumerate() {
            key.factors(i, factors);
            row.iter_mut().zip(p).zip(&*factors).for_each(|((row, p), f)| *row = p * f);
        }
        gemm(context, dropped, &s.v, Gemm::nn(queries, d, n).on_one_thread());
    }
}

/// From gathered q, k, v, the kept P, and the gradient to the context in the scratch: writes d_q, d_k, d_v.
///
/// `scale` is 1 / √d, which q holds already.
pub fn backward(
    s: &mut Scratch,
    AttnDims { queries, keys: n, width: d }: AttnDims,
    key: DropoutKey<'_>,
    probabilities: &[f32],
    scale: f32,
) {
    let gradient = &s.context[..queries * d];
    let d_p = room(&mut s.d_p, queries * n);
    gemm(d_p, gradient, &s.v, Gemm::nt(queries, n, d).on_one_thread());
    let dropped = room(&mut s.dropped, queries * n);
    let factors = room(&mut s.factors, n);
    for i in 0..queries {
        key.factors(i, factors);
        let row = i * n..(i + 1) * n;
        softmax_backward(&mut d_p[row.clone()], &probabilities[row.clone()], factors, &mut dropped[row]);
    }
    let d_v = room(&mut s.d_v, n * d);
    gemm(d_v, dropped, gradient, Gemm::tn(n, d, queries).on_one_thread());
    let d_q = room(&mut s.d_q, queries * d);
    gemm(d_q, d_p, &s.k, Gemm { scale, ..Gemm::nn(queries, d, n).on_one_thread() });
    let d_k = room(&mut s.d_k, n * d);
    gemm(d_k, d_p, &s.q, Gemm::tn(n, d, queries).on_one_thread());
}

/// A row of scores becomes probabilities. A row of which an element is not-a-number becomes not-a-number.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn softmax(row: &mut [f32]) {
    let mut lanes = [f32::NEG_INFINITY; LANES];
    let whole = row.len() - row.len() % LANES;
    for part in row[..whole].chunks_exact(LANES) {
        for (lane, &x) in lanes.iter_mut().zip(part) {
            *lane = if x > *lane { x } else { *lane };
        }
    }
    for (lane, &x) in lanes.iter_mut().zip(&row[whole..]) {
        *lane = if x > *lane { x } else { *lane };
    }
    let most = lanes.iter().fold(f32::NEG_INFINITY, |a, &b| if b > a { b } else { a });
    for x in row.iter_mut() {
        *x = exp(*x - most);
    }
    let inverse = 1.0 / sum(row.len(), |i| row[i]);
    for x in row.iter_mut() {
        *x *= inverse;
    }
}

/// `d_p` becomes `P' ⊙ d_p − P Σ(P' ⊙ d_p)`, and `dropped` receives `P' = P ⊙ factor`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn softmax_backward(d_p: &mut [f32], p: &[f32], factors: &[f32], dropped: &mut [f32]) {
    let n = d_p.len();
    let (p, factors, dropped) = (&p[..n], &factors[..n], &mut dropped[..n]);
    for i in 0..n {
        dropped[i] = p[i] * factors[i];
        d_p[i] *= dropped[i];
    }
    let total = sum(n, |i| d_p[i]);
    #[cfg(test)]
    let total = super::planted::sign(super::planted::TurnedSign::SoftmaxSum) * total;
    for i in 0..n {
        d_p[i] = p[i].mul_add(-total, d_p[i]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn probabilities_add_up_to_one_and_survive_large_scores() {
        for n in [1, 5, 16, 33, 128] {
            let mut row: Vec<f32> = (0..n).map(|i| 300.0 - i as f32).collect();
            softmax(&mut row);
            assert!((row.iter().sum::<f32>() - 1.0).abs() < 1e-6);
            assert!(n == 1 || (row[1] / row[0] - (-1.0f32).exp()).abs() < 1e-6);
            assert!(row.iter().all(|&p| (0.0..=1.0).contains(&p)));
        }
        let mut row = vec![1.0, f32::NAN, 2.0];
        softmax(&mut row);
        assert!(row.iter().all(|x| x.is_nan()));
    }
}

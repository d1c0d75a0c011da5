//! One update of AdamW (Loshchilov and Hutter, 2019) on a compact vector, and the decay before it.

use multiversion::multiversion;
use rayon::prelude::*;

/// Scalars that one task updates.
const PART: usize = 1 << 14;

/// The factors of one update: `θ −= rate · m / (root · √v + ε)`, with moments of the clipped gradient.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Factors {
    /// Decay of the first moment.
    pub beta1: f32,
    /// Decay of the second moment.
    pub beta2: f32,
    /// Learning rate, corrected for the moments' start at 0.
    pub rate: f32,
    /// What corrects the second moment's root.
    pub root: f32,
    /// ε.
    pub epsilon: f32,
    /// The factor of the gradient; 1 leaves it as it is, to the bit.
    pub clip: f32,
}

/// Shrinks weights by a factor.
pub fn decay(theta: &mut [f32], keep: f32) {
    theta.par_chunks_mut(PART).for_each(|part| part.iter_mut().for_each(|x| *x *= keep));
}

/// One update of all scalars `theta` and of their moments, each `[n]`.
pub fn update(theta: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], f: Factors) {
    theta
        .par_chunks_mut(PART)
        .zip(gradient.par_chunks(PART))
        .zip(first.par_chunks_mut(PART).zip(second.par_chunks_mut(PART)))
        .for_each(|((theta, gradient), (first, second))| part(theta, gradient, first, second, f));
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn part(theta: &mut [f32], gradient: &[f32], first: &mut [f32], second: &mut [f32], f: Factors) {
    let n = theta.len();
    let (gradient, first, second) = (&gradient[..n], &mut first[..n], &mut second[..n]);
    for i in 0..n {
        let g = gradient[i] * f.clip;
        first[i] = (g - first[i]).mul_add(1.0 - f.beta1, first[i]);
        second[i] = (g * g).mul_add(1.0 - f.beta2, second[i] * f.beta2);
        theta[i] -= f.rate * first[i] / f.root.mul_add(second[i].sqrt(), f.epsilon);
    }
}

//! LayerNorm (Ba et al., 2016) over one row, with what surrounds it in a post-norm block.
//!
//! Forward: `z = residual + factor ⊙ (product + bias)`, `x̂ = (z − mean z) / √(var z + ε)`, `y = γ ⊙ x̂ + β`,
//! with the variance over n, not n − 1. Kept for the backward pass: x̂ and 1 / √(var + ε).

use super::math::sum;
use multiversion::multiversion;

/// γ, β `[hidden]` and ε of one LayerNorm.
#[derive(Clone, Copy)]
pub struct Norm<'a> {
    /// Scale.
    pub gamma: &'a [f32],
    /// Shift.
    pub beta: &'a [f32],
    /// Added to the variance.
    pub epsilon: f32,
}

#[inline(always)]
fn normalise(z: &mut [f32], y: &mut [f32], norm: Norm<'_>) -> f32 {
    let n = z.len();
    let (y, gamma, beta) = (&mut y[..n], &norm.gamma[..n], &norm.beta[..n]);
    let mean = sum(n, |i| z[i]) / n as f32;
    let variance = sum(n, |i| (z[i] - mean) * (z[i] - mean)) / n as f32;
    let rstd = 1.0 / (variance + norm.epsilon).sqrt();
    for i in 0..n {
        let x_hat = (z[i] - mean) * rstd;
        z[i] = x_hat;
        y[i] = gamma[i].mul_add(x_hat, beta[i]);
    }
    rstd
}

/// One row of a block's LayerNorm: x̂ is written to `x_hat`, `y` is written, 1 / √(var + ε) returned.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn forward(
    product: &[f32],
    bias: &[f32],
    factors: &[f32],
    residual: &[f32],
    x_hat: &mut [f32],
    y: &mut [f32],
    norm: Norm<'_>,
) -> f32 {
    let n = x_hat.len();
    let (product, bias, factors, residual) = (&product[..n], &bias[..n], &factors[..n], &residual[..n]);
    for i in 0..n {
        x_hat[i] = factors[i].mul_add(product[i] + bias[i], residual[i]);
    }
    normalise(x_hat, y, norm)
}

/// One row of the embeddings: `z` is the sum of its three, `y` is normalised and then dropped out.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn forward_embedding(z: &mut [f32], factors: &[f32], y: &mut [f32], norm: Norm<'_>) -> f32 {
    let rstd = normalise(z, y, norm);
    for (y, factor) in y.iter_mut().zip(factors) {
        *y *= factor;
    }
    rstd
}

/// Sums over rows that [`backward`] adds to, each `[hidden]`.
pub struct Sums<'a> {
    /// Σ d_y ⊙ x̂.
    pub gamma: &'a mut [f32],
    /// Σ d_y.
    pub beta: &'a mut [f32],
    /// Σ of the gradient to the product, which is the bias's.
    pub bias: &'a mut [f32],
}

/// One row back: `d_y` becomes the gradient to `z` (and so to the residual), `product` receives the gradient to
/// the product.
///
/// `d_z = (γ⊙d_y − mean(γ⊙d_y) − x̂ · mean(γ⊙d_y⊙x̂)) / √(var + ε)`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn backward(
    d_y: &mut [f32],
    x_hat: &[f32],
    rstd: f32,
    gamma: &[f32],
    factors: &[f32],
    product: &mut [f32],
    sums: &mut Sums<'_>,
) {
    let n = d_y.len();
    let (x_hat, gamma, factors, product) = (&x_hat[..n], &gamma[..n], &factors[..n], &mut product[..n]);
    let mean = sum(n, |i| d_y[i] * gamma[i]) / n as f32;
    #[cfg(test)]
    let mean = super::planted::sign(super::planted::TurnedSign::NormMean) * mean;
    let dot = sum(n, |i| d_y[i] * gamma[i] * x_hat[i]) / n as f32;
    let (d_gamma, d_beta, d_bias) = (&mut sums.gamma[..n], &mut sums.beta[..n], &mut sums.bias[..n]);
    for i in 0..n {
        d_gamma[i] = d_y[i].mul_add(x_hat[i], d_gamma[i]);
        d_beta[i] += d_y[i];
        let d_z = rstd * x_hat[i].mul_add(-dot, d_y[i].mul_add(gamma[i], -mean));
        d_y[i] = d_z;
        product[i] = d_z * factors[i];
        d_bias[i] += product[i];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_normalised_and_its_gradient_is_its_slope() {
        let n = 21;
        let wave = |k: f32| (0..n).map(|i| (i as f32 * k).sin() * 2.0).collect::<Vec<f32>>();
        let (product, bias, residual, gamma, beta, d_y) =
            (wave(0.7), wave(0.3), wave(1.1), wave(0.9), wave(0.2), wave(1.7));
        let factors: Vec<f32> = (0..n).map(|i| if i % 5 == 0 { 0.0 } else { 1.25 }).collect();
        let norm = Norm { gamma: &gamma, beta: &beta, epsilon: 1e-5 };
        // The same in f64, as the definition reads.
        let reference = |product: &[f64]| -> Vec<f64> {
            let z: Vec<f64> = (0..n)
                .map(|i| f64::from(residual[i]) + f64::from(factors[i]) * (product[i] + f64::from(bias[i])))
                .collect();
            let mean = z.iter().sum::<f64>() / n as f64;
            let variance = z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / n as f64;
            let x_hat = |i: usize| (z[i] - mean) / (variance + 1e-5).sqrt();
            (0..n).map(|i| f64::from(gamma[i]) * x_hat(i) + f64::from(beta[i])).collect()
        };
        let exact: Vec<f64> = product.iter().map(|&p| f64::from(p)).collect();
        let (mut x_hat, mut y) = (vec![0.0; n], vec![0.0; n]);
        let rstd = forward(&product, &bias, &factors, &residual, &mut x_hat, &mut y, norm);
        let want = reference(&exact);
        assert!(y.iter().zip(&want).all(|(y, w)| (f64::from(*y) - w).abs() < 1e-5), "{y:?} {want:?}");

        let (mut d_z, mut d_product) = (d_y.clone(), vec![0.0; n]);
        let mut sums = [vec![0.0; n], vec![0.0; n], vec![0.0; n]];
        let [g, b, a] = &mut sums;
        backward(
            &mut d_z,
            &x_hat,
            rstd,
            &gamma,
            &factors,
            &mut d_product,
            &mut Sums { gamma: g, beta: b, bias: a },
        );
        for i in 0..n {
            let dot = |sign: f64| -> f64 {
                let mut moved = exact.clone();
                moved[i] += sign * 1e-5;
                reference(&moved).iter().zip(&d_y).map(|(y, d)| y * f64::from(*d)).sum()
            };
            let want = (dot(1.0) - dot(-1.0)) / 2e-5;
            assert!((f64::from(d_product[i]) - want).abs() < 2e-4, "{i}: {} {want}", d_product[i]);
        }
        assert!(sums[0].iter().zip(d_y.iter().zip(&x_hat)).all(|(s, (d, h))| (s - d * h).abs() < 1e-6));
        assert_eq!((&sums[1], &sums[2]), (&d_y, &d_product));
    }
}

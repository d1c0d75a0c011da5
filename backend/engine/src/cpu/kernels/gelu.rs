//! GELU (Hendrycks and Gimpel, 2016) in its exact form, `u Φ(u)`, over rows with their bias.

use super::math::normal;
use multiversion::multiversion;

/// Rows `[rows, width]`: `product + bias` is u; `out` receives `u Φ(u)`, `grad` receives `Φ(u) + u φ(u)`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn forward(product: &[f32], bias: &[f32], grad: &mut [f32], out: &mut [f32]) {
    let width = bias.len();
    #[cfg(test)]
    let sign = super::planted::sign(super::planted::TurnedSign::GeluDerivative);
    let rows = product.chunks_exact(width).zip(grad.chunks_exact_mut(width));
    for ((row, grad), out) in rows.zip(out.chunks_exact_mut(width)) {
        for i in 0..width {
            let u = row[i] + bias[i];
            let (cdf, density) = normal(u);
            out[i] = u * cdf;
            #[cfg(test)]
            let density = sign * density;
            grad[i] = u.mul_add(density, cdf);
        }
    }
}

/// The same without the derivative.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn value(product: &[f32], bias: &[f32], out: &mut [f32]) {
    let width = bias.len();
    for (row, out) in product.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
        for i in 0..width {
            let u = row[i] + bias[i];
            out[i] = u * normal(u).0;
        }
    }
}

/// Rows back: `gradient` is multiplied by the derivative, and its columns are added to `bias`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn backward(gradient: &mut [f32], grad: &[f32], bias: &mut [f32]) {
    let width = bias.len();
    for (row, grad) in gradient.chunks_exact_mut(width).zip(grad.chunks_exact(width)) {
        for i in 0..width {
            row[i] *= grad[i];
            bias[i] += row[i];
        }
    }
}

/// Adds the columns of `rows` to `sums`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
pub fn add_columns(rows: &[f32], sums: &mut [f32]) {
    for row in rows.chunks_exact(sums.len()) {
        for (sum, x) in sums.iter_mut().zip(row) {
            *sum += x;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_slopes_are_the_definitions() {
        let bias = [0.5, -0.25, 0.0];
        let mut rows: Vec<f32> = (0..30).map(|i| i as f32 * 0.4 - 6.0).collect();
        let u: Vec<f64> = rows.iter().enumerate().map(|(i, x)| f64::from(x + bias[i % 3])).collect();
        let (mut out, mut alone) = (vec![0.0; 30], vec![0.0; 30]);
        value(&rows, &bias, &mut alone);
        let product = rows.clone();
        forward(&product, &bias, &mut rows, &mut out);
        assert_eq!(out, alone);
        // d/du (u Φ(u)) by differences of values that the integral of φ gives (Simpson's rule).
        let phi = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
        let cdf = |u: f64| {
            let (n, h) = (4000, (u + 12.0) / 4000.0);
            let inner: f64 = (1..n).map(|k| (2.0 + 2.0 * (k % 2) as f64) * phi(-12.0 + h * k as f64)).sum();
            h / 3.0 * (phi(-12.0) + phi(u) + inner)
        };
        for i in 0..30 {
            assert!((f64::from(out[i]) - u[i] * cdf(u[i])).abs() < 2e-6, "value at {}", u[i]);
            let grad = ((u[i] + 1e-4) * cdf(u[i] + 1e-4) - (u[i] - 1e-4) * cdf(u[i] - 1e-4)) / 2e-4;
            assert!((f64::from(rows[i]) - grad).abs() < 2e-6, "grad at {}", u[i]);
        }
        let (mut gradient, mut sums) = (vec![2.0; 30], vec![1.0; 3]);
        backward(&mut gradient, &rows, &mut sums);
        for (c, sum) in sums.iter().enumerate() {
            let want = 1.0 + rows.iter().skip(c).step_by(3).map(|s| 2.0 * s).sum::<f32>();
            assert!((sum - want).abs() < 1e-4);
        }
    }
}

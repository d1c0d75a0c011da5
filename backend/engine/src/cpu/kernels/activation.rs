//! Activations over rows with their bias: GELU in `gelu.rs`, and the others here.

use super::gelu;
use super::math::exp;
use multiversion::multiversion;
use tunemask_shared::family::Activation;

/// √(2/π).
const SQRT_2_OVER_PI: f32 = 0.797_884_6;
/// The coefficient of u³ in the approximation of GELU (Hendrycks and Gimpel, 2016).
const CUBIC: f32 = 0.044_715;

/// Rows `[rows, width]`: `product + bias` is u; `out` receives the activation of u, `grad` its derivative there.
pub fn forward(activation: Activation, product: &[f32], bias: &[f32], grad: &mut [f32], out: &mut [f32]) {
    match activation {
        Activation::Gelu => gelu::forward(product, bias, grad, out),
        Activation::GeluTanh => gelu_tanh(product, bias, grad, out),
        Activation::Relu => relu(product, bias, grad, out),
        Activation::Tanh => tanh(product, bias, grad, out),
    }
}

/// The same without the derivative.
pub fn value(activation: Activation, product: &[f32], bias: &[f32], out: &mut [f32]) {
    match activation {
        Activation::Gelu => gelu::value(product, bias, out),
        Activation::GeluTanh => gelu_tanh_value(product, bias, out),
        Activation::Relu => relu_value(product, bias, out),
        Activation::Tanh => tanh_value(product, bias, out),
    }
}

/// ½ (1 + tanh y) = 1 / (1 + e^−2y), without cancellation where y is far below 0.
#[inline(always)]
fn half_tanh(u: f32) -> f32 {
    let y = SQRT_2_OVER_PI * u * (CUBIC * u).mul_add(u, 1.0);
    1.0 / (1.0 + exp(-2.0 * y))
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn gelu_tanh(product: &[f32], bias: &[f32], grad: &mut [f32], out: &mut [f32]) {
    let width = bias.len();
    let rows = product.chunks_exact(width).zip(grad.chunks_exact_mut(width));
    for ((row, grad), out) in rows.zip(out.chunks_exact_mut(width)) {
        for i in 0..width {
            let u = row[i] + bias[i];
            let share = half_tanh(u);
            out[i] = u * share;
            // d y / d u
            let derivative = SQRT_2_OVER_PI * (3.0 * CUBIC * u).mul_add(u, 1.0);
            grad[i] = (2.0 * u * derivative * share).mul_add(1.0 - share, share);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn gelu_tanh_value(product: &[f32], bias: &[f32], out: &mut [f32]) {
    let width = bias.len();
    for (row, out) in product.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
        for i in 0..width {
            let u = row[i] + bias[i];
            out[i] = u * half_tanh(u);
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn relu(product: &[f32], bias: &[f32], grad: &mut [f32], out: &mut [f32]) {
    let width = bias.len();
    let rows = product.chunks_exact(width).zip(grad.chunks_exact_mut(width));
    for ((row, grad), out) in rows.zip(out.chunks_exact_mut(width)) {
        for i in 0..width {
            let u = row[i] + bias[i];
            out[i] = above_zero(u);
            grad[i] = if u > 0.0 { 1.0 } else { 0.0 };
        }
    }
}

#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn relu_value(product: &[f32], bias: &[f32], out: &mut [f32]) {
    let width = bias.len();
    for (row, out) in product.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
        for i in 0..width {
            out[i] = above_zero(row[i] + bias[i]);
        }
    }
}

/// max(u, 0). Not-a-number stays one, so that a run that diverges is seen.
#[inline(always)]
fn above_zero(u: f32) -> f32 {
    if u <= 0.0 { 0.0 } else { u }
}

fn tanh(product: &[f32], bias: &[f32], grad: &mut [f32], out: &mut [f32]) {
    tanh_value(product, bias, out);
    grad.iter_mut().zip(out).for_each(|(grad, y)| *grad = 1.0 - *y * *y);
}

fn tanh_value(product: &[f32], bias: &[f32], out: &mut [f32]) {
    let width = bias.len();
    for (row, out) in product.chunks_exact(width).zip(out.chunks_exact_mut(width)) {
        out.iter_mut().zip(row).zip(bias).for_each(|((out, x), bias)| *out = (x + bias).tanh());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// By the definition in f64.
    fn exact(activation: Activation, u: f64) -> f64 {
        match activation {
            Activation::GeluTanh => {
                0.5 * u * (1.0 + ((2.0 / std::f64::consts::PI).sqrt() * (u + 0.044715 * u.powi(3))).tanh())
            }
            Activation::Relu => u.max(0.0),
            Activation::Tanh => u.tanh(),
            Activation::Gelu => unreachable!("gelu.rs has its tests"),
        }
    }

    #[test]
    fn values_and_slopes_are_the_definitions() {
        let bias = [0.5, -0.25, 0.125];
        let rows: Vec<f32> = (0..60).map(|i| i as f32 * 0.4 - 12.0).collect();
        for activation in [Activation::GeluTanh, Activation::Relu, Activation::Tanh] {
            let (mut out, mut grad, mut alone) = (vec![0.0; 60], vec![0.0; 60], vec![0.0; 60]);
            forward(activation, &rows, &bias, &mut grad, &mut out);
            value(activation, &rows, &bias, &mut alone);
            assert_eq!(out, alone);
            for (i, (out, grad)) in out.iter().zip(&grad).enumerate() {
                let u = f64::from(rows[i] + bias[i % 3]);
                assert!((f64::from(*out) - exact(activation, u)).abs() < 2e-6, "{activation:?} at {u}");
                let derivative = (exact(activation, u + 1e-6) - exact(activation, u - 1e-6)) / 2e-6;
                assert!((f64::from(*grad) - derivative).abs() < 2e-6, "{activation:?}'s derivative at {u}");
            }
            let mut lost = [0.0];
            value(activation, &[f32::NAN], &[0.0], &mut lost);
            assert!(lost[0].is_nan(), "{activation:?}");
        }
    }
}

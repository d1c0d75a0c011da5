//! Losses over logits, with their gradients, and sums of squares.

use super::math::{LANES, exp, sum};
use multiversion::multiversion;
use rayon::prelude::*;

/// Σ w ℓ / n of `targets` `[reads]` under logits `[reads, classes]`, with the cross-entropy ℓ = −log softmax(logits) at the target, and
/// its class's weight w, or 1, in f64; `gradient` `[reads, classes]` receives its gradient to the logits.
pub fn cross_entropy(
    classes: usize,
    logits: &[f32],
    targets: &[f32],
    weights: Option<&[f32]>,
    n: f64,
    gradient: &mut [f32],
) -> f64 {
    let rows = logits.chunks_exact(classes).zip(gradient.chunks_exact_mut(classes)).zip(targets);
    let mut total = 0.0;
    for ((row, gradient), &target) in rows {
        let most = row.iter().fold(f32::NEG_INFINITY, |a, &b| a.max(b));
        let norm: f64 = row.iter().map(|&x| f64::from(x - most).exp()).sum();
        let label = target as usize;
        let weight = weights.map_or(1.0, |weights| f64::from(weights[label]));
        total += weight * (norm.ln() - f64::from(row[label] - most));
        for (i, (g, &x)) in gradient.iter_mut().zip(row).enumerate() {
            let p = f64::from(x - most).exp() / norm;
            *g = (weight * (p - f64::from(u8::from(i == label))) / n) as f32;
        }
    }
    total / n
}

/// Σ `(logit − target)²` / n over `targets` `[reads]` in f64; `gradient` `[reads]` receives its gradient to the logits.
pub fn squared_error(logits: &[f32], targets: &[f32], n: f64, gradient: &mut [f32]) -> f64 {
    let mut total = 0.0;
    for ((&logit, gradient), &target) in logits.iter().zip(gradient).zip(targets) {
        let error = f64::from(logit) - f64::from(target);
        total += error * error;
        *gradient = (2.0 * error / n) as f32;
    }
    total / n
}

/// Σ / n over all of `targets` `[reads, labels]`, each 0 or 1, of the cross-entropy of σ(logit), in f64; `gradient`
/// `[reads, labels]` receives its gradient to the logits.
///
/// −t log σ(x) − (1 − t) log(1 − σ(x)) = max(x, 0) − t x + log(1 + e^−|x|), which no logit takes out of range.
pub fn binary_cross_entropy(logits: &[f32], targets: &[f32], n: f64, gradient: &mut [f32]) -> f64 {
    let mut total = 0.0;
    for ((&logit, gradient), &target) in logits.iter().zip(gradient).zip(targets) {
        let (x, t) = (f64::from(logit), f64::from(target));
        total += x.max(0.0) - t * x + (-x.abs()).exp().ln_1p();
        *gradient = ((1.0 / (1.0 + (-x).exp()) - t) / n) as f32;
    }
    total / n
}

/// The cross-entropy of `targets` `[reads]` under logits `[reads, vocabulary]`, summed and divided by n; `gradient` receives its
/// gradient to the logits. A row is summed in f32, the rows in f64.
pub fn masked_language(
    vocabulary: usize,
    logits: &[f32],
    targets: &[f32],
    n: f64,
    gradient: &mut [f32],
) -> f64 {
    let rows = logits.par_chunks(vocabulary).zip(gradient.par_chunks_mut(vocabulary)).zip(targets);
    let losses: Vec<f64> = rows.map(|((row, out), &target)| softmax(row, target as usize, out, n)).collect();
    losses.iter().sum::<f64>() / n
}

/// `−log softmax(row)[label]`; `out` receives its gradient over `n`.
#[multiversion(targets("x86_64+avx512f+avx512bw+avx512dq+avx512vl+avx2+fma", "x86_64+avx2+fma"))]
fn softmax(row: &[f32], label: usize, out: &mut [f32], n: f64) -> f64 {
    let out = &mut out[..row.len()];
    let mut most = [f32::NEG_INFINITY; LANES];
    for (i, &x) in row.iter().enumerate() {
        most[i % LANES] = most[i % LANES].max(x);
    }
    let most = most.into_iter().fold(f32::NEG_INFINITY, f32::max);
    for (out, x) in out.iter_mut().zip(row) {
        *out = exp(x - most);
    }
    let norm = sum(out.len(), |i| out[i]);
    let factor = (1.0 / (f64::from(norm) * n)) as f32;
    out.iter_mut().for_each(|x| *x *= factor);
    out[label] -= (1.0 / n) as f32;
    f64::from(norm).ln() - f64::from(row[label] - most)
}

/// Σ x² in f64.
pub fn sum_of_squares(x: &[f32]) -> f64 {
    x.iter().map(|&x| f64::from(x) * f64::from(x)).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn losses_and_slopes_are_the_definitions() {
        let logits = [1.0, -0.5, 0.25, 100.0, 0.0, -100.0];
        let targets = [1.0, 0.0];
        let mut gradient = [0.0; 6];
        let got = cross_entropy(3, &logits, &targets, None, 2.0, &mut gradient);
        let norm = 1f64.exp() + (-0.5f64).exp() + 0.25f64.exp();
        assert!((got - (norm.ln() + 0.5) / 2.0).abs() < 1e-12);
        assert!((f64::from(gradient[1]) - ((-0.5f64).exp() / norm - 1.0) / 2.0).abs() < 1e-7);
        assert!(gradient[..3].iter().sum::<f32>().abs() < 1e-7);

        // Weighed, and of a batch whose weights add up to 5.
        let weights = [4.0, 0.25, 1.0];
        let weighed = cross_entropy(3, &logits, &targets, Some(&weights), 5.0, &mut gradient);
        assert!((weighed - 0.25 * (norm.ln() + 0.5) / 5.0).abs() < 1e-12);
        assert!((f64::from(gradient[1]) - 0.25 * ((-0.5f64).exp() / norm - 1.0) / 5.0).abs() < 1e-7);

        let mut gradient = [0.0; 2];
        assert_eq!(squared_error(&[1.0, 3.0], &[2.0, 0.0], 2.0, &mut gradient), 5.0);
        assert_eq!(gradient, [-1.0, 3.0]);
        assert!(cross_entropy(3, &[f32::NAN; 3], &[0.0], None, 1.0, &mut [0.0; 3]).is_nan());

        let mut gradient = [0.0; 4];
        let got = binary_cross_entropy(&[0.5, -2.0, 1e4, -1e4], &[1.0, 0.0, 0.0, 0.0], 4.0, &mut gradient);
        let want = (1.0 + (-0.5f64).exp()).ln() + (1.0 + (-2f64).exp()).ln() + 1e4;
        assert!((got - want / 4.0).abs() < 1e-12, "{got}");
        let derivative = |x: f64, t: f64| (1.0 / (1.0 + (-x).exp()) - t) / 4.0;
        assert!((f64::from(gradient[0]) - derivative(0.5, 1.0)).abs() < 1e-7);
        assert!((f64::from(gradient[1]) - derivative(-2.0, 0.0)).abs() < 1e-7);
        assert_eq!(gradient[2..], [0.25, 0.0]);
        assert!(binary_cross_entropy(&[f32::NAN], &[0.0], 1.0, &mut [0.0]).is_nan());
    }
}

//! Pearson's r.

/// Pearson's r of two columns of equal length.
///
/// Not-a-number if one is constant, holds a number that is not finite, or has fewer than two rows.
pub fn pearson(x: &[f64], y: &[f64]) -> f64 {
    let constant = |v: &[f64]| v.iter().all(|&a| a == v[0]);
    if x.len() < 2 || x.len() != y.len() || constant(x) || constant(y) {
        return f64::NAN;
    }
    // Each column is scaled to length 1 before the product, as SciPy does: sums of squares would overflow first.
    let centred = |v: &[f64]| {
        let mean = v.iter().sum::<f64>() / v.len() as f64;
        let away: Vec<f64> = v.iter().map(|a| a - mean).collect();
        let most = away.iter().fold(0.0f64, |m, a| m.max(a.abs()));
        let norm = most * away.iter().map(|a| (a / most).powi(2)).sum::<f64>().sqrt();
        away.into_iter().map(move |a| a / norm).collect::<Vec<f64>>()
    };
    let r = centred(x).iter().zip(centred(y)).map(|(a, b)| a * b).sum::<f64>();
    if r.is_nan() { r } else { r.clamp(-1.0, 1.0) }
}

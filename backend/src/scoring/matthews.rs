//! Matthews correlation coefficient.

/// Matthews correlation coefficient, for any number of labels (Gorodkin, 2004).
///
/// 0 if all predictions or all labels are the same; not-a-number without examples.
pub fn matthews(predicted: &[usize], actual: &[usize]) -> f64 {
    if actual.is_empty() {
        return f64::NAN;
    }
    let labels = predicted.iter().chain(actual).max().map_or(0, |&l| l + 1);
    let histogram = |of: &[usize]| {
        let mut counts = vec![0.0; labels];
        of.iter().for_each(|&l| counts[l] += 1.0);
        counts
    };
    let (p, a) = (histogram(predicted), histogram(actual));
    let dot = |x: &[f64], y: &[f64]| x.iter().zip(y).map(|(x, y)| x * y).sum::<f64>();
    let n = actual.len() as f64;
    let right = predicted.iter().zip(actual).filter(|(p, a)| p == a).count() as f64;
    let product = (n * n - dot(&p, &p)) * (n * n - dot(&a, &a));
    if product == 0.0 { 0.0 } else { (right * n - dot(&p, &a)) / product.sqrt() }
}

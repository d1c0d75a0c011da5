//! F1 of the positive class.

/// F1 of label 1: the harmonic mean of its precision and recall.
///
/// 0 if label 1 is neither predicted nor there; not-a-number without examples.
pub fn f1(predicted: &[usize], actual: &[usize]) -> f64 {
    if actual.is_empty() {
        return f64::NAN;
    }
    let hits = predicted.iter().zip(actual).filter(|&(&p, &a)| p == 1 && a == 1).count();
    let positives = |labels: &[usize]| labels.iter().filter(|&&l| l == 1).count();
    let both = positives(predicted) + positives(actual);
    if both == 0 { 0.0 } else { 2.0 * hits as f64 / both as f64 }
}

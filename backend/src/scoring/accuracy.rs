//! Share of right predictions.

/// Share of positions in which two lists of labels agree; not-a-number if there is none.
pub fn accuracy(predicted: &[usize], actual: &[usize]) -> f64 {
    let right = predicted.iter().zip(actual).filter(|(p, a)| p == a).count();
    right as f64 / actual.len() as f64
}

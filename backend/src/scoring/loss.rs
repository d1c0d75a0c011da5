//! Mean cross-entropy and mean squared error.

/// Mean cross-entropy of rows of logits `[n, labels]` against label numbers, in nats.
///
/// Not-a-number without examples, with a logit that is, or with a label that has no logit.
pub fn mean_cross_entropy(logits: &[f32], labels: usize, actual: &[usize]) -> f64 {
    let total: f64 = logits
        .chunks(labels.max(1))
        .zip(actual)
        .map(|(row, &label)| {
            let top = row.iter().fold(f64::NEG_INFINITY, |m, &z| m.max(f64::from(z)));
            let sum: f64 = row.iter().map(|&z| (f64::from(z) - top).exp()).sum();
            row.get(label).map_or(f64::NAN, |&z| top + sum.ln() - f64::from(z))
        })
        .sum();
    total / actual.len() as f64
}

/// Mean squared difference of two columns; not-a-number without examples.
pub fn mean_squared_error(predicted: &[f64], actual: &[f64]) -> f64 {
    let total: f64 = predicted.iter().zip(actual).map(|(p, a)| (p - a).powi(2)).sum();
    total / actual.len() as f64
}

//! Mean losses.

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

/// Mean cross-entropy of σ(logit) against whether each label is there, over labels and examples, in nats.
///
/// Not-a-number without examples.
pub fn mean_binary_cross_entropy(logits: &[f32], actual: &[bool]) -> f64 {
    let loss = |(&logit, &actual): (&f32, &bool)| {
        let x = f64::from(logit);
        x.max(0.0) - if actual { x } else { 0.0 } + (-x.abs()).exp().ln_1p()
    };
    logits.iter().zip(actual).map(loss).sum::<f64>() / actual.len() as f64
}

/// Mean squared difference of two columns; not-a-number without examples.
pub fn mean_squared_error(predicted: &[f64], actual: &[f64]) -> f64 {
    let total: f64 = predicted.iter().zip(actual).map(|(p, a)| (p - a).powi(2)).sum();
    total / actual.len() as f64
}

//! Figures that are counted label by label, then averaged.

/// What became of the examples of each label.
struct ByLabel {
    right: Vec<f64>,
    predicted: Vec<f64>,
    actual: Vec<f64>,
}

impl ByLabel {
    fn of(predicted: &[usize], actual: &[usize]) -> Self {
        let labels = predicted.iter().chain(actual).max().map_or(0, |&l| l + 1);
        let mut counts =
            Self { right: vec![0.0; labels], predicted: vec![0.0; labels], actual: vec![0.0; labels] };
        for (&p, &a) in predicted.iter().zip(actual) {
            counts.predicted[p] += 1.0;
            counts.actual[a] += 1.0;
            if p == a {
                counts.right[a] += 1.0;
            }
        }
        counts
    }
}

/// Mean F1 of the labels that are predicted or there, each counting the same.
///
/// Not-a-number without examples.
pub fn macro_f1(predicted: &[usize], actual: &[usize]) -> f64 {
    let ByLabel { right, predicted, actual } = ByLabel::of(predicted, actual);
    let both = predicted.iter().zip(&actual).map(|(p, a)| p + a);
    mean(both.zip(&right).filter(|(both, _)| *both > 0.0).map(|(both, right)| 2.0 * right / both))
}

/// Mean recall of the labels that are there, each counting the same.
///
/// Not-a-number without examples.
pub fn balanced_accuracy(predicted: &[usize], actual: &[usize]) -> f64 {
    let ByLabel { right, actual, .. } = ByLabel::of(predicted, actual);
    mean(actual.iter().zip(&right).filter(|(there, _)| **there > 0.0).map(|(there, right)| right / there))
}

/// Not-a-number of nothing.
fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, n) = values.fold((0.0, 0.0), |(sum, n), value| (sum + value, n + 1.0));
    sum / n
}

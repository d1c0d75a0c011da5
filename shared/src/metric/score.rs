use super::{Metric, accuracy, f1, matthews, mean_cross_entropy, mean_squared_error, pearson, spearman};
use crate::task::{Kind, Task};

/// Every metric of a task in its order, then the loss.
///
/// `logits` are `[n, outputs]`, `targets` label numbers or scores `[n]`. A predicted label is the first of the
/// largest logits. The scores that a regression predicts are clipped to the task's range for the metrics, not
/// for the loss. If a logit is not finite, or there are not n × outputs of them, every value is not-a-number.
pub fn score(task: Task, logits: &[f32], targets: &[f32]) -> Vec<(Metric, f64)> {
    let kind = task.kind();
    let usable = logits.len() == kind.outputs() * targets.len() && logits.iter().all(|z| z.is_finite());
    let metrics = task.metrics().iter().copied().chain([Metric::Loss]);
    if !usable {
        return metrics.map(|m| (m, f64::NAN)).collect();
    }
    match kind {
        Kind::Classification(labels) => {
            let predicted: Vec<usize> = logits.chunks(labels.len()).map(largest).collect();
            let actual: Vec<usize> = targets.iter().map(|&t| t as usize).collect();
            metrics.map(|m| (m, of_labels(m, logits, labels.len(), &predicted, &actual))).collect()
        }
        Kind::Regression(low, high) => {
            let actual: Vec<f64> = targets.iter().map(|&t| f64::from(t)).collect();
            metrics.map(|m| (m, of_scores(m, logits, [low, high], &actual))).collect()
        }
    }
}

fn of_labels(metric: Metric, logits: &[f32], labels: usize, predicted: &[usize], actual: &[usize]) -> f64 {
    match metric {
        Metric::Accuracy => accuracy(predicted, actual),
        Metric::Matthews => matthews(predicted, actual),
        Metric::F1 => f1(predicted, actual),
        Metric::Loss => mean_cross_entropy(logits, labels, actual),
        // Labels have no order to correlate.
        Metric::Pearson | Metric::Spearman => f64::NAN,
    }
}

fn of_scores(metric: Metric, predicted: &[f32], [low, high]: [f32; 2], actual: &[f64]) -> f64 {
    let plain = || predicted.iter().map(|&p| f64::from(p)).collect::<Vec<f64>>();
    let clipped = || predicted.iter().map(|&p| f64::from(p.clamp(low, high))).collect::<Vec<f64>>();
    match metric {
        Metric::Pearson => pearson(&clipped(), actual),
        Metric::Spearman => spearman(&clipped(), actual),
        Metric::Loss => mean_squared_error(&plain(), actual),
        // Scores are no labels to count.
        Metric::Accuracy | Metric::Matthews | Metric::F1 => f64::NAN,
    }
}

fn largest(row: &[f32]) -> usize {
    (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

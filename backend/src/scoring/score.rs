//! From logits and targets to every metric of a task.

use super::{Counts, accuracy, balanced_accuracy, count_entities, f1, macro_f1, matthews};
use super::{mean_cross_entropy, mean_squared_error, pearson, spearman};
use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Task, TaskKind};

/// Every metric of a task in its order, then the loss.
///
/// A read is a place where the head predicts: one an example, or one a word of a tagging task. `logits` are
/// `[reads, outputs]`, `targets` label numbers or scores `[reads]`, `reads` the number of reads of each example.
/// A predicted label is the first of the largest logits. Entities end with their example. With `clip` the scores that
/// a regression predicts are clipped to the task's range for its metrics, never for the loss. If a logit is not
/// finite, there are not reads × outputs of them, or the examples' reads are not as many as the targets, every
/// value is not-a-number.
pub fn score(
    task: &Task,
    clip: bool,
    logits: &[f32],
    targets: &[f32],
    reads: &[usize],
) -> Vec<(Metric, f64)> {
    let kind = task.kind();
    let usable = logits.len() == kind.outputs() * targets.len()
        && logits.iter().all(|z| z.is_finite())
        && reads.iter().sum::<usize>() == targets.len();
    let metrics = task.metrics().iter().copied().chain([Metric::Loss]);
    if !usable {
        return metrics.map(|m| (m, f64::NAN)).collect();
    }
    match kind {
        TaskKind::Classification(names) | TaskKind::Tagging(names) => {
            let predicted: Vec<usize> = logits.chunks(names.len()).map(largest).collect();
            let actual: Vec<usize> = targets.iter().map(|&t| t as usize).collect();
            let labels = Labels { names, logits, predicted, actual, reads };
            metrics.map(|m| (m, labels.value(m))).collect()
        }
        TaskKind::Regression(range) => {
            let actual: Vec<f64> = targets.iter().map(|&t| f64::from(t)).collect();
            let plain: Vec<f64> = logits.iter().map(|&p| f64::from(p)).collect();
            let clipped = clip.then(|| logits.iter().map(|p| f64::from(range.clip(*p))).collect());
            let correlated = clipped.as_ref().unwrap_or(&plain);
            metrics.map(|m| (m, of_scores(m, &plain, correlated, &actual))).collect()
        }
    }
}

struct Labels<'a> {
    names: &'a [String],
    logits: &'a [f32],
    predicted: Vec<usize>,
    actual: Vec<usize>,
    reads: &'a [usize],
}

impl Labels<'_> {
    fn value(&self, metric: Metric) -> f64 {
        let (predicted, actual) = (&self.predicted, &self.actual);
        match metric {
            // Each example has one label and gets one: all that is wrong counts once on either side.
            Metric::Accuracy | Metric::MicroF1 => accuracy(predicted, actual),
            Metric::Matthews => matthews(predicted, actual),
            Metric::F1 => f1(predicted, actual),
            Metric::MacroF1 => macro_f1(predicted, actual),
            Metric::BalancedAccuracy => balanced_accuracy(predicted, actual),
            Metric::EntityF1 => self.entities(Counts::f1),
            Metric::EntityPrecision => self.entities(Counts::precision),
            Metric::EntityRecall => self.entities(Counts::recall),
            Metric::Loss => mean_cross_entropy(self.logits, self.names.len(), actual),
            // Labels have no order to correlate.
            Metric::Pearson | Metric::Spearman | Metric::Rmse => f64::NAN,
        }
    }

    fn entities(&self, figure: fn(Counts) -> f64) -> f64 {
        if self.actual.is_empty() {
            return f64::NAN;
        }
        figure(count_entities(self.names, &self.predicted, &self.actual, self.reads))
    }
}

fn of_scores(metric: Metric, predicted: &[f64], correlated: &[f64], actual: &[f64]) -> f64 {
    match metric {
        Metric::Pearson => pearson(correlated, actual),
        Metric::Spearman => spearman(correlated, actual),
        Metric::Rmse => mean_squared_error(correlated, actual).sqrt(),
        Metric::Loss => mean_squared_error(predicted, actual),
        // Scores are no labels to count.
        Metric::Accuracy | Metric::Matthews | Metric::F1 => f64::NAN,
        Metric::MacroF1 | Metric::MicroF1 | Metric::BalancedAccuracy => f64::NAN,
        Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => f64::NAN,
    }
}

/// The label that a row of logits predicts: the first of the largest. 0 for an empty row.
pub fn largest(row: &[f32]) -> usize {
    (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

/// What logits `[reads, outputs]` of a task predict, `[reads]`: label numbers, or scores. Not-a-number where a logit is not finite.
pub fn answers(kind: &TaskKind, logits: &[f32]) -> Vec<f32> {
    let answer = |row: &[f32]| match kind {
        _ if row.iter().any(|z| !z.is_finite()) => f32::NAN,
        TaskKind::Classification(_) | TaskKind::Tagging(_) => largest(row) as f32,
        TaskKind::Regression(..) => row[0],
    };
    logits.chunks_exact(kind.outputs()).map(answer).collect()
}

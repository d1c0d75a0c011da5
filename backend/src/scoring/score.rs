//! From logits and targets to every metric of a task.

use super::{Counts, LabelSets, accuracy, balanced_accuracy, count_entities, f1, macro_f1, matthews};
use super::{mean_binary_cross_entropy, mean_cross_entropy, mean_squared_error, pearson, spearman};
use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Task, TaskKind};

/// Whether the scores that a regression predicts are clipped to the range of its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Clipping {
    /// They are not.
    Off,
    /// They are for the metrics, and never for the loss.
    ToRange,
}

impl From<bool> for Clipping {
    /// That of a run by its switch.
    fn from(clips: bool) -> Self {
        if clips { Self::ToRange } else { Self::Off }
    }
}

/// Every metric of a task in its order, then the loss.
///
/// A read is a place where the head predicts: one an example, or one a word of a tagging task. `logits` are
/// `[reads, outputs]`, `targets` label numbers or scores `[reads]`, or for each of several labels 1 or 0 `[reads, labels]`;
/// `reads` is the number of reads of each example.
/// A predicted label is the first of the largest logits; of several, each whose logit is over 0. Entities end with their example.
/// If a logit is not finite, there are not reads × outputs of them, or the examples' reads are not as many as there are targets
/// for, every value is not-a-number.
pub fn score(
    task: &Task,
    clipping: Clipping,
    logits: &[f32],
    targets: &[f32],
    reads: &[usize],
) -> Vec<(Metric, f64)> {
    let kind = task.kind();
    let all = reads.iter().sum::<usize>();
    let usable = logits.len() == kind.outputs() * all
        && logits.iter().all(|z| z.is_finite())
        && targets.len() == kind.targets() * all;
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
        TaskKind::MultiLabel(names) => {
            let [predicted, actual] = [
                logits.iter().map(|&z| z > 0.0).collect::<Vec<bool>>(),
                targets.iter().map(|&t| t > 0.5).collect(),
            ];
            let sets = LabelSets { labels: names.len(), predicted: &predicted, actual: &actual };
            metrics.map(|m| (m, of_label_sets(m, sets, logits))).collect()
        }
        TaskKind::Regression(range) => {
            let actual: Vec<f64> = targets.iter().map(|&t| f64::from(t)).collect();
            let plain: Vec<f64> = logits.iter().map(|&p| f64::from(p)).collect();
            let correlated = match clipping {
                Clipping::Off => plain.clone(),
                Clipping::ToRange => logits.iter().map(|p| f64::from(range.clip(*p))).collect(),
            };
            metrics.map(|m| (m, of_scores(m, &plain, &correlated, &actual))).collect()
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
            // Labels have no order to correlate, and one is no set.
            Metric::Pearson | Metric::Spearman | Metric::Rmse | Metric::SubsetAccuracy => f64::NAN,
        }
    }

    fn entities(&self, figure: fn(Counts) -> f64) -> f64 {
        if self.actual.is_empty() {
            return f64::NAN;
        }
        figure(count_entities(self.names, &self.predicted, &self.actual, self.reads))
    }
}

fn of_label_sets(metric: Metric, sets: LabelSets<'_>, logits: &[f32]) -> f64 {
    match metric {
        Metric::MicroF1 => sets.micro_f1(),
        Metric::MacroF1 => sets.macro_f1(),
        Metric::SubsetAccuracy => sets.subset_accuracy(),
        Metric::Loss => mean_binary_cross_entropy(logits, sets.actual),
        // They are of one label.
        Metric::Accuracy | Metric::Matthews | Metric::F1 | Metric::BalancedAccuracy => f64::NAN,
        Metric::Pearson | Metric::Spearman | Metric::Rmse => f64::NAN,
        Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => f64::NAN,
    }
}

fn of_scores(metric: Metric, predicted: &[f64], correlated: &[f64], actual: &[f64]) -> f64 {
    match metric {
        Metric::Pearson => pearson(correlated, actual),
        Metric::Spearman => spearman(correlated, actual),
        Metric::Rmse => mean_squared_error(correlated, actual).sqrt(),
        Metric::Loss => mean_squared_error(predicted, actual),
        // Scores are no labels to count.
        Metric::Accuracy | Metric::SubsetAccuracy | Metric::Matthews | Metric::F1 => f64::NAN,
        Metric::MacroF1 | Metric::MicroF1 | Metric::BalancedAccuracy => f64::NAN,
        Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => f64::NAN,
    }
}

/// The label that a row of logits predicts: the first of the largest. 0 for an empty row.
pub fn largest(row: &[f32]) -> usize {
    (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best })
}

/// What logits `[reads, outputs]` of a task predict, as targets say what is right: label numbers or scores `[reads]`, or for each of
/// several labels 1 or 0 `[reads, labels]`. Not-a-number where a logit of the read is not finite.
pub fn answers(kind: &TaskKind, logits: &[f32]) -> Vec<f32> {
    let rows = logits.chunks_exact(kind.outputs());
    let is_finite = |row: &[f32]| row.iter().all(|z| z.is_finite());
    let answer = |row: &[f32], answer: f32| if is_finite(row) { answer } else { f32::NAN };
    match kind {
        TaskKind::Classification(_) | TaskKind::Tagging(_) => {
            rows.map(|row| answer(row, largest(row) as f32)).collect()
        }
        TaskKind::Regression(..) => rows.map(|row| answer(row, row[0])).collect(),
        TaskKind::MultiLabel(_) => {
            let labels = |row: &[f32]| -> Vec<f32> {
                let has = |z: &f32| f32::from(u8::from(*z > 0.0));
                if is_finite(row) { row.iter().map(has).collect() } else { vec![f32::NAN; row.len()] }
            };
            rows.flat_map(labels).collect()
        }
    }
}

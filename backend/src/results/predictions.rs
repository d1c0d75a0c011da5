//! What a run predicted on a development set.

pub use crate::scoring::Clipping;

use crate::scoring::{self, LabelSets};
use serde::{Deserialize, Serialize};
use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Task, TaskKind};

/// What a run predicted on a development set at its reported epoch, beside what is right; an item for each example, in the
/// set's order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Predictions {
    /// Label numbers.
    Labels {
        /// As predicted.
        predicted: Vec<u16>,
        /// As they are.
        actual: Vec<u16>,
    },
    /// Numbers; clipped to the task's range where the run's correlations are of clipped ones.
    Scores {
        /// As predicted.
        predicted: Vec<f32>,
        /// As they are.
        actual: Vec<f32>,
    },
    /// For each label of each example, `[examples, labels]`, whether it has it.
    LabelSets {
        /// Labels of the task.
        labels: u16,
        /// As predicted.
        predicted: Vec<bool>,
        /// As it is.
        actual: Vec<bool>,
    },
    /// Tagged sentences: how many entities (or words) of each are right, predicted and there. Sentences, not
    /// words, are drawn anew.
    Tagged {
        /// `[right, predicted, actual]` a sentence; for words `predicted` equals `actual`.
        counts: Vec<[u32; 3]>,
    },
}

impl Predictions {
    /// From logits `[reads, outputs]` and targets, as `scoring::score` reads them; `reads` are those of each example. `None`
    /// where it would say not-a-number: a logit that is not finite, or numbers that do not fit.
    pub fn of(
        task: &Task,
        clipping: Clipping,
        logits: &[f32],
        targets: &[f32],
        reads: &[u32],
    ) -> Option<Self> {
        let fit = logits.len() * task.kind().targets() == task.kind().outputs() * targets.len();
        fit.then(|| Self::of_answers(task, clipping, &scoring::answers(task.kind(), logits), targets, reads))?
    }

    /// The same from what `scoring::answers` says, not-a-number where a logit was not finite.
    pub fn of_answers(
        task: &Task,
        clipping: Clipping,
        answers: &[f32],
        targets: &[f32],
        reads: &[u32],
    ) -> Option<Self> {
        let all: u64 = reads.iter().map(|&n| u64::from(n)).sum();
        let usable = answers.len() == targets.len()
            && answers.iter().all(|answer| !answer.is_nan())
            && all * task.kind().targets() as u64 == targets.len() as u64;
        if !usable {
            return None;
        }
        let labels = |of: &[f32]| of.iter().map(|&t| t as u16).collect::<Vec<u16>>();
        let numbers = |of: &[f32]| of.iter().map(|&t| t as usize).collect::<Vec<usize>>();
        Some(match task.kind() {
            TaskKind::Classification(_) => {
                Predictions::Labels { predicted: labels(answers), actual: labels(targets) }
            }
            TaskKind::Regression(range) => Predictions::Scores {
                predicted: match clipping {
                    Clipping::Off => answers.to_vec(),
                    Clipping::ToRange => answers.iter().map(|p| range.clip(*p)).collect(),
                },
                actual: targets.to_vec(),
            },
            TaskKind::MultiLabel(names) => Predictions::LabelSets {
                labels: names.len() as u16,
                predicted: answers.iter().map(|&answer| answer > 0.5).collect(),
                actual: targets.iter().map(|&target| target > 0.5).collect(),
            },
            TaskKind::Tagging(names) => Predictions::Tagged {
                counts: tagged(task, names, &numbers(answers), &numbers(targets), reads),
            },
        })
    }

    /// How many examples were predicted.
    pub fn len(&self) -> usize {
        match self {
            Predictions::Labels { actual, .. } => actual.len(),
            Predictions::Scores { actual, .. } => actual.len(),
            Predictions::LabelSets { labels, actual, .. } => actual.len() / usize::from(*labels).max(1),
            Predictions::Tagged { counts } => counts.len(),
        }
    }
    /// Whether there is no example.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// A metric over these examples, some of which may stand there several times.
    ///
    /// Not-a-number where the metric does not fit, or is undefined.
    pub fn score(&self, metric: Metric, examples: &[u32]) -> f64 {
        match self {
            Predictions::Labels { predicted, actual } => {
                let take = |of: &[u16]| -> Vec<usize> {
                    examples.iter().map(|&i| usize::from(of[i as usize])).collect()
                };
                match metric {
                    // Where each example has one label these are one.
                    Metric::Accuracy | Metric::MicroF1 => {
                        let right = |i: &&u32| predicted[**i as usize] == actual[**i as usize];
                        examples.iter().filter(right).count() as f64 / examples.len() as f64
                    }
                    Metric::Matthews => scoring::matthews(&take(predicted), &take(actual)),
                    Metric::F1 => scoring::f1(&take(predicted), &take(actual)),
                    Metric::MacroF1 => scoring::macro_f1(&take(predicted), &take(actual)),
                    Metric::BalancedAccuracy => scoring::balanced_accuracy(&take(predicted), &take(actual)),
                    Metric::Pearson | Metric::Spearman | Metric::Rmse | Metric::Loss => f64::NAN,
                    Metric::SubsetAccuracy => f64::NAN,
                    Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => f64::NAN,
                }
            }
            Predictions::Scores { predicted, actual } => {
                let take = |of: &[f32]| -> Vec<f64> {
                    examples.iter().map(|&i| f64::from(of[i as usize])).collect()
                };
                match metric {
                    Metric::Pearson => scoring::pearson(&take(predicted), &take(actual)),
                    Metric::Spearman => scoring::spearman(&take(predicted), &take(actual)),
                    Metric::Rmse => scoring::mean_squared_error(&take(predicted), &take(actual)).sqrt(),
                    Metric::Accuracy | Metric::Matthews | Metric::F1 | Metric::Loss => f64::NAN,
                    Metric::SubsetAccuracy => f64::NAN,
                    Metric::MacroF1 | Metric::MicroF1 | Metric::BalancedAccuracy => f64::NAN,
                    Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => f64::NAN,
                }
            }
            Predictions::LabelSets { labels, predicted, actual } => {
                let labels = usize::from(*labels);
                let take = |of: &[bool]| -> Vec<bool> {
                    let rows = examples.iter().map(|&i| i as usize * labels);
                    rows.flat_map(|first| &of[first..first + labels]).copied().collect()
                };
                let sets = LabelSets { labels, predicted: &take(predicted), actual: &take(actual) };
                match metric {
                    Metric::MicroF1 => sets.micro_f1(),
                    Metric::MacroF1 => sets.macro_f1(),
                    Metric::SubsetAccuracy => sets.subset_accuracy(),
                    Metric::Accuracy | Metric::Matthews | Metric::F1 | Metric::BalancedAccuracy => f64::NAN,
                    Metric::Pearson | Metric::Spearman | Metric::Rmse | Metric::Loss => f64::NAN,
                    Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => f64::NAN,
                }
            }
            Predictions::Tagged { counts } => {
                let Some(weights) = of_counts(metric) else { return f64::NAN };
                let sum = |k: usize| examples.iter().map(|&i| f64::from(counts[i as usize][k])).sum::<f64>();
                let whole = weights[0] * sum(1) + weights[1] * sum(2);
                if examples.is_empty() {
                    f64::NAN
                } else if whole == 0.0 {
                    0.0
                } else {
                    sum(0) / whole
                }
            }
        }
    }

    /// How good each example's prediction is, for tests that pair examples: 1 or 0 for a label, the negative
    /// squared error of a score, a sentence's F1, the F1 of an example's labels.
    pub fn per_example(&self) -> Vec<f64> {
        match self {
            Predictions::Labels { predicted, actual } => {
                predicted.iter().zip(actual).map(|(p, a)| f64::from(u8::from(p == a))).collect()
            }
            Predictions::Scores { predicted, actual } => {
                predicted.iter().zip(actual).map(|(p, a)| -(f64::from(*p) - f64::from(*a)).powi(2)).collect()
            }
            Predictions::LabelSets { .. } | Predictions::Tagged { .. } => {
                // Where nothing is there and nothing was predicted, that is right.
                let f1 = |[right, predicted, actual]: [u32; 3]| match predicted + actual {
                    0 => 1.0,
                    both => 2.0 * f64::from(right) / f64::from(both),
                };
                self.counts().into_iter().map(f1).collect()
            }
        }
    }

    /// Right, predicted and actual entities or words of each tagged sentence, or labels of each example that may have several;
    /// nothing of other kinds.
    pub(super) fn counts(&self) -> Vec<[u32; 3]> {
        match self {
            Predictions::Tagged { counts } => counts.clone(),
            Predictions::LabelSets { labels, predicted, actual } => {
                let labels = usize::from(*labels).max(1);
                let rows = predicted.chunks_exact(labels).zip(actual.chunks_exact(labels));
                let own = |(predicted, actual): (&[bool], &[bool])| {
                    let count = |of: &[bool]| of.iter().filter(|has| **has).count() as u32;
                    let right = predicted.iter().zip(actual).filter(|(p, a)| **p && **a).count() as u32;
                    [right, count(predicted), count(actual)]
                };
                rows.map(own).collect()
            }
            Predictions::Labels { .. } | Predictions::Scores { .. } => Vec::new(),
        }
    }
}

/// The weights w with which a metric of tagged words is right / (w₀ predicted + w₁ actual), sums over the sentences. `None` for one
/// that is not of that form.
pub(super) fn of_counts(metric: Metric) -> Option<[f64; 2]> {
    match metric {
        // 2 right / (predicted + actual), which is the accuracy where every word is tagged.
        Metric::EntityF1 | Metric::Accuracy => Some([0.5, 0.5]),
        Metric::EntityPrecision => Some([1.0, 0.0]),
        Metric::EntityRecall => Some([0.0, 1.0]),
        Metric::Matthews | Metric::F1 | Metric::MacroF1 | Metric::MicroF1 | Metric::BalancedAccuracy => None,
        Metric::SubsetAccuracy => None,
        Metric::Pearson | Metric::Spearman | Metric::Rmse | Metric::Loss => None,
    }
}

/// `[right, predicted, actual]` of each sentence: entities where the task is about them, else words.
fn tagged(
    task: &Task,
    names: &[String],
    predicted: &[usize],
    actual: &[usize],
    reads: &[u32],
) -> Vec<[u32; 3]> {
    let entities = task.primary_metric() != Metric::Accuracy;
    let mut start = 0;
    let sentences = reads.iter().map(|&words| {
        let range = start..start + words as usize;
        start = range.end;
        let (predicted, actual) = (&predicted[range.clone()], &actual[range]);
        if entities {
            let counts = scoring::count_entities(names, predicted, actual, &[words as usize]);
            [counts.right, counts.predicted, counts.actual].map(|n| n as u32)
        } else {
            let right = predicted.iter().zip(actual).filter(|(p, a)| p == a).count();
            [right as u32, words, words]
        }
    });
    sentences.collect()
}

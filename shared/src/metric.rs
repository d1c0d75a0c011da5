//! Metrics with their direction and unit.

use serde::{Deserialize, Serialize};

/// A figure on a development set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Metric {
    /// Share of right predictions.
    Accuracy,
    /// Matthews correlation coefficient (Matthews, 1975).
    Matthews,
    /// F1 of the positive class (label 1).
    F1,
    /// Mean F1 of the labels that are there or predicted. Where an example may have several, of all labels: one that is
    /// neither there nor predicted counts 0.
    MacroF1,
    /// F1 of all labels together; where each example has one label, that is the accuracy.
    MicroF1,
    /// Share of the examples of which every label is right; of those that may have several.
    SubsetAccuracy,
    /// Mean recall of the labels that are there.
    BalancedAccuracy,
    /// Pearson's r.
    Pearson,
    /// Spearman's ρ, ties by mean rank.
    Spearman,
    /// Root of the mean squared error, in the unit of the scores.
    Rmse,
    /// F1 of named entities, all types together (Tjong Kim Sang and De Meulder, 2003).
    EntityF1,
    /// Share of the predicted entities that are there.
    EntityPrecision,
    /// Share of the entities there that were predicted.
    EntityRecall,
    /// Mean loss over the examples; over the words of a tagging task.
    Loss,
}

/// Which way a metric improves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// More is better.
    Higher,
    /// Less is better.
    Lower,
}

impl Metric {
    /// Every metric of tasks, and the loss.
    pub const ALL: [Metric; 14] = [
        Metric::Accuracy,
        Metric::Matthews,
        Metric::F1,
        Metric::MacroF1,
        Metric::MicroF1,
        Metric::SubsetAccuracy,
        Metric::BalancedAccuracy,
        Metric::Pearson,
        Metric::Spearman,
        Metric::Rmse,
        Metric::EntityF1,
        Metric::EntityPrecision,
        Metric::EntityRecall,
        Metric::Loss,
    ];

    /// The name on the wire, in tables and in files.
    pub fn name(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::Matthews => "matthews",
            Metric::F1 => "f1",
            Metric::MacroF1 => "macro_f1",
            Metric::MicroF1 => "micro_f1",
            Metric::SubsetAccuracy => "subset_accuracy",
            Metric::BalancedAccuracy => "balanced_accuracy",
            Metric::Pearson => "pearson",
            Metric::Spearman => "spearman",
            Metric::Rmse => "rmse",
            Metric::EntityF1 => "entity_f1",
            Metric::EntityPrecision => "entity_precision",
            Metric::EntityRecall => "entity_recall",
            Metric::Loss => "loss",
        }
    }
    /// The name for a reader.
    pub fn title(self) -> &'static str {
        match self {
            Metric::Accuracy => "accuracy",
            Metric::Matthews => "Matthews correlation",
            Metric::F1 => "F1",
            Metric::MacroF1 => "macro F1",
            Metric::MicroF1 => "micro F1",
            Metric::SubsetAccuracy => "subset accuracy",
            Metric::BalancedAccuracy => "balanced accuracy",
            Metric::Pearson => "Pearson correlation",
            Metric::Spearman => "Spearman correlation",
            Metric::Rmse => "RMSE",
            Metric::EntityF1 => "entity F1",
            Metric::EntityPrecision => "entity precision",
            Metric::EntityRecall => "entity recall",
            Metric::Loss => "loss",
        }
    }
    /// Which way it improves.
    pub fn direction(self) -> Direction {
        match self {
            Metric::Loss | Metric::Rmse => Direction::Lower,
            Metric::Matthews | Metric::Accuracy | Metric::SubsetAccuracy | Metric::F1 => Direction::Higher,
            Metric::MacroF1 | Metric::MicroF1 | Metric::BalancedAccuracy => Direction::Higher,
            Metric::Pearson | Metric::Spearman => Direction::Higher,
            Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => Direction::Higher,
        }
    }
    /// Whether tables print it times 100, as GLUE does.
    pub fn in_percent(self) -> bool {
        match self {
            Metric::Loss | Metric::Rmse => false,
            Metric::Matthews | Metric::Accuracy | Metric::SubsetAccuracy | Metric::F1 => true,
            Metric::MacroF1 | Metric::MicroF1 | Metric::BalancedAccuracy => true,
            Metric::Pearson | Metric::Spearman => true,
            Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => true,
        }
    }
    /// Whether `new` is better than `old`. Not-a-number is worse than every number.
    pub fn improves(self, new: f64, old: f64) -> bool {
        match (new.is_nan(), old.is_nan()) {
            (true, _) => false,
            (false, true) => true,
            (false, false) => match self.direction() {
                Direction::Higher => new > old,
                Direction::Lower => new < old,
            },
        }
    }
}

/// One metric's value; not-a-number where it is undefined.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// What was measured.
    pub metric: Metric,
    /// On which development set: 0 is the task's own, 1 a second one (MNLI mismatched).
    #[serde(default)]
    pub set: u8,
    /// The value in the metric's own unit (not percent).
    #[serde(with = "crate::number")]
    pub value: f64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_metric_is_read_as_it_is_written() {
        for metric in Metric::ALL {
            let written = serde_json::to_value(metric).unwrap();
            assert_eq!(written, metric.name());
            assert_eq!(serde_json::from_value::<Metric>(written).unwrap(), metric);
        }
        // Every metric of a known task is among them.
        let of_tasks = crate::task::known_tasks().iter().flat_map(|task| task.metrics());
        assert!(of_tasks.into_iter().all(|metric| Metric::ALL.contains(metric)));
    }

    #[test]
    fn nan_never_wins() {
        assert!(Metric::Accuracy.improves(0.1, f64::NAN));
        assert!(!Metric::Accuracy.improves(f64::NAN, 0.1));
        assert!(!Metric::Loss.improves(f64::NAN, f64::NAN));
        assert!(Metric::Loss.improves(0.1, 0.2) && !Metric::Loss.improves(0.2, 0.2));
    }
}

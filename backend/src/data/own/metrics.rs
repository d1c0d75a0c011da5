//! What is reported where `dataset.toml` does not say.

use super::target::Target;
use crate::data::record::{Record, RecordSet};
use tunemask_shared::metric::Metric;

/// The share of the rarest label below which accuracy tells little.
const RARE: f64 = 0.1;

/// The metrics of what is predicted; the first one decides. Where a label is rare, that is one that does not reward
/// whoever always says the most frequent.
pub(super) fn metrics(target: &Target, training: Option<&RecordSet>) -> Vec<Metric> {
    match target {
        Target::Scores(..) => vec![Metric::Spearman, Metric::Pearson, Metric::Rmse],
        Target::Tags { entities: true, .. } => {
            vec![Metric::EntityF1, Metric::EntityPrecision, Metric::EntityRecall, Metric::Accuracy]
        }
        Target::Tags { entities: false, .. } => vec![Metric::Accuracy],
        Target::Classes(labels) => {
            let records = training.map(|set| set.records.as_slice()).unwrap_or_default();
            let counts = counts(records, labels.len());
            let rarest = counts.iter().filter(|&&count| count > 0).min().copied().unwrap_or_default();
            let rare = (rarest as f64) < RARE * records.len() as f64;
            match (labels.len(), rare) {
                (2, false) => vec![Metric::Accuracy, Metric::F1, Metric::Matthews],
                (2, true) => vec![Metric::Matthews, Metric::Accuracy, Metric::F1, Metric::BalancedAccuracy],
                (_, false) => vec![Metric::Accuracy, Metric::MacroF1],
                (_, true) => vec![Metric::MacroF1, Metric::Accuracy, Metric::BalancedAccuracy],
            }
        }
    }
}

/// How often each label stands among the targets.
pub(super) fn counts(records: &[Record], labels: usize) -> Vec<u64> {
    let mut counts = vec![0; labels];
    for &target in records.iter().flat_map(|record| &record.targets) {
        if let Some(count) = counts.get_mut(target as usize) {
            *count += 1;
        }
    }
    counts
}

//! What is reported where `dataset.toml` does not say.

use super::tags::Tags;
use super::target::Target;
use crate::data::record::RecordSet;
use tunemask_shared::metric::Metric;

/// The share of the rarest label below which accuracy tells little.
const RARE: f64 = 0.1;

/// The metrics of what is predicted; the first one decides. Where a label is rare, that is one that does not reward
/// whoever always says the most frequent.
pub(super) fn metrics(target: &Target, training: Option<&RecordSet>) -> Vec<Metric> {
    match target {
        Target::Scores(_) => vec![Metric::Spearman, Metric::Pearson, Metric::Rmse],
        Target::LabelSets(_) => vec![Metric::MicroF1, Metric::MacroF1, Metric::SubsetAccuracy],
        Target::Tags(Tags { entities: true, .. }) => {
            vec![Metric::EntityF1, Metric::EntityPrecision, Metric::EntityRecall, Metric::Accuracy]
        }
        Target::Tags(Tags { entities: false, .. }) => vec![Metric::Accuracy],
        Target::Classes(labels) => {
            let records = training.map(|set| set.records.as_slice()).unwrap_or_default();
            let counts = target.counts(records);
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

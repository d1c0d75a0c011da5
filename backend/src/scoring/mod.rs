//! What predictions score: from logits and targets to every metric of a task.
//!
//! Where a metric is undefined its value is what scikit-learn and SciPy say: Matthews and F1 are 0 when
//! their denominator is, a correlation with a constant is not-a-number. Without examples every metric is
//! not-a-number. Knows nothing but `shared`: training scores its epochs by it, results are scored anew. In reading order:

/// Share of right predictions.
mod accuracy;
/// Entities of tagged sentences, and how many were found.
mod entity;
/// Figures that are counted label by label, then averaged.
mod by_label;
/// F1 of the positive class.
mod f1;
/// Figures of examples that may have several labels.
mod label_sets;
/// Mean losses.
mod loss;
/// Matthews correlation coefficient.
mod matthews;
/// Pearson's r.
mod pearson;
/// From logits and targets to every figure of a task.
mod score;
/// Spearman's ρ.
mod spearman;
#[cfg(test)]
mod tests;

pub use accuracy::accuracy;
pub use by_label::{balanced_accuracy, macro_f1};
pub use entity::{Counts, count_entities};
pub use f1::f1;
pub use label_sets::LabelSets;
pub use loss::{mean_binary_cross_entropy, mean_cross_entropy, mean_squared_error};
pub use matthews::matthews;
pub use pearson::pearson;
pub use score::{Clipping, answers, score};
pub use spearman::{ranks, spearman};

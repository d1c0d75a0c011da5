//! Tests between masks.
//!
//! Distributions are statrs'; every test is held to SciPy and statsmodels by
//! `tests/fixtures/statistics`.
//!
//! **What is compared.** The score of a cell is the mean over its seeds of the task's first metric at the reported
//! epoch and the picked learning rate. Differences of several tasks are averaged, as GLUE does.
//!
//! **Choosing is paid for.** Where the predictions after every epoch are stored, seeds are compared by scores whose epoch and
//! learning rate were selected on other examples (`model_selection`): masks that had more to choose from gain nothing by it.
//!
//! **How sure it is.** A difference varies with the seeds (training) and with the development examples. Both are estimated,
//! each from what tells it: the spread between seeds, and the influence of each example from the stored predictions.
//! `spread` has the test and its sources. Below three seeds the spread between seeds cannot be measured, and a difference
//! speaks for the trained models alone; without predictions it speaks for this development set alone (`Scope`).
//!
//! **Comparable** means within a margin, which is stated: two one-sided tests against ± the margin (Schuirmann,
//! 1987). That a difference is not significant does not show it.
//!
//! In reading order:

/// Holm's correction.
mod holm;
/// McNemar's test.
mod mcnemar;
/// Wilcoxon's signed-rank test.
mod wilcoxon;
/// Almost stochastic order.
mod stochastic_order;
/// Which epoch and learning rate scores select.
mod rule;
/// What selecting epoch and learning rate adds.
mod model_selection;
/// The scores behind a result table.
mod study;
/// By which scores masks are compared.
mod measure;
/// How much each example moves a metric.
mod influence;
/// What a difference speaks for, and how it was found.
mod scope;
/// Two sources of variation, and the test on both.
mod spread;
/// A test of an observed difference against bounds.
mod test;
/// A contrast of masks, and the cells behind it.
mod contrast;
/// A difference, and how sure it is.
mod estimate;
/// Tests between masks, task by task.
mod pairs;

pub use contrast::Contrast;
pub use estimate::Estimate;
pub use holm::holm;
pub use mcnemar::{McNemar, mcnemar};
pub use measure::Measure;
pub use model_selection::{Candidates, CrossValidated, ModelSelection};
pub use pairs::{
    OnModels, PairTest, PerExample, Untested, pair_differences, pair_test, pair_tests, untested,
};
pub use rule::Rule;
pub use scope::{MIN_SEEDS, Method, Scope};
pub use stochastic_order::{StochasticOrder, stochastic_order};
pub use study::{Cell, LeftOut, Study, score_alike};
pub use test::Test;
pub use wilcoxon::{Wilcoxon, wilcoxon};

//! Tests between masks.
//!
//! Distributions are statrs'; every test is held to SciPy and statsmodels by
//! `tests/fixtures/statistics`.
//!
//! **What is compared.** The score of a cell is the mean over its seeds of the task's first metric at the reported
//! epoch and the picked learning rate. Differences of several tasks are averaged, as GLUE does.
//!
//! **How sure it is.** Where the predictions of all runs are stored, seeds and development examples are drawn anew
//! in pairs (the same seeds and the same examples for every mask) and intervals are percentiles
//! (`Resamples`). Three seeds alone say little, and examples alone take three trained models for the method
//! itself; both levels are what a reader wants to generalise over. With few seeds such an interval is
//! somewhat too narrow. Without predictions the seeds' differences are all there is: Student's t.
//!
//! **Comparable** means within a margin, which is stated: two one-sided tests against ± the margin (Schuirmann,
//! 1987), on the same resamples. That a difference is not significant does not show it.
//!
//! In reading order:

/// Holm's correction.
mod holm;
/// McNemar's test.
mod mcnemar;
/// Wilcoxon's signed-rank test.
mod wilcoxon;
/// The scores behind a result table.
mod study;
/// Seeds and examples drawn anew.
mod bootstrap;
/// How a difference was found.
mod method;
/// A difference and its distribution.
mod estimate;
/// Tests between masks, task by task.
mod pairs;

pub use bootstrap::Resamples;
pub use estimate::Estimate;
pub use holm::holm;
pub use mcnemar::{McNemar, mcnemar};
pub use method::Method;
pub use pairs::{PairTest, PerExample, Untested, pair_draws, pair_tests, untested};
pub use study::{Cell, LeftOut, Study};
pub use wilcoxon::{Wilcoxon, wilcoxon};

//! Whose weights stay on the disk.
//!
//! Every experiment has a rule (`Experiment::keep_weights`); a run keeps its weights as long as the rule of one experiment that
//! holds it wants them. What no rule wants is dropped: first a line of the log says so, then the run's file is written anew
//! without them. So what the log says is there is there, and what a killed program did not get to, the next one does.
//! Whatever the rule, a run that is not over keeps its checkpoint. In reading order:

/// What no rule wants.
mod rule;
/// The thread that writes files anew.
mod keeper;
/// The same without a lab.
mod at_rest;

pub use at_rest::{AffectedExperiment, Dropping, HomeAtRest};
pub(super) use keeper::Keeper;
pub use rule::Assumed;
pub(super) use rule::unwanted;

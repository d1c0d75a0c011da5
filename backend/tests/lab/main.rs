//! The lab from outside: real training on the built-in model, and what it leaves.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "../program/mod.rs"]
mod program;
#[path = "../support/mod.rs"]
mod support;

/// Experiments in, events out.
mod runs;
/// Runs that stop, and the queue around them.
mod stops;
/// Runs that train together.
mod gangs;
/// Steps, weights and ends that are not the paper's.
mod protocol;
/// Learning rates that are retired.
mod halving;
/// Which examples a limit leaves.
mod limit;
/// What is kept of a run.
mod kept;
/// Whose weights stay.
mod keeping;
/// The order of the queue.
mod order;
/// How the program ends.
mod endings;
/// Home folders of older programs.
mod older_home;
/// What runs predicted.
mod predictions;
/// Sentences of one's own.
mod sentences;
/// Worker processes beside each other.
mod workers;
/// Where experiments train.
mod places;
/// Workers that are killed before their first checkpoint.
mod gone;
/// Plan folders for workers that others start.
mod plans;
/// Reports of an experiment.
mod reports;

//! What Tunemask's page, program and command line must agree on.
//!
//! Pure: no I/O, no async, no DOM, no GPU. Compiles natively and to wasm.
//! In reading order:
// A new task, mask, metric or message does not compile until every match has thought of it. Tests may fail on the rest.
#![cfg_attr(not(test), deny(clippy::wildcard_enum_match_arm))]

/// What a user writes on an experiment.
pub mod annotation;
/// Data of one's own.
pub mod dataset;
/// The number of an experiment.
pub mod experiment_id;
/// The lines of the append-only log.
pub mod event;
/// How long an experiment still takes.
pub mod estimate;
/// An experiment as written in a form or a file.
pub mod experiment;
/// An experiment as a TOML file.
pub mod experiment_file;
/// How much each class counts in the loss.
pub mod class_weights;
/// Learning rates that are retired early.
pub mod halving;
/// Whose weights stay on the disk.
pub mod keep_weights;
/// By what runs fail.
pub mod failure;
/// What is known about a model and a data folder before anything trains.
pub mod facts;
/// What the tests of all crates share.
#[cfg(feature = "fixtures")]
pub mod fixtures;
/// Names of repositories on the Hugging Face hub.
pub mod hub;
/// How busy the server's machine is.
pub mod machine;
/// Who trains.
pub mod nodes;
/// Where runs can train.
pub mod places;
/// Which scalars of a model train.
pub mod mask;
/// Metrics with their direction and unit.
pub mod metric;
/// The values of LayerNorms, and which of them a mask selects.
pub mod norms;
/// Numbers that JSON cannot spell: NaN and the infinities.
pub mod number;
/// Structs that are read from JSON objects alone.
mod object;
/// The page's colours, for what is drawn without its style sheet.
pub mod palette;
/// Philox 4x32-10, the one source of randomness.
pub mod philox;
/// Which runs train together, and what that takes.
pub mod plan;
/// In which order experiments train.
pub mod queue;
/// A sentence of one's own through the runs of an experiment.
pub mod prediction;
/// Reports that a page lets the server make.
pub mod report;
/// Runs or experiments beside each other.
pub mod comparison;
/// Texts of users on a terminal.
pub mod printable;
/// The websocket's messages.
pub mod protocol;
/// How long messages travel.
pub mod frame;
/// What a reader should know of an experiment that is not wrong.
pub mod remark;
/// One cell of an experiment, and its identity.
pub mod run;
/// What happened to a run.
pub mod run_log;
/// The learning rate over the steps of a run.
pub mod schedule;
/// Sets of scalars as sorted ranges over the canonical order.
pub mod selection;
/// What a run trains beside its head.
pub mod trainable;
/// Columns of points: smoothing and decimation.
pub mod series;
/// The points of a run, as many as a page has use for.
pub mod buckets;
/// The architectures that can be trained.
pub mod family;
/// The shape of an encoder and the canonical order of its parameters.
pub mod shape;
/// A task's head: its tensors and their order.
pub mod head;
/// How far an experiment's runs are.
pub mod progress;
/// What the log says so far: the same fold in server and page.
pub mod state;
/// What every page knows of the lab.
pub mod overview;
/// The part of the lab that a page watches.
pub mod watched;
/// What an experiment's runs take on the disk.
pub mod storage;
/// The paper's studies, ready to run.
pub mod study;
/// Tasks: what is read, what is predicted, what is reported.
pub mod task;
/// Numbers as a reader sees them.
pub mod text;
/// Round numbers along an axis.
pub mod ticks;
/// The one validation of form, server and command line.
pub mod validation;

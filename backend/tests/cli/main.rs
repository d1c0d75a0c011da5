//! The command line as a user calls it: the built program, its files, its words.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "../program/mod.rs"]
mod program;

/// Data of one's own.
mod data;
/// The files in `examples/`.
mod examples;
/// Encoders of every family.
mod families;
/// Files that a user names.
mod files;
/// Everything of a study in one document.
mod latex;
/// Runs of LoRA.
mod low_rank;
/// Man pages and completions.
mod manual;
/// `masks`.
mod masks;
/// Files from which a run can be repeated.
mod order;
/// Output that cannot be written.
mod output;
/// `probe`.
mod probe;
/// `run` and `table`.
mod run;
/// Words with tags.
mod tagging;
/// `bench`.
mod bench;
/// `study`.
mod study;
/// `predict`.
mod predict;
/// `weights`.
mod weights;

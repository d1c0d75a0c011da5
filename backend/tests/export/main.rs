//! What comes out of runs, read back: folders and deltas have the bits of what was trained and predicted, tables the log's
//! figures.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "../program/mod.rs"]
mod program;
#[path = "../support/mod.rs"]
mod support;

/// Adapters of LoRA.
mod adapter;
/// The command `tunemask export`.
mod command;
/// An experiment's data.
mod data;
/// Deltas, which hold what was trained alone.
mod delta;
/// Folders that transformers opens.
mod folder;
/// Runs to export, and exported files read back.
mod reading;

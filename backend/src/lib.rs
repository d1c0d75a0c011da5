//! The `tunemask` program: what trains, keeps and serves. Who may know of whom stands in ARCHITECTURE.md; engine and shared
//! are crates of their own.

/// What runs leave on the disk.
pub mod artifacts;
/// A study on many devices and machines, as files.
pub mod cluster;
/// The command line.
pub mod commands;
/// Tasks: readers, tokenisation.
pub mod data;
/// A finished run as files for others.
pub mod export;
/// Files that a user names: how all of them are opened.
mod files;
/// The Hugging Face hub and its cache.
pub mod hub;
/// An experiment becomes runs, runs go to a device; emits events.
pub mod lab;
/// The built-in language: sentences with labels true by construction.
mod language;
/// A checkpoint on disk ↔ weights in memory.
pub mod model;
/// A sentence of one's own through the runs of an experiment.
pub mod prediction;
/// Masked language modelling on a text.
pub mod pretraining;
/// An experiment's runs, points and evaluations as rows, for pandas and its like.
pub mod records;
/// Tables, tests, verdicts and weights of what runs left, and reports on them.
pub mod results;
/// What predictions score.
mod scoring;
/// axum: websocket, static files, downloads.
pub mod server;
/// SQLite: the only place that knows SQL.
pub mod store;
/// Files of named tensors.
mod tensors;

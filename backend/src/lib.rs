//! The `tunemask` program: what trains, keeps and serves. Arrows run one way:
//! commands → server → lab → {model, data, store} → engine → shared, of which the last two are crates of their own.

/// The command line.
pub mod commands;
/// Tasks: readers, tokenisation, the built-in language.
pub mod data;
/// A finished run as files for others.
pub mod export;
/// Files that a user names: how all of them are opened.
mod files;
/// An experiment becomes runs, runs go to a device; emits events.
pub mod lab;
/// A checkpoint on disk ↔ weights in memory.
pub mod model;
/// Masked language modelling on a text.
pub mod pretraining;
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

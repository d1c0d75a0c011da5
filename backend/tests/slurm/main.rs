//! Studies on Slurm: on a real cluster of two nodes on this machine where its programs are installed, and on pretended ones
//! that give odd answers.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]
#![cfg(target_os = "linux")]

#[path = "../support/mod.rs"]
mod support;

/// A cluster of two nodes.
mod cluster;
/// A study as its user starts it.
mod study;
/// What happens on clusters.
mod accidents;
/// Odd answers.
mod pretended;

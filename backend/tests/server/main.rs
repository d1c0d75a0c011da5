//! The server from outside: a real one, on a port of the system's choice.
#![allow(clippy::unwrap_used, reason = "a test ends where something is missing")]

#[path = "../program/mod.rs"]
mod program;
#[path = "../support/mod.rs"]
mod support;

/// Who is let in.
mod access;
/// What strangers try.
mod strangers;
/// Behind nginx, and through ssh.
mod proxies;
/// The page's files.
mod files;
/// Those who keep it waiting.
mod patience;
/// Tables of an experiment.
mod exports;
/// The websocket.
mod socket;
/// Files of the user's own.
mod uploads;

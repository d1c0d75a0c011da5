//! Inputs of users, changed at random: messages, experiment files, masks, data, models.
//!
//! A target is a way in which an input comes into the program. Whatever comes, the program must read it or refuse it: no
//! panic, no abort, and in a short time. The same targets are driven by a fixed chance here, and by `cargo fuzz` in the
//! folder `fuzz`. In reading order:

/// The ways in.
mod target;
/// What is called with an input.
pub mod entries;
/// Valid inputs.
mod corpus;
/// Small models in the Hugging Face layout.
mod models;
/// Chance, and how it changes an input.
mod chance;
/// One input after the other, in this process.
mod drive;
/// The same in a process of its own, which may abort.
mod apart;

pub use apart::fuzz;
pub use chance::Chance;
pub use drive::{Driven, Next, drive, input, inside, quiet};
pub use target::Target;

//! Inputs of users, changed at random: messages, experiment files, masks, data, models, plans.
//!
//! A target is a way in which an input comes into the program. Whatever comes, the program must read it or refuse it: no
//! panic, no abort, and in a short time. The same targets are driven by a fixed chance here, and by `cargo fuzz` in the
//! folder `fuzz`. In reading order:

/// The ways in.
mod target;
/// How far an input comes.
mod depth;
/// Folders of one input each.
mod scratch;
/// What is called with an input.
pub mod entries;
/// Folders of data.
mod rows;
/// Plan folders.
mod plans;
/// Valid inputs.
mod corpus;
/// Small models in the Hugging Face layout.
pub(crate) mod models;
/// Chance, and how it changes an input.
mod chance;
/// Pieces that mean something in inputs.
mod words;
/// Changes that leave an input its form.
mod form;
/// One input after the other, in this process.
mod drive;
/// The same in a process of its own, which may abort.
mod apart;

pub use apart::fuzz;
pub use chance::Chance;
pub use depth::Depth;
pub use drive::{Driven, Next, drive, input, inside, quiet};
pub use target::Target;

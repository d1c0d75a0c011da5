//! An experiment as a TOML file, read and written the same by page, command line and interface. Pure: a text in, a text out.
//!
//! What is written reads back as the equal experiment, also one that validation refuses; only not-a-number is not equal
//! to itself. In reading order:

/// From a text to an experiment.
mod read;
/// From an experiment to a text.
mod write;
#[cfg(test)]
mod tests;

pub use read::{ExperimentFile, FileError};
pub use write::write;

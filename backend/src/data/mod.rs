//! Tasks: readers, tokenisation, the built-in language.
//!
//! In reading order:

/// The built-in language.
pub mod language;

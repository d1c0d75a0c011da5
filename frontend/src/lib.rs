//! The page.

/// Numbers, shares and times for people.
pub mod format;
/// How runs are told apart.
pub mod legend;
/// A mask as a small picture.
pub mod glyph;
/// Where the reader is, as a URL.
pub mod route;
/// The websocket and what is known through it.
pub mod net;
/// An experiment's runs: filters, progress, best scores.
pub mod roster;
/// The form of a new experiment.
pub mod form;
/// Charts.
pub mod chart;

#[cfg(test)]
mod sample;

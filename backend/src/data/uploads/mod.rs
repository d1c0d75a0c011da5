//! Files that came from a browser, kept in the home folder as data of the user's own: `HOME/data/SHA256/reviews.csv`.
//!
//! They are written into a folder of their own, hashed on the way, and read once when all are there. Only then does the
//! folder get the name by which it is found, the SHA-256 of the files' names and bytes: an upload that breaks off or cannot
//! be read leaves nothing, and the same files are kept once. Names are the browser's, thus anybody's: of each, a plain
//! part is kept. In reading order:

/// Why an upload is not kept.
mod error;
/// Names of files and of the task.
mod names;
/// An upload while it comes.
mod incoming;
#[cfg(test)]
mod tests;

pub(crate) use error::UploadError;
pub(crate) use incoming::{Incoming, is_unfinished, sweep};
pub(crate) use names::is_kept;

//! SQLite: the only place that knows SQL.
//!
//! One file, `HOME/tunemask.sqlite3`. Table `events` is the append-only log; all else in it is derived from
//! the log and could be made anew. A `Store` writes and there is one a home folder, which a lock sees to;
//! a `Reader` reads beside it, also from another process. While lines are written they stand in `…-wal` beside the
//! file first; they are brought into it from time to time and when the program ends, so that a copy of it has them.
//! In reading order:

/// What can go wrong, and what to do.
mod error;
/// Who has a home folder.
mod holder;
/// Whether other machines see it.
mod mount;
/// Where the file lies, and who may write to it.
mod home;
/// Whether the files are still there.
mod presence;
/// Files that only their user can read.
mod private;
/// The log.
mod log;
/// How far the segments of workers are folded.
mod marks;
/// What is read back: the state, and the points of a run.
mod reader;
/// The tables, their version, and how a file is opened.
mod schema;

pub use error::StoreError;
pub use home::{FILE_NAME, default_home};
pub use log::Store;
pub use marks::Mark;
pub use private::{make_private, read_token, write_token};
pub use reader::Reader;

#[cfg(test)]
mod tests;

//! axum: websocket, static files, downloads.
//!
//! Listens on this machine only unless told otherwise. A page of another site cannot reach it: the `Host` of
//! every request and the `Origin` of a socket are checked, see `guard`.
//! In reading order:

/// What a page asks for, carried out one after the other.
mod clerk;
/// Why a server cannot start.
mod error;
/// Where the page is: within the program, or in a folder.
mod bundle;
/// Files within the program as a file system.
#[cfg(any(test, not(debug_assertions)))]
mod embedded;
/// The page's files.
mod files;
/// Who may ask: `Host`, `Origin`, and what a browser is told.
mod guard;
/// How a server is started.
mod options;
/// Events on their way to one page.
mod outbox;
/// Reports that were made, kept for who asks again.
mod reports;
/// From options to a server that answers, and to its end.
mod serve;
/// One page's connection.
mod socket;

pub use error::ServerError;
pub use options::ServeOptions;
pub use serve::{Server, serve};

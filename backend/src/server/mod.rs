//! axum: websocket, static files, uploads, downloads, and an interface for scripts.
//!
//! Listens on this machine only unless told otherwise, and lets in its own user there; everyone else shows a token, see
//! `access`. A page of another site cannot reach it: the `Host` and the `Origin` of every request are checked.
//! In reading order:

/// What pages and scripts ask for, carried out.
mod request_worker;
/// Who may let runs read a text.
mod readers;
/// How busy the machine is.
mod machine;
/// The question about a text that a page asked last.
mod latest_question;
/// Downloads from the hub that pages have asked for.
mod downloads;
/// Files of the user's own that pages send.
mod uploads;
/// Why a server cannot start.
mod error;
/// Where the page is: within the program, or in a folder.
mod bundle;
/// Files within the program as a file system.
#[cfg(any(test, not(debug_assertions)))]
mod embedded;
/// The page's files.
mod files;
/// Which addresses are whose.
mod addresses;
/// Who is let in.
mod access;
/// Connections: how many, and for how long.
mod connections;
/// What stands before everything: who is let in, and what a browser is told.
mod guard;
/// How a server is started.
mod options;
/// Events on their way to one page.
mod send_queue;
/// Reports that were made, kept for the next page that asks.
mod reports;
/// That the server is to end.
mod shutdown;
/// From options to a server that answers, and to its end.
mod serve;
/// What every page knows, folded once.
mod overviews;
/// What pages watch, written once for those that watch the same.
mod parts;
/// The websocket: made, and written to in pieces.
mod wire;
/// One page's connection.
mod socket;
/// The interface for scripts.
mod api;

pub use access::{Access, NoOrigin, NoPrefix, NoToken, Origin, PathPrefix, Token};
pub use connections::{Limits, raise_descriptors};
pub use error::ServerError;
pub use options::ServeOptions;
pub use serve::{Server, serve};

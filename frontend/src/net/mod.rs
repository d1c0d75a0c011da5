//! The one websocket and what the page knows through it. In reading order:

/// Messages folded into what the page knows; pure.
pub mod fold;
/// The connection's state and when to try again; pure.
pub mod link;
/// What the page knows, as signals, and what it can ask for.
pub mod lab;
/// Between its texts and messages.
pub mod wire;
/// The socket itself.
pub mod socket;

//! The one websocket and what the page knows through it. In reading order:

/// Messages folded into what the page knows; pure.
pub mod fold;
/// The connection's state and when to try again; pure.
pub mod link;

//! Why a connection ends, and what its page is told of it.

use crate::server::wire::Gone;
use tokio_tungstenite::tungstenite::Error;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;

/// Why a connection ends.
#[derive(Debug)]
pub(super) enum End {
    /// The page is gone, or does not read.
    Gone,
    /// It is told why.
    Close { code: CloseCode, reason: &'static str },
}

impl End {
    pub(super) const fn close(code: CloseCode, reason: &'static str) -> Self {
        Self::Close { code, reason }
    }
}

impl From<Gone> for End {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

/// What should not happen.
pub(super) const FAULT: End = End::close(CloseCode::Error, "an internal error of tunemask");

/// A frame that breaks the rules, or is too long, ends the connection.
pub(super) fn unreadable(error: &Error) -> End {
    tracing::debug!("a socket ends: {error}");
    match error {
        Error::Capacity(_) => End::close(CloseCode::Size, "the message is far too long"),
        Error::Protocol(_) | Error::Utf8(_) => {
            End::close(CloseCode::Protocol, "that is not a valid websocket message")
        }
        _ => End::Gone,
    }
}

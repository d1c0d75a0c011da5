//! Why a server cannot start.

use crate::lab::LabError;
use crate::store::StoreError;
use std::net::SocketAddr;

/// Why a server cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// No address can be made of the host.
    #[error("--host {0}: give an address of this machine, such as 127.0.0.1, or localhost")]
    Host(String),
    /// Another program listens there.
    #[error("port {} of {} is taken by another program; stop it, or choose another with --port", .0.port(), .0.ip())]
    Taken(SocketAddr),
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {cause}; choose another with --host and --port")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// What the system says.
        cause: std::io::Error,
    },
    /// The system fails the server.
    #[error("the server cannot go on: {0}")]
    System(std::io::Error),
    /// The home folder's token can neither be read nor made.
    #[error(transparent)]
    Token(#[from] StoreError),
    /// The lab does not open.
    #[error(transparent)]
    Lab(#[from] LabError),
}

impl From<std::io::Error> for ServerError {
    fn from(cause: std::io::Error) -> Self {
        Self::System(cause)
    }
}

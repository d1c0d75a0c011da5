//! What all requests of the interface share.

use crate::server::request_worker::RequestWorker;
use std::time::Duration;

/// What all requests share.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub(super) worker: RequestWorker,
    /// For how long nothing of a body may come.
    pub(super) patience: Duration,
}

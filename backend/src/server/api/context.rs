//! What all requests of the interface share.

use crate::server::request_worker::RequestWorker;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Tables of whole experiments that are sent at once.
const MAX_TABLES: usize = 4;

/// What all requests share.
#[derive(Clone, Debug)]
pub(super) struct Api {
    pub(super) worker: RequestWorker,
    /// For how long nothing of a body may come.
    pub(super) patience: Duration,
    /// A permit for each table that is being sent, which lasts as long as whoever asked for it takes: other requests do not
    /// wait with them.
    pub(super) tables: Arc<Semaphore>,
}

impl Api {
    pub(super) fn new(worker: RequestWorker, patience: Duration) -> Self {
        Self { worker, patience, tables: Arc::new(Semaphore::new(MAX_TABLES)) }
    }
}

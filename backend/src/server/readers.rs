//! Who may let runs read a text: places of their own beside all other requests, for a text may wait long for the one before it.

use crate::prediction::PredictionError;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Texts that are read or wait to be, of all pages and scripts: one after the other, so that the last of them waits for all.
const MAX_TEXTS: usize = 8;

/// The places of all who let a text be read. Clones are the same.
#[derive(Clone, Debug)]
pub(super) struct Readers(Arc<Semaphore>);

impl Default for Readers {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MAX_TEXTS)))
    }
}

impl Readers {
    /// A place, until it is dropped.
    ///
    /// # Errors
    /// All are taken.
    pub(super) fn enter(&self) -> Result<OwnedSemaphorePermit, PredictionError> {
        self.0.clone().try_acquire_owned().map_err(|_| PredictionError::Crowded { waiting: MAX_TEXTS })
    }
}

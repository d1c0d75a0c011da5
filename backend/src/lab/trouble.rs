//! What keeps the queue from going on, and may pass.

use crate::store::StoreError;
use std::fmt;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// What keeps the queue from going on, and may pass.
#[derive(Clone, Debug)]
pub enum Trouble {
    /// The log cannot be written now. It is tried again.
    Log(Arc<StoreError>),
    /// The device cannot be used. It is tried again when the queue is resumed.
    Device(String),
}

impl Trouble {
    /// What it is, without the names of files.
    pub fn in_short(&self) -> &'static str {
        match self {
            Self::Log(error) if matches!(**error, StoreError::Busy(_)) => {
                "the log is locked by another program"
            }
            Self::Log(_) => "there is no room for the log",
            Self::Device(_) => "the device cannot be used",
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Log(error) => write!(f, "training waits: {error}; it then continues by itself"),
            Self::Device(why) => write!(f, "training waits: {why}"),
        }
    }
}

/// What is known of it by all threads.
#[derive(Debug, Default)]
pub(super) struct Troubles {
    known: Mutex<TroubleState>,
    changed: Condvar,
    /// Why the log cannot be written any more.
    failure: watch::Sender<Option<Arc<StoreError>>>,
}

#[derive(Debug, Default)]
struct TroubleState {
    log: Option<Arc<StoreError>>,
    device: Option<String>,
    /// Since when the program ends.
    ends: Option<Instant>,
}

impl Troubles {
    fn known(&self) -> MutexGuard<'_, TroubleState> {
        // Whole values go in and out.
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What there is now.
    pub(super) fn now(&self) -> Option<Trouble> {
        let known = self.known();
        let device = || known.device.clone().map(Trouble::Device);
        known.log.clone().map(Trouble::Log).or_else(device)
    }

    /// Takes note of why the log cannot be written, or that it can; says whether that is news.
    pub(super) fn set_log(&self, error: Option<StoreError>) -> bool {
        let mut known = self.known();
        let news = known.log.is_some() != error.is_some();
        known.log = error.map(Arc::new);
        news
    }

    /// Takes note of why the device cannot be used, or that it can; says whether that is news.
    pub(super) fn set_device(&self, why: Option<String>) -> bool {
        let mut known = self.known();
        let news = known.device != why;
        known.device = why;
        news
    }

    /// The program ends: nothing is waited for any more.
    pub(super) fn end(&self) {
        self.known().ends.get_or_insert_with(Instant::now);
        self.changed.notify_all();
    }

    /// Whether the program has been ending for so long.
    pub(super) fn is_late(&self, limit: Duration) -> bool {
        self.known().ends.is_some_and(|since| since.elapsed() >= limit)
    }

    /// Waits for so long, or until the program begins to end.
    pub(super) fn wait(&self, time: Duration) {
        let known = self.known();
        let ended = known.ends.is_some();
        drop(self.changed.wait_timeout_while(known, time, |known| known.ends.is_some() == ended));
    }

    /// The log cannot be written any more.
    pub(super) fn fail(&self, error: Arc<StoreError>) {
        self.failure.send_replace(Some(error));
    }

    /// Why the log cannot be written any more, if so.
    pub(super) fn failure(&self) -> Option<Arc<StoreError>> {
        self.failure.borrow().clone()
    }

    /// Ready when the log cannot be written any more.
    pub(super) fn failed(&self) -> impl Future<Output = Arc<StoreError>> + Send + use<> {
        let mut failure = self.failure.subscribe();
        async move {
            loop {
                let known = failure.borrow_and_update().clone();
                if let Some(error) = known {
                    return error;
                }
                if failure.changed().await.is_err() {
                    // The lab is closed: it never will.
                    std::future::pending::<()>().await;
                }
            }
        }
    }
}

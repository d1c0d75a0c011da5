//! What is asked in a plan's folder, while a worker trains: a thread looks, and sets the signals that the training reads
//! between two steps.

use crate::cluster::{Ask, PlanFolder};
use crate::lab::control::Control;
use std::sync::Arc;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Time between two looks: a listing of an empty folder.
const POLL_INTERVAL: Duration = Duration::from_millis(500);

/// Looks until it is dropped.
#[derive(Debug)]
pub(super) struct AskWatcher {
    end: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl AskWatcher {
    /// Begins to look; what is asked already is obeyed when this returns.
    ///
    /// # Errors
    /// The system starts no thread.
    pub(super) fn start(folder: &PlanFolder, control: &Arc<Control>) -> std::io::Result<Self> {
        let (folder, control) = (folder.clone(), control.clone());
        let mut known = Ask::default();
        obey(&folder, &control, &mut known);
        let (end, ended) = channel();
        let work = move || {
            while matches!(ended.recv_timeout(POLL_INTERVAL), Err(RecvTimeoutError::Timeout)) {
                obey(&folder, &control, &mut known);
            }
            // A pause is of this plan.
            control.resume();
        };
        let thread = thread::Builder::new().name("asks".into()).spawn(work)?;
        Ok(Self { end: Some(end), thread: Some(thread) })
    }
}

impl Drop for AskWatcher {
    fn drop(&mut self) {
        self.end = None;
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the thread that looks for what is asked panicked");
        }
    }
}

fn obey(folder: &PlanFolder, control: &Control, known: &mut Ask) {
    let Some(now) = folder.asks() else { return };
    match (known.pause, now.pause) {
        (false, true) => control.pause(),
        (true, false) => control.resume(),
        (true, true) | (false, false) => {}
    }
    if now.cancelled != known.cancelled {
        control.cancel(now.cancelled.iter().cloned());
    }
    *known = now;
}

//! The thread that writes files anew without weights: neither what trains nor who asks waits for the disk.

use crate::artifacts::Artifacts;
use crate::lab::LabError;
use std::collections::{HashSet, VecDeque};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tunemask_shared::run::RunId;

/// How long the program's end waits for files that are still to be written; the next start finds the others.
const SHUTDOWN_GRACE: Duration = Duration::from_secs(10);

/// Drops the weights of runs, one after the other. The thread behind it ends when this is dropped.
#[derive(Debug)]
pub(in crate::lab) struct Keeper {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

#[derive(Debug, Default)]
struct Shared {
    orders: Mutex<Orders>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct Orders {
    waiting: VecDeque<RunId>,
    /// The run whose file is being written.
    current: Option<RunId>,
    /// When the rest is left to the next start.
    ends: Option<Instant>,
}

impl Keeper {
    /// Starts the thread.
    ///
    /// # Errors
    /// The system gives none.
    pub(in crate::lab) fn start(artifacts: Artifacts) -> Result<Self, LabError> {
        let shared = Arc::new(Shared::default());
        let orders = shared.clone();
        let thread = thread::Builder::new().name("keeper".into()).spawn(move || orders.work(&artifacts));
        Ok(Self { shared, thread: Some(thread.map_err(|e| LabError::Thread(e.into()))?) })
    }

    /// Drops the weights of these runs soon. The log must say that they are dropped.
    pub(in crate::lab) fn drop_weights(&self, runs: impl IntoIterator<Item = RunId>) {
        self.shared.orders().waiting.extend(runs);
        self.shared.changed.notify_all();
    }

    /// Leaves these runs alone from now on: they train again, or are deleted. When this returns none of their files is being
    /// written.
    pub(in crate::lab) fn leave(&self, runs: &HashSet<RunId>) {
        if runs.is_empty() {
            return;
        }
        let mut orders = self.shared.orders();
        orders.waiting.retain(|run| !runs.contains(run));
        while orders.current.as_ref().is_some_and(|run| runs.contains(run)) {
            orders = self.shared.wait(orders);
        }
    }
}

impl Drop for Keeper {
    fn drop(&mut self) {
        self.shared.orders().ends = Some(Instant::now() + SHUTDOWN_GRACE);
        self.shared.changed.notify_all();
        if self.thread.take().is_some_and(|thread| thread.join().is_err()) {
            tracing::error!("the lab's keeper panicked");
        }
    }
}

impl Shared {
    fn orders(&self) -> MutexGuard<'_, Orders> {
        // A panic elsewhere leaves the orders as they are: whole runs go in and out.
        self.orders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'a>(&self, orders: MutexGuard<'a, Orders>) -> MutexGuard<'a, Orders> {
        self.changed.wait(orders).unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, artifacts: &Artifacts) {
        while let Some(run) = self.next() {
            if let Err(error) = artifacts.drop_weights(&run.0) {
                tracing::warn!(
                    "the weights of run {run} could not be dropped; the next start tries again: {error}"
                );
            }
            self.orders().current = None;
            self.changed.notify_all();
        }
    }

    /// The run whose turn it is, once there is one; `None` when the program ends.
    fn next(&self) -> Option<RunId> {
        let mut orders = self.orders();
        loop {
            let late = orders.ends.is_some_and(|ends| Instant::now() > ends);
            match orders.waiting.pop_front() {
                Some(run) if !late => {
                    orders.current = Some(run.clone());
                    return Some(run);
                }
                _ if orders.ends.is_some() => return None,
                _ => orders = self.wait(orders),
            }
        }
    }
}

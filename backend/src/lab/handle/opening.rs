//! From a home folder to a lab that works.

use super::{Inner, Lab};
use crate::artifacts::Artifacts;
use crate::lab::control::Control;
use crate::lab::foreman::{Foreman, waiting};
use crate::lab::journal::Journal;
use crate::lab::keeping::Keeper;
use crate::lab::queue::Queue;
use crate::lab::resources::Resources;
use crate::lab::training::TrainContext;
use crate::lab::{LabError, device};
use crate::store::Store;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;
use tunemask_engine::Device;
use tunemask_shared::event::EventKind;
use tunemask_shared::run::{RunId, RunStatus};

/// Commands that may wait for the foreman.
const WAITING: usize = 64;

/// How a lab is opened.
#[derive(Clone, Debug)]
pub struct LabOptions {
    /// Its home folder, see [`crate::store::default_home`].
    pub home: PathBuf,
    /// What becomes of runs that an earlier program left in the queue.
    pub older_queue: OlderQueue,
    /// What trains.
    pub device: Device,
}

/// What becomes of runs that an earlier program left in the queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OlderQueue {
    /// They are trained, unless the queue was paused.
    Continue,
    /// They wait for a program that continues it; a pause is ended.
    Leave,
}

impl Lab {
    /// Opens a home folder: says which runs were interrupted, and lets its queue go on.
    ///
    /// # Errors
    /// The log cannot be opened or written.
    pub fn open(options: &LabOptions) -> Result<Self, LabError> {
        let store = Store::open(&options.home)?;
        let (state, reader) = (store.state()?, store.reader()?);
        let (journal, feed, writer) = Journal::start(store, state)?;
        let queue = recover_interrupted(&journal, options.older_queue)?;

        let (commands, orders) = sync_channel(WAITING);
        let (control, resources) = (Arc::new(Control::default()), Arc::new(Resources::default()));
        if feed.state().paused {
            control.pause();
        }
        let artifacts = Artifacts::new(&options.home);
        if let Err(error) = artifacts.make_folder() {
            // The first checkpoint says so again, to whom it matters.
            tracing::warn!("nothing that runs leave can be kept: {error}");
        }
        artifacts.sweep();
        let keeper = Keeper::start(artifacts.clone())?;
        let context = TrainContext {
            device: options.device.clone(),
            journal: journal.clone(),
            control: control.clone(),
            resources: resources.clone(),
            artifacts,
        };
        let (device, worker) = device::start(context, commands.clone())?;
        let (working, again) = (HashSet::new(), HashSet::new());
        let resources_of_all = resources.clone();
        let computes = options.device.clone();
        let foreman =
            Foreman { journal, control, resources, computes, device, queue, working, again, keeper };
        let thread = thread::Builder::new()
            .name("foreman".into())
            .spawn(move || {
                foreman.work(&orders);
                // The device must not wait for a foreman that no longer listens.
                drop(orders);
                for thread in [worker, writer] {
                    if thread.join().is_err() {
                        tracing::error!("a thread of the lab panicked");
                    }
                }
            })
            .map_err(|e| LabError::Thread(e.into()))?;
        let (reader, foreman) = (Mutex::new(Some(reader)), Mutex::new(Some(thread)));
        Ok(Self(Arc::new(Inner {
            home: options.home.clone(),
            commands,
            feed,
            reader,
            resources: resources_of_all,
            foreman,
            device: options.device.clone(),
        })))
    }
}

/// Writes what the program before could not, and gives the queue to begin with.
fn recover_interrupted(journal: &Journal, older_queue: OlderQueue) -> Result<Queue<RunId>, LabError> {
    let mut lines: Vec<EventKind> = {
        let state = journal.feed().state();
        let trained = state.runs.iter().filter(|(_, r)| r.status == RunStatus::Running);
        trained.map(|(run, _)| EventKind::Interrupted { run: run.clone() }).collect()
    };
    let leave = older_queue == OlderQueue::Leave;
    if leave && journal.feed().state().paused {
        lines.push(EventKind::Resumed);
    }
    if !lines.is_empty() {
        journal.append(lines)?;
    }
    Ok(if leave { Queue::default() } else { waiting(&journal.feed().state(), |_| true) })
}

//! From a home folder to a lab that works.

use super::places::training_places;
use super::{Inner, Lab, Trains};
use crate::artifacts::Artifacts;
use crate::cluster::{Child, node};
use crate::lab::control::Control;
use crate::lab::curve::Repeats;
use crate::lab::foreman::{Foreman, waiting};
use crate::lab::gone::Gone;
use crate::lab::journal::Journal;
use crate::lab::keeping::Keeper;
use crate::lab::places::{
    self, FoldsInto, Followed, Found, Known, Launch, PlaceId, Remote, Submitted, WorkerProcess, fold_older,
};
use crate::lab::plan::Share;
use crate::lab::queue::Queue;
use crate::lab::resources::Resources;
use crate::lab::training::TrainContext;
use crate::lab::{LabError, device};
use crate::store::{Reader, Store};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Mutex};
use std::thread;
use tunemask_engine::{Device, Precision};
use tunemask_shared::event::EventKind;
use tunemask_shared::run::{RunId, RunStatus};

/// Commands that may wait for the foreman.
const MAX_WAITING_COMMANDS: usize = 64;

/// How many workers of a run may end before they take a step, or at the same step.
const MAX_LOSSES: u32 = 3;

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

/// Who trains.
#[derive(Clone, Debug)]
pub enum Workers {
    /// This program.
    Own,
    /// Processes that it starts: each trains a gang at a time.
    Processes(Vec<Child>),
    /// Workers that Slurm starts, of plans that hold all that waits.
    Slurm(Launch),
    /// Both. What says nothing of where it trains goes to processes as long as one is free, and then to Slurm.
    Both {
        /// The processes.
        processes: Vec<Child>,
        /// The workers of Slurm.
        slurm: Launch,
    },
    /// Workers of a plan's folder, which another has started: nothing but what they do is shown here.
    Others(PathBuf),
}

impl Workers {
    /// The processes that it starts.
    pub(super) fn processes(&self) -> &[Child] {
        match self {
            Self::Processes(processes) | Self::Both { processes, .. } => processes,
            Self::Own | Self::Slurm(_) | Self::Others(_) => &[],
        }
    }

    /// The workers that Slurm starts.
    pub fn launch(&self) -> Option<&Launch> {
        match self {
            Self::Slurm(slurm) | Self::Both { slurm, .. } => Some(slurm),
            Self::Own | Self::Processes(_) | Self::Others(_) => None,
        }
    }
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
        Self::open_with(options, &Workers::Own)
    }

    /// The same with workers.
    ///
    /// # Errors
    /// As above.
    pub fn open_with(options: &LabOptions, workers: &Workers) -> Result<Self, LabError> {
        let store = Store::open(&options.home)?;
        let (state, reader) = (store.state()?, store.reader()?);
        let (journal, feed, writer) = Journal::start(store, state)?;
        let artifacts = Artifacts::new(&options.home);
        if let Err(error) = artifacts.make_folder() {
            // The first checkpoint says so again, to whom it matters.
            tracing::warn!("the folder for run files cannot be made: {error}");
        }
        artifacts.sweep();
        let control = Arc::new(Control::default());
        let with = FoldsInto { journal: journal.clone(), control: control.clone() };
        fold_older(&options.home, &with, &reader)?;
        let adopted = adopted(options, workers, &with, &reader)?;
        let away = adopted.iter().flat_map(Followed::runs).cloned().collect();
        let training_places = training_places(&options.device, workers);
        let names: Vec<String> = training_places.iter().map(|place| place.name.clone()).collect();
        let queue = recover_interrupted(&journal, options.older_queue, &away, &names)?;

        let (commands, orders) = sync_channel(MAX_WAITING_COMMANDS);
        let resources = Arc::new(Resources::default());
        if feed.state().paused {
            control.pause();
        }
        let keeper = Keeper::start(artifacts.clone())?;
        let context = TrainContext {
            device: options.device.clone(),
            journal: journal.clone(),
            control: control.clone(),
            resources: resources.clone(),
            artifacts,
            node: node(&options.device, None),
            repeats: Repeats::LeftOut,
        };
        let mut working = HashMap::new();
        let mut places = match workers {
            Workers::Own => vec![device::start(context, PlaceId(0), commands.clone())?],
            Workers::Processes(_) | Workers::Slurm(_) | Workers::Both { .. } | Workers::Others(_) => {
                Vec::new()
            }
        };
        for child in workers.processes() {
            let (child, home, with) = (child.clone(), options.home.clone(), with.clone());
            let process = WorkerProcess { child, home, with };
            places.push(places::start_process(process, PlaceId(places.len()), commands.clone())?);
        }
        if workers.launch().is_some() || matches!(workers, Workers::Others(_)) {
            let place = PlaceId(places.len());
            let remote = remote(options, workers, &with);
            working.extend(adopted.iter().flat_map(Followed::runs).map(|run| (run.clone(), place)));
            places.push(places::start_remote(remote, place, adopted, commands.clone())?);
        }
        let (again, gone) = (HashSet::new(), Gone::new(MAX_LOSSES));
        let resources_of_all = resources.clone();
        let computes = options.device.clone();
        let (share, precision) = shared(&options.device, workers);
        let foreman =
            Foreman { journal, control, resources, computes, places, queue, working, gone, again, keeper };
        let thread = thread::Builder::new()
            .name("foreman".into())
            .spawn(move || {
                let places = foreman.work(&orders);
                // A place must not wait for a foreman that no longer listens.
                drop(orders);
                for thread in places.into_iter().chain([writer]) {
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
            precision,
            share,
            places: training_places,
            slurm: workers.launch().map(|launch| launch.settings.clone()),
            trains: if matches!(workers, Workers::Own) { Trains::Itself } else { Trains::Workers },
        })))
    }
}

/// How workers share what there is, and the precision in which all of them compute.
fn shared(device: &Device, workers: &Workers) -> (Share, Precision) {
    let processes = workers.processes().len();
    let of_slurm = workers.launch().map_or(0, |launch| places::at_once(&launch.settings));
    let share = Share {
        workers: (processes + of_slurm).max(1),
        // Each GPU has one.
        on_processor: if device.is_cpu() { processes.max(1) } else { 1 },
    };
    (share, workers.launch().map_or(device.precision(), |launch| launch.precision))
}

/// The place of plans that are trained elsewhere.
fn remote(options: &LabOptions, workers: &Workers, with: &FoldsInto) -> Remote {
    Remote { home: options.home.clone(), with: with.clone(), launch: workers.launch().cloned() }
}

/// What a program before this one had submitted, where this one goes on with it: its runs wait or train elsewhere.
fn adopted(
    options: &LabOptions,
    workers: &Workers,
    with: &FoldsInto,
    reader: &Reader,
) -> Result<Vec<Followed>, LabError> {
    let found = match workers {
        Workers::Own | Workers::Processes(_) => return Ok(Vec::new()),
        Workers::Slurm(_) | Workers::Both { .. } => Submitted::of(&options.home).all(),
        Workers::Others(path) => {
            let found = Found::open(path).map_err(|error| LabError::Plan(Arc::new(error)))?;
            let lines = with.journal.feed().read(|state| found.lines(state));
            with.journal.append(lines)?;
            vec![found]
        }
    };
    let remote = remote(options, workers, with);
    let mut adopted = Vec::new();
    for found in found {
        let folded = reader.folded(&found.name)?;
        match remote.followed(found, folded, Known::Older) {
            Ok(followed) => adopted.push(followed),
            Err(error) => tracing::warn!("a plan that was submitted cannot be followed: {error}"),
        }
    }
    // One that was opened without Slurm meanwhile took them for interrupted.
    let lines = with.journal.feed().read(|state| {
        let interrupted =
            |run: &&RunId| state.runs.get(*run).is_some_and(|r| r.status == RunStatus::Interrupted);
        let runs = adopted.iter().flat_map(Followed::runs).filter(interrupted);
        runs.map(|run| EventKind::Continued { run: run.clone() }).collect::<Vec<_>>()
    });
    if !lines.is_empty() {
        with.journal.append(lines)?;
    }
    Ok(adopted)
}

/// Writes what the program before could not, and gives the queue to begin with. The runs that are away are not touched.
fn recover_interrupted(
    journal: &Journal,
    older_queue: OlderQueue,
    away: &HashSet<RunId>,
    places: &[String],
) -> Result<Queue<RunId>, LabError> {
    let mut lines: Vec<EventKind> = {
        let state = journal.feed().state();
        let running = state.runs.iter().filter(|(_, r)| r.status == RunStatus::Running);
        let trained = running.filter(|(run, _)| !away.contains(*run));
        trained.map(|(run, _)| EventKind::Interrupted { run: run.clone() }).collect()
    };
    let leave = older_queue == OlderQueue::Leave;
    if leave && journal.feed().state().paused {
        lines.push(EventKind::Resumed);
    }
    if !lines.is_empty() {
        journal.append(lines)?;
    }
    Ok(match older_queue {
        OlderQueue::Leave => Queue::default(),
        OlderQueue::Continue => waiting(&journal.feed().state(), places, |run| !away.contains(run)),
    })
}

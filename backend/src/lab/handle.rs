use super::checkpoint::Checkpoints;
use super::control::Control;
use super::foreman::{Command, Foreman, Reply, waiting};
use super::journal::{Feed, Journal, Subscription};
use super::plan::Plan;
use super::resources::Resources;
use super::training::Workplace;
use super::{LabError, device};
use crate::engine::{Device, Numbers};
use crate::store::{Reader, Store};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tunemask_shared::event::{ExperimentId, Points, What};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::plan::Plan as GangPlan;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;

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

/// What an experiment would take.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// All of its runs.
    pub runs: usize,
    /// The gangs of those that are still to train.
    pub plan: GangPlan,
}

/// The handle of a lab. Its methods wait for the answer; an async caller gives them a thread that may block.
#[derive(Clone, Debug)]
pub struct Lab(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    home: PathBuf,
    commands: SyncSender<Command>,
    feed: Feed,
    reader: Mutex<Reader>,
    resources: Arc<Resources>,
    foreman: Mutex<Option<JoinHandle<()>>>,
    device: Device,
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
        let queue = tidy(&journal, options.older_queue)?;

        let (commands, orders) = sync_channel(WAITING);
        let (control, resources) = (Arc::new(Control::default()), Arc::new(Resources::default()));
        if feed.state().paused {
            control.pause();
        }
        let place = Workplace {
            device: options.device.clone(),
            journal: journal.clone(),
            control: control.clone(),
            resources: resources.clone(),
            checkpoints: Checkpoints::new(&options.home),
        };
        let (device, worker) = device::start(place, commands.clone())?;
        let foreman =
            Foreman { journal, control, resources: resources.clone(), device, queue, working: Vec::new() };
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
            .map_err(|e| LabError::Thread(e.to_string()))?;
        let (reader, foreman) = (Mutex::new(reader), Mutex::new(Some(thread)));
        Ok(Self(Arc::new(Inner {
            home: options.home.clone(),
            commands,
            feed,
            reader,
            resources,
            foreman,
            device: options.device.clone(),
        })))
    }

    /// Validates an experiment and queues those of its runs that are not done yet.
    ///
    /// Reads the model and the data's fingerprints first, which takes seconds for a large one.
    ///
    /// # Errors
    /// Every field's error; or the log cannot be written.
    pub fn submit(&self, experiment: &Experiment) -> Result<ExperimentId, LabError> {
        let plan =
            Plan::make(experiment, &self.0.resources, self.0.device.numbers()).map_err(LabError::Invalid)?;
        self.0.ask(|reply| Command::Submit(Box::new(plan), reply))
    }

    /// What an experiment would take: the gangs of those of its runs that are not done yet.
    ///
    /// Reads the model and a part of the data first.
    ///
    /// # Errors
    /// Every field's error.
    pub fn plan(&self, experiment: &Experiment) -> Result<GangPlan, LabError> {
        Ok(self.plan_after(experiment, &mut HashSet::new())?.plan)
    }

    /// What an experiment would take after others, whose runs are `earlier`; its own join them.
    ///
    /// # Errors
    /// Every field's error.
    pub fn plan_after(
        &self,
        experiment: &Experiment,
        earlier: &mut HashSet<RunId>,
    ) -> Result<Preview, LabError> {
        let plan =
            Plan::make(experiment, &self.0.resources, self.0.device.numbers()).map_err(LabError::Invalid)?;
        // Not under the state's lock, for which lines that are written wait.
        let finished: HashSet<RunId> = {
            let state = self.0.feed.state();
            let ids = plan.runs.iter().map(|run| run.spec.id());
            ids.filter(|run| state.runs.get(run).is_some_and(|r| r.status == RunStatus::Finished)).collect()
        };
        let made = plan.gangs(|run| !finished.contains(run) && !earlier.contains(run));
        earlier.extend(plan.runs.iter().map(|run| run.spec.id()));
        Ok(Preview { runs: plan.runs.len(), plan: made })
    }

    /// Stops the queue; the run that trains waits between two steps.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn pause(&self) -> Result<(), LabError> {
        self.0.ask(Command::Pause)
    }

    /// Lets the queue go on.
    ///
    /// # Errors
    /// The log cannot be written.
    pub fn resume(&self) -> Result<(), LabError> {
        self.0.ask(Command::Resume)
    }

    /// Ends runs, queued or training; those that are over stay as they are.
    ///
    /// # Errors
    /// A run that was never queued, then none is ended; the log cannot be written.
    pub fn cancel(&self, runs: Vec<RunId>) -> Result<(), LabError> {
        self.0.ask(|reply| Command::Cancel(runs, reply))
    }

    /// Queues runs again that failed, were cancelled or interrupted; all others stay as they are.
    ///
    /// # Errors
    /// A run that was never queued, then none is queued; the log cannot be written.
    pub fn retry(&self, runs: Vec<RunId>) -> Result<(), LabError> {
        self.0.ask(|reply| Command::Retry(runs, reply))
    }

    /// All that happened so far, and all that happens from now on.
    pub fn subscribe(&self) -> Subscription {
        self.0.feed.subscribe()
    }

    /// All that happened so far.
    pub fn state(&self) -> LabState {
        self.0.feed.state().clone()
    }

    /// The runs of an experiment, in the order in which they are trained; `None` if there is no such.
    pub fn runs(&self, experiment_id: ExperimentId) -> Option<Vec<RunId>> {
        self.0.feed.state().experiments.get(&experiment_id).map(|e| e.runs.clone())
    }

    /// The points of a run since it was queued last, and the number of the last line that they cover.
    ///
    /// # Errors
    /// The log cannot be read.
    pub fn series(&self, run: &RunId) -> Result<(u64, Points), LabError> {
        Ok(self.0.reader.lock().unwrap_or_else(PoisonError::into_inner).series(run)?)
    }

    /// Its home folder.
    pub fn home(&self) -> &Path {
        &self.0.home
    }

    /// What trains, for people.
    pub fn device(&self) -> String {
        if !self.0.device.is_cpu() {
            return self.0.device.label();
        }
        let threads = rayon::current_num_threads();
        let threads = format!("CPU, {threads} {}", if threads == 1 { "thread" } else { "threads" });
        match self.0.device.numbers() {
            Numbers::F32 => threads,
            numbers => format!("{threads}, {}", numbers.name()),
        }
    }

    /// Ends the training between two steps, writes the last lines and closes the log.
    pub fn shut_down(&self) {
        self.0.shut_down();
    }
}

impl Inner {
    fn ask<T>(&self, command: impl FnOnce(Reply<T>) -> Command) -> Result<T, LabError> {
        let (reply, answer) = sync_channel(1);
        self.commands.send(command(reply)).map_err(|_| LabError::Stopped)?;
        answer.recv().map_err(|_| LabError::Stopped)?
    }

    fn shut_down(&self) {
        let foreman = self.foreman.lock().unwrap_or_else(PoisonError::into_inner).take();
        let Some(foreman) = foreman else { return };
        // If it has ended by itself there is nothing left to tell it.
        _ = self.commands.send(Command::Stop);
        if foreman.join().is_err() {
            tracing::error!("the lab's foreman panicked");
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shut_down();
    }
}

/// Writes what the program before could not, and gives the queue to begin with.
fn tidy(journal: &Journal, older_queue: OlderQueue) -> Result<std::collections::VecDeque<RunId>, LabError> {
    let mut lines: Vec<What> = {
        let state = journal.feed().state();
        let trained = state.runs.iter().filter(|(_, r)| r.status == RunStatus::Running);
        trained.map(|(run, _)| What::Interrupted { run: run.clone() }).collect()
    };
    let leave = older_queue == OlderQueue::Leave;
    if leave && journal.feed().state().paused {
        lines.push(What::Resumed);
    }
    if !lines.is_empty() {
        journal.append(lines)?;
    }
    Ok(if leave { Default::default() } else { waiting(&journal.feed().state()) })
}

//! The handle.

use super::control::Control;
use super::feed::{Feed, Subscription};
use super::foreman::{Asked, Command, Foreman, Reply, Submission, waiting};
use super::journal::Journal;
use super::plan::Plan;
use super::queue::Queue;
use super::resources::Resources;
use super::room::free_bytes;
use super::training::TrainContext;
use super::trouble::Trouble;
use super::{LabError, device};
use crate::artifacts::Artifacts;
use crate::store::{Reader, Store, StoreError};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use tunemask_engine::{Device, Precision};
use tunemask_shared::event::{EventKind, ExperimentId, Points};
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
    /// `None` when the log is closed.
    reader: Mutex<Option<Reader>>,
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
        let foreman = Foreman { journal, control, resources, computes, device, queue, working, again };
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

    /// Validates an experiment and queues those of its runs that are not done yet, and those that finished but of which
    /// nothing is left.
    ///
    /// Reads the model and the data's fingerprints first, which takes seconds for a large one.
    ///
    /// # Errors
    /// Every field's error; the disk has no room for what the runs would leave; or the log cannot be written.
    pub fn submit(&self, experiment: &Experiment) -> Result<ExperimentId, LabError> {
        let plan = self.make(experiment)?;
        let gone = self.gone(&plan)?;
        let asked = Arc::new(Asked { plan, gone });
        // Again only if another's wish changed meanwhile which of them are to train.
        loop {
            let trains = self.0.ask(|reply| Command::Ask(asked.clone(), reply))?;
            let gangs = asked.plan.gangs(&trains);
            self.room(&asked.plan, &gangs)?;
            let submission = Submission { asked: asked.clone(), trains, gangs };
            if let Some(id) = self.0.ask(|reply| Command::Submit(submission, reply))? {
                return Ok(id);
            }
        }
    }

    fn make(&self, experiment: &Experiment) -> Result<Plan, LabError> {
        Plan::make(experiment, &self.0.resources, &self.0.device).map_err(LabError::Invalid)
    }

    /// Those of a plan's runs that have finished and of which nothing is left.
    fn gone(&self, plan: &Plan) -> Result<HashSet<RunId>, LabError> {
        let mut finished: HashSet<RunId> = {
            let state = self.0.feed.state();
            let ids = plan.runs.iter().map(|planned| &planned.queued.run);
            let finished =
                |run: &&RunId| state.runs.get(*run).is_some_and(|r| r.status == RunStatus::Finished);
            ids.filter(finished).cloned().collect()
        };
        // Behind that: what a run leaves is there before it has finished.
        if !finished.is_empty() {
            let left = Artifacts::new(&self.0.home).finished_runs()?;
            finished.retain(|run| !left.contains(&run.0));
        }
        Ok(finished)
    }

    /// Refuses what the disk has no room for.
    fn room(&self, plan: &Plan, gangs: &GangPlan) -> Result<(), LabError> {
        let needed = gangs.disk_bytes() + plan.checkpoint_bytes(gangs);
        match free_bytes(&self.0.home) {
            Some(free) if free < needed => Err(LabError::Room { home: self.0.home.clone(), needed, free }),
            _ => Ok(()),
        }
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
        let plan = self.make(experiment)?;
        let gone = self.gone(&plan)?;
        let trains: Vec<usize> = {
            let state = self.0.feed.state();
            let done = |run: &RunId| {
                let finished = state.runs.get(run).is_some_and(|r| r.status == RunStatus::Finished);
                finished && !gone.contains(run) || earlier.contains(run)
            };
            let open = plan.runs.iter().enumerate().filter(|(_, planned)| !done(&planned.queued.run));
            open.map(|(i, _)| i).collect()
        };
        let made = plan.gangs(&trains);
        earlier.extend(plan.runs.iter().map(|planned| planned.queued.run.clone()));
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
    pub fn state(&self) -> Arc<LabState> {
        self.0.feed.state()
    }

    /// The runs of an experiment, in the order in which they are trained; `None` if there is no such.
    pub fn runs(&self, experiment_id: ExperimentId) -> Option<Vec<RunId>> {
        self.0.feed.state().experiments.get(&experiment_id).map(|e| e.runs.clone())
    }

    /// The points of a run since it was queued last, and the number of the last line that they cover.
    ///
    /// # Errors
    /// The log cannot be read, or was closed.
    pub fn series(&self, run: &RunId) -> Result<(u64, Points), LabError> {
        let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(reader.as_ref().ok_or(LabError::Stopped)?.series(run)?)
    }

    /// What keeps the queue from going on and may pass, if something does.
    pub fn trouble(&self) -> Option<Trouble> {
        self.0.feed.troubles().now()
    }

    /// Why the log cannot be written any more, if so.
    pub fn failure(&self) -> Option<LabError> {
        self.0.feed.troubles().failure().map(LabError::Store)
    }

    /// Ready when the log cannot be written any more, with the reason: then nothing will train until the program is
    /// started again.
    pub fn failed(&self) -> impl Future<Output = Arc<StoreError>> + Send + use<> {
        self.0.feed.troubles().failed()
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
        match self.0.device.precision() {
            Precision::F32 => threads,
            precision => format!("{threads}, {}", precision.name()),
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
        self.feed.troubles().end();
        // Before the log: the last of its connections to be closed brings all lines into its one file.
        drop(self.reader.lock().unwrap_or_else(PoisonError::into_inner).take());
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
    Ok(if leave { Queue::default() } else { waiting(&journal.feed().state()) })
}

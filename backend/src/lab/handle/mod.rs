//! The handle of a lab: what a command or a page can ask of it. In reading order:

/// From a home folder to a lab that works.
mod opening;
/// Experiments that are asked for.
mod experiments;
/// Experiments as plan folders, for workers that others start.
mod planning;
/// Where runs can train.
mod places;
/// The values of LayerNorms.
mod norms;
/// Whose weights stay on the disk, and what they take.
mod keeping;

pub use experiments::Preview;
pub(super) use keeping::storage;
pub use opening::{LabOptions, OlderQueue, Workers};
pub use planning::WrittenPlan;

use super::LabError;
use super::feed::{Feed, Subscription};
use super::foreman::{Command, Reply};
use super::plan::Share;
use super::resources::Resources;
use super::trouble::Trouble;
use crate::artifacts::Artifacts;
use crate::cluster::SlurmSettings;
use crate::store::{Reader, StoreError};
use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use tunemask_engine::{Device, Precision};
use tunemask_shared::annotation::Annotation;
use tunemask_shared::buckets::Buckets;
use tunemask_shared::event::{ExperimentId, Points};
use tunemask_shared::machine::Room;
use tunemask_shared::places::TrainingPlace;
use tunemask_shared::queue::QueuePlace;
use tunemask_shared::run::RunId;
use tunemask_shared::run_log::{MAX_LINES, RunLog};
use tunemask_shared::state::LabState;

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
    /// The precision of the devices that train.
    precision: Precision,
    /// How workers share what there is.
    share: Share,
    places: Vec<TrainingPlace>,
    /// What Slurm is asked for, where it trains.
    slurm: Option<SlurmSettings>,
    trains: Trains,
}

/// Who trains for a lab.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Trains {
    /// It does.
    Itself,
    /// Workers do.
    Workers,
}

/// What deleting an experiment would give back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DiskUse {
    /// Its runs that are in no other experiment.
    pub runs: usize,
    /// Bytes of their files.
    pub bytes: u64,
}

impl Lab {
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

    /// Puts what waits of an experiment elsewhere in the queue; what trains goes on. One that is over stays where it is.
    ///
    /// # Errors
    /// There is no such experiment; the log cannot be written.
    pub fn move_in_queue(&self, experiment_id: ExperimentId, to: QueuePlace) -> Result<(), LabError> {
        self.0.ask(|reply| Command::Move(experiment_id, to, reply))
    }

    /// Writes on an experiment.
    ///
    /// # Errors
    /// There is no such experiment; a text that is too long; the log cannot be written.
    pub fn annotate(&self, experiment_id: ExperimentId, annotation: Annotation) -> Result<(), LabError> {
        self.0.ask(|reply| Command::Annotate(experiment_id, annotation, reply))
    }

    /// What deleting an experiment would give back.
    pub fn disk_use(&self, experiment_id: ExperimentId) -> DiskUse {
        let runs = self.0.feed.state().runs_of_it_alone(experiment_id);
        let artifacts = Artifacts::new(&self.0.home);
        DiskUse { runs: runs.len(), bytes: runs.iter().map(|run| artifacts.bytes(&run.0)).sum() }
    }

    /// Deletes an experiment, with all that those of its runs left that are in no other.
    ///
    /// # Errors
    /// There is no such experiment; runs of it are not over; the log cannot be written.
    pub fn delete(&self, experiment_id: ExperimentId) -> Result<(), LabError> {
        let runs = self.0.ask(|reply| Command::Delete(experiment_id, reply))?;
        // Behind the line: files whose run is still in the log would be missed, those of none are only in the way.
        let artifacts = Artifacts::new(&self.0.home);
        runs.iter().for_each(|run| artifacts.remove_all(&run.0));
        Ok(())
    }

    /// All that happened so far, and all that happens from now on.
    pub fn subscribe(&self) -> Subscription {
        self.0.feed.subscribe()
    }

    /// All that happened so far.
    pub fn state(&self) -> Arc<LabState> {
        self.0.feed.state()
    }

    /// Looks at all that happened so far, for a moment: what is written waits meanwhile.
    pub fn read<T>(&self, look: impl FnOnce(&LabState) -> T) -> T {
        self.0.feed.read(look)
    }

    /// The runs of an experiment, in the order in which they are trained; `None` if there is no such.
    pub fn runs(&self, experiment_id: ExperimentId) -> Option<Vec<RunId>> {
        self.read(|state| state.experiments.get(&experiment_id).map(|e| e.runs.clone()))
    }

    /// The points of a run since it was queued last, and the number of the last line that they cover.
    ///
    /// # Errors
    /// The log cannot be read, or was closed.
    pub fn series(&self, run: &RunId) -> Result<(u64, Points), LabError> {
        let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(reader.as_ref().ok_or(LabError::Stopped)?.series(run)?)
    }

    /// The same in at most `most` buckets: a run of any length takes no more memory than they do.
    ///
    /// # Errors
    /// As [`Lab::series`].
    pub fn buckets(&self, run: &RunId, most: usize) -> Result<(u64, Buckets), LabError> {
        let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(reader.as_ref().ok_or(LabError::Stopped)?.buckets(run, most)?)
    }

    /// The last that happened to a run, steps aside; nothing if there is no such run.
    ///
    /// # Errors
    /// The log cannot be read, or was closed.
    pub fn run_log(&self, run: &RunId) -> Result<RunLog, LabError> {
        let reader = self.0.reader.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(reader.as_ref().ok_or(LabError::Stopped)?.run_log(run, MAX_LINES)?)
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

    /// Whether this program trains, and no worker does.
    pub fn trains_by_itself(&self) -> bool {
        self.0.trains == Trains::Itself
    }

    /// What trains, for people.
    pub fn device(&self) -> String {
        places::words(&self.0.device)
    }

    /// Memory of the GPU that trains, if one does and says it.
    pub fn device_memory(&self) -> Option<Room> {
        let (free, total) = (self.0.device.free_bytes()?, self.0.device.total_bytes()?);
        Some(Room { used: total.saturating_sub(free), total })
    }

    /// What computes beside the training: the processor, as it trains where it does. A GPU belongs to the thread that trains.
    pub fn beside_training(&self) -> Device {
        if self.0.device.is_cpu() { self.0.device.clone() } else { Device::cpu() }
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

//! The queue's owner.

/// What the foreman is told.
mod command;
/// Which gang goes where, and what becomes of one whose worker is gone.
mod dispatch;
/// What a user does to an experiment as a whole.
mod experiments;
/// Weights that no rule wants.
mod weights;

pub(super) use command::{Asked, Command, Reply, Submission};

use super::LabError;
use super::control::Control;
use super::destination::Destinations;
use super::gone::Gone;
use super::journal::Journal;
use super::keeping::Keeper;
use super::places::{Place, PlaceId, Report};
use super::queue::Queue;
use super::queued_run::QueuedRun;
use super::resources::Resources;
use super::training::Ended;
use command::answer;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::mpsc::Receiver;
use std::thread::JoinHandle;
use tunemask_engine::Device;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{LabState, RunState};

/// The queue's owner. Everything that happens to a run but its training goes through it, one after the other.
#[derive(Debug)]
pub(super) struct Foreman {
    pub(super) journal: Journal,
    pub(super) control: Arc<Control>,
    pub(super) resources: Arc<Resources>,
    /// What gangs are trained with.
    pub(super) computes: Device,
    /// Where gangs are trained.
    pub(super) places: Vec<Place>,
    /// Runs that wait, in their order.
    pub(super) queue: Queue<RunId>,
    /// Runs that places have, and which.
    pub(super) working: HashMap<RunId, PlaceId>,
    /// Runs whose workers were gone.
    pub(super) gone: Gone<RunId>,
    /// Runs that had finished, and train again because nothing was left of them.
    pub(super) again: HashSet<RunId>,
    /// Drops the weights that no rule wants.
    pub(super) keeper: Keeper,
}

/// Runs that wait according to the log: by experiment, in the order in which they are trained; of these those that `pick` says.
/// `places` are those that there are.
pub(super) fn waiting(state: &LabState, places: &[String], pick: impl Fn(&RunId) -> bool) -> Queue<RunId> {
    let mut queue = Queue::default();
    let destinations = Destinations::new(state, places);
    let experiments = state.training_order().filter_map(|id| state.experiments.get(&id));
    for run in experiments.flat_map(|e| &e.runs).filter(|run| pick(run)) {
        if let Some(known) = state.runs.get(run).filter(|r| r.status == RunStatus::Queued) {
            queue.push(run.clone(), &QueuedRun::from_state(run, known), destinations.of(run));
        }
    }
    queue
}

impl Foreman {
    /// Works until it is told to stop, or the log cannot be written. Gives the threads of its places, which end by
    /// themselves.
    pub(super) fn work(mut self, commands: &Receiver<Command>) -> Vec<JoinHandle<()>> {
        self.keep_from_before();
        self.dispatch();
        while let Ok(command) = commands.recv() {
            // What may have changed whose weights are wanted.
            let keeps = matches!(
                command,
                Command::Submit(..) | Command::Delete(..) | Command::Keep(..) | Command::Idle(_)
            );
            match command {
                Command::Ask(asked, reply) => answer(&reply, Ok(self.to_train(&asked))),
                Command::Submit(submission, reply) => answer(&reply, self.submit(submission)),
                Command::Pause(reply) => answer(&reply, self.pause()),
                Command::Resume(reply) => answer(&reply, self.resume()),
                Command::Cancel(runs, reply) => answer(&reply, self.cancel(&runs)),
                Command::Retry(runs, reply) => answer(&reply, self.retry(&runs)),
                Command::Annotate(id, annotation, reply) => answer(&reply, self.annotate(id, annotation)),
                Command::Delete(id, reply) => answer(&reply, self.delete(id)),
                Command::Move(id, to, reply) => answer(&reply, self.move_in_queue(id, to)),
                Command::Keep(id, rule, reply) => answer(&reply, self.keep(id, rule)),
                Command::Idle(Report { place, runs, ended }) => {
                    let ended = ended.and_then(|ended| {
                        self.working.retain(|_, own| *own != place);
                        self.control.forget(&runs);
                        self.ended(ended)
                    });
                    // The runs stay as they are: the next start finds them.
                    if let Err(error) = ended {
                        tracing::error!("the queue stops: {error}");
                        self.queue.clear();
                    }
                }
                Command::Stop => break,
            }
            // Before the next gang writes, so that lines have one order. The files are the keeper's.
            if keeps {
                self.drop_unwanted();
            }
            self.dispatch();
        }
        self.control.stop();
        // Of runs that finished just before.
        self.drop_unwanted();
        self.places.into_iter().map(|place| place.thread).collect()
    }

    /// What becomes of a gang's runs that are not over.
    fn ended(&mut self, ended: Ended) -> Result<(), LabError> {
        let (runs, why) = match ended {
            Ended::Over => return Ok(()),
            Ended::Gone { runs, why } => return self.gone(&runs, &why),
            Ended::Lost { runs, why } => (runs, why),
        };
        // They wait for a device again, and with them all others: on one that fails each would fail.
        tracing::error!("the queue stops: {why}");
        let lines = self.journal.feed().read(|state| {
            let running = |run: &&RunId| state.runs.get(*run).is_some_and(|r| r.status == RunStatus::Running);
            runs.iter().filter(running).map(|run| EventKind::Interrupted { run: run.clone() }).collect()
        });
        self.journal.append(lines)?;
        self.retry(&runs)?;
        // Also those of which a worker said itself that it left them, and those that nobody had begun: they wait already.
        let lost: HashSet<RunId> = runs.into_iter().collect();
        self.rebuild_queue(|run| lost.contains(run));
        // Before the pause is shown, so that whoever sees it finds the reason.
        self.journal.feed().device_waits(Some(why));
        self.pause()
    }

    /// The places of an experiment's runs that are not done yet.
    fn to_train(&self, asked: &Asked) -> Vec<usize> {
        let state = self.journal.feed().state();
        let trains = |run: &RunId| {
            let Some(known) = state.runs.get(run) else { return true };
            match known.status {
                RunStatus::Running => false,
                RunStatus::Finished => asked.lacks(run, known),
                // A run that an earlier program left in its queue waits for nobody here: see `OlderQueue`.
                RunStatus::Queued => !self.queue.contains(run) && !self.working.contains_key(run),
                // It is done with where learning rates are retired.
                RunStatus::Retired => asked.plan.experiment.halving.is_none(),
                RunStatus::Failed | RunStatus::Cancelled | RunStatus::Interrupted => true,
            }
        };
        let places = asked.plan.runs.iter().enumerate().filter(|(_, planned)| trains(&planned.queued.run));
        places.map(|(i, _)| i).collect()
    }

    fn submit(&mut self, submission: Submission) -> Result<Option<ExperimentId>, LabError> {
        let Submission { asked, trains, gangs } = submission;
        if self.to_train(&asked) != trains {
            return Ok(None);
        }
        let plan = &asked.plan;
        let planned = || trains.iter().map(|&i| &plan.runs[i]);
        let (experiment_id, mut lines, finished) = {
            let state = self.journal.feed().state();
            let is_finished =
                |run: &&RunId| state.runs.get(*run).is_some_and(|known| known.status == RunStatus::Finished);
            let finished: HashSet<RunId> =
                planned().map(|planned| &planned.queued.run).filter(is_finished).cloned().collect();
            let queued = planned().map(|planned| match state.runs.get(&planned.queued.run) {
                Some(known) => again(&planned.queued.run, known),
                None => planned.queued.line(),
            });
            (ExperimentId(state.last_experiment.0 + 1), queued.collect::<Vec<_>>(), finished)
        };
        self.keeper.leave(&finished);
        let runs = plan.runs.iter().map(|planned| planned.queued.run.clone()).collect();
        let experiment = plan.experiment.clone();
        lines.insert(0, EventKind::Created { experiment_id, experiment, runs, plan: Some(gangs) });
        self.journal.append(lines)?;
        // With those that wait already: they go where the latest experiment says that holds them.
        let new: HashSet<&RunId> = planned().map(|planned| &planned.queued.run).collect();
        self.rebuild_queue(|run| new.contains(run));
        self.again.extend(finished);
        Ok(Some(experiment_id))
    }

    /// Puts the runs that wait, and those that are `added` to them, in the order of the log and where it says that they go. It
    /// comes after their lines are in the log.
    fn rebuild_queue(&mut self, added: impl Fn(&RunId) -> bool) {
        let old = std::mem::take(&mut self.queue);
        let here = |run: &RunId| old.contains(run) || added(run);
        self.queue = waiting(&self.journal.feed().state(), &self.place_names(), here);
    }

    /// The names of its places.
    fn place_names(&self) -> Vec<String> {
        self.places.iter().map(|place| place.name.clone()).collect()
    }

    fn pause(&mut self) -> Result<(), LabError> {
        // First the signal: no step begins after the line is shown.
        self.control.pause();
        let paused = self.journal.feed().state().paused;
        if paused { Ok(()) } else { self.journal.append(vec![EventKind::Paused]) }
    }

    fn resume(&mut self) -> Result<(), LabError> {
        let paused = self.journal.feed().state().paused;
        if paused {
            self.journal.append(vec![EventKind::Resumed])?;
        }
        self.journal.feed().device_waits(None);
        self.control.resume();
        Ok(())
    }

    fn cancel(&mut self, runs: &[RunId]) -> Result<(), LabError> {
        self.known(runs)?;
        let asked: HashSet<&RunId> = runs.iter().collect();
        // The device writes the last line of those that it has.
        self.control.cancel(self.working.keys().filter(|run| asked.contains(run)).cloned());
        let lines: Vec<EventKind> = {
            let state = self.journal.feed().state();
            let waits = |run: &&RunId| state.runs.get(*run).is_some_and(|r| r.status == RunStatus::Queued);
            // One that left its gang and was queued again is with the device, too, until that gang is over.
            let here = |run: &&RunId| self.queue.contains(run) || !self.working.contains_key(*run);
            let waiting = runs.iter().filter(waits).filter(here);
            let mut seen = HashSet::new();
            waiting
                .filter(|run| seen.insert(*run))
                .map(|run| EventKind::Cancelled { run: run.clone() })
                .collect()
        };
        if !lines.is_empty() {
            self.journal.append(lines)?;
        }
        runs.iter().for_each(|run| self.queue.remove(run));
        Ok(())
    }

    fn retry(&mut self, runs: &[RunId]) -> Result<(), LabError> {
        self.known(runs)?;
        let lines: Vec<EventKind> = {
            let state = self.journal.feed().state();
            let mut seen = HashSet::new();
            let ended = runs.iter().filter(|run| seen.insert(*run)).filter_map(|run| {
                use RunStatus::{Cancelled, Failed, Interrupted, Retired};
                let run_state = state.runs.get(run)?;
                let ended = matches!(run_state.status, Failed | Cancelled | Interrupted | Retired);
                ended.then_some((run, run_state))
            });
            ended.map(|(run, r)| again(run, r)).collect()
        };
        if lines.is_empty() {
            return Ok(());
        }
        let queued: HashSet<RunId> = lines.iter().filter_map(|line| line.run().cloned()).collect();
        self.journal.append(lines)?;
        // Where their experiments stand, as the next start would have them.
        self.rebuild_queue(|run| queued.contains(run));
        Ok(())
    }

    fn known(&self, runs: &[RunId]) -> Result<(), LabError> {
        let state = self.journal.feed().state();
        let unknown = runs.iter().find(|run| !state.runs.contains_key(*run));
        unknown.map_or(Ok(()), |run| Err(LabError::UnknownRun(run.clone())))
    }
}

/// The line that queues a run again: one that failed starts anew, and so does one of which nothing is left; any other
/// goes on, also one whose outcome could not be saved.
fn again(run: &RunId, known: &RunState) -> EventKind {
    let unsaved = known.checkpoint_failure.is_some();
    if !(known.status == RunStatus::Failed && !unsaved || known.status == RunStatus::Finished) {
        return EventKind::Continued { run: run.clone() };
    }
    QueuedRun::from_state(run, known).line()
}

use super::LabError;
use super::control::Control;
use super::gangs::{Candidate, first_gang, memory_for_scalars};
use super::job::Job;
use super::journal::Journal;
use super::plan::Plan;
use super::resources::Resources;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use tunemask_shared::event::{ExperimentId, What};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{LabState, RunState};

/// Where an answer goes.
pub(super) type Reply<T> = SyncSender<Result<T, LabError>>;

/// What the foreman is told.
#[derive(Debug)]
pub(super) enum Command {
    /// Queue what is not done yet of an experiment.
    Submit(Box<Plan>, Reply<ExperimentId>),
    /// Stop the queue between two steps.
    Pause(Reply<()>),
    /// Let it go on.
    Resume(Reply<()>),
    /// End these runs, unless they are over.
    Cancel(Vec<RunId>, Reply<()>),
    /// Queue these runs again, if they are over and did not finish.
    Retry(Vec<RunId>, Reply<()>),
    /// The device's gang is over, or its lines could not be written.
    Idle(Result<(), LabError>),
    /// The program ends.
    Stop,
}

/// The queue's owner. Everything that happens to a run but its training goes through it, one after the other.
#[derive(Debug)]
pub(super) struct Foreman {
    pub(super) journal: Journal,
    pub(super) control: Arc<Control>,
    pub(super) resources: Arc<Resources>,
    pub(super) device: SyncSender<Vec<Job>>,
    /// Runs that wait, in their order.
    pub(super) queue: VecDeque<RunId>,
    /// Runs that the device has.
    pub(super) working: Vec<RunId>,
}

/// Runs that wait according to the log: by experiment, in the order in which they are trained.
pub(super) fn waiting(state: &LabState) -> VecDeque<RunId> {
    let mut seen = HashSet::new();
    let all = state.experiments.values().flat_map(|e| &e.runs);
    all.filter(|run| state.runs.get(run).is_some_and(|r| r.status == RunStatus::Queued))
        .filter(|run| seen.insert(*run))
        .cloned()
        .collect()
}

impl Foreman {
    /// Works until it is told to stop, or the log cannot be written.
    pub(super) fn work(mut self, commands: &Receiver<Command>) {
        self.dispatch();
        while let Ok(command) = commands.recv() {
            match command {
                Command::Submit(plan, reply) => answer(&reply, self.submit(*plan)),
                Command::Pause(reply) => answer(&reply, self.pause()),
                Command::Resume(reply) => answer(&reply, self.resume()),
                Command::Cancel(runs, reply) => answer(&reply, self.cancel(&runs)),
                Command::Retry(runs, reply) => answer(&reply, self.retry(&runs)),
                Command::Idle(Ok(())) => {
                    self.working.clear();
                    self.control.clear();
                }
                // The runs stay as they are: the next start finds them.
                Command::Idle(Err(error)) => {
                    tracing::error!("the queue stops: {error}");
                    self.queue.clear();
                }
                Command::Stop => break,
            }
            self.dispatch();
        }
        self.control.stop();
    }

    /// Gives the device its next gang, if it waits for one.
    fn dispatch(&mut self) {
        if !self.working.is_empty() || self.control.is_paused() {
            return;
        }
        let jobs: Vec<Job> = {
            let state = self.journal.feed().state();
            let held: HashSet<&RunId> = state.experiments.values().flat_map(|e| &e.runs).collect();
            self.queue.retain(|run| {
                let known = held.contains(run) && state.runs.contains_key(run);
                if !known {
                    tracing::error!("run {run} is in no experiment; it is left out");
                }
                known
            });
            let known = |run: &RunId| state.runs.get(run).map(|r| (run.clone(), r));
            let waiting: Vec<_> = self.queue.iter().filter_map(known).collect();
            let candidates: Vec<Candidate<'_>> = waiting
                .iter()
                .map(|(_, r)| Candidate { spec: &r.spec, trainable: r.trainable, alone: r.alone })
                .collect();
            let gang = first_gang(&candidates, memory_for_scalars());
            gang.into_iter().filter_map(|i| Job::find(&state, &waiting[i].0)).collect()
        };
        if jobs.is_empty() {
            self.resources.clear();
            return;
        }
        self.working = jobs.iter().map(|job| job.run.clone()).collect();
        let working = &self.working;
        self.queue.retain(|run| !working.contains(run));
        if self.device.send(jobs).is_err() {
            self.queue.clear();
        }
    }

    fn submit(&mut self, plan: Plan) -> Result<ExperimentId, LabError> {
        let ids: Vec<RunId> = plan.runs.iter().map(|planned| planned.spec.id()).collect();
        let (experiment_id, mut lines) = {
            let state = self.journal.feed().state();
            let last = state.experiments.last_key_value().map_or(0, |(id, _)| id.0);
            let here: HashSet<&RunId> = self.queue.iter().chain(&self.working).collect();
            let queued = plan.runs.iter().zip(&ids).filter_map(|(planned, run)| {
                match state.runs.get(run).map(|r| (r.status, r)) {
                    Some((RunStatus::Finished | RunStatus::Running, _)) => None,
                    // A run that an earlier program left in its queue waits for nobody here: see `OlderQueue`.
                    Some((RunStatus::Queued, _)) if here.contains(run) => None,
                    Some((_, known)) => Some(again(run, known)),
                    None => Some(What::Queued {
                        run: run.clone(),
                        spec: Box::new(planned.spec.clone()),
                        trainable: planned.trainable,
                        alone: planned.alone,
                    }),
                }
            });
            (ExperimentId(last + 1), queued.collect::<Vec<_>>())
        };
        let queued: Vec<RunId> = lines.iter().filter_map(|line| line.run().cloned()).collect();
        let trains: HashSet<&RunId> = queued.iter().collect();
        let gangs = Some(plan.gangs(|run| trains.contains(run)));
        let experiment = plan.experiment;
        lines.insert(0, What::Created { experiment_id, experiment, runs: ids, plan: gangs });
        self.journal.append(lines)?;
        self.queue.extend(queued);
        Ok(experiment_id)
    }

    fn pause(&mut self) -> Result<(), LabError> {
        // First the signal: no step begins after the line is shown.
        self.control.pause();
        let paused = self.journal.feed().state().paused;
        if paused { Ok(()) } else { self.journal.append(vec![What::Paused]) }
    }

    fn resume(&mut self) -> Result<(), LabError> {
        let paused = self.journal.feed().state().paused;
        if paused {
            self.journal.append(vec![What::Resumed])?;
        }
        self.control.resume();
        Ok(())
    }

    fn cancel(&mut self, runs: &[RunId]) -> Result<(), LabError> {
        self.known(runs)?;
        let asked: HashSet<&RunId> = runs.iter().collect();
        // The device writes the last line of those that it has.
        self.control.cancel(self.working.iter().filter(|run| asked.contains(run)).cloned());
        let lines: Vec<What> = {
            let state = self.journal.feed().state();
            let waits = |run: &&RunId| state.runs.get(*run).is_some_and(|r| r.status == RunStatus::Queued);
            // One that left its gang and was queued again is with the device, too, until that gang is over.
            let here = |run: &&RunId| self.queue.contains(run) || !self.working.contains(run);
            let waiting = runs.iter().filter(waits).filter(here);
            let mut seen = HashSet::new();
            waiting.filter(|run| seen.insert(*run)).map(|run| What::Cancelled { run: run.clone() }).collect()
        };
        if !lines.is_empty() {
            self.journal.append(lines)?;
        }
        self.queue.retain(|run| !asked.contains(run));
        Ok(())
    }

    fn retry(&mut self, runs: &[RunId]) -> Result<(), LabError> {
        self.known(runs)?;
        let lines: Vec<What> = {
            let state = self.journal.feed().state();
            let mut seen = HashSet::new();
            let ended = runs.iter().filter(|run| seen.insert(*run)).filter_map(|run| {
                use RunStatus::{Cancelled, Failed, Interrupted};
                let run_state = state.runs.get(run)?;
                matches!(run_state.status, Failed | Cancelled | Interrupted).then_some((run, run_state))
            });
            ended.map(|(run, r)| again(run, r)).collect()
        };
        let queued: Vec<RunId> = lines.iter().filter_map(|line| line.run().cloned()).collect();
        if !lines.is_empty() {
            self.journal.append(lines)?;
        }
        self.queue.extend(queued);
        Ok(())
    }

    fn known(&self, runs: &[RunId]) -> Result<(), LabError> {
        let state = self.journal.feed().state();
        let unknown = runs.iter().find(|run| !state.runs.contains_key(*run));
        unknown.map_or(Ok(()), |run| Err(LabError::UnknownRun(run.clone())))
    }
}

/// The line that queues a run again: one that failed starts anew, any other goes on.
fn again(run: &RunId, known: &RunState) -> What {
    if known.status != RunStatus::Failed {
        return What::Continued { run: run.clone() };
    }
    let spec = Box::new(known.spec.clone());
    What::Queued { run: run.clone(), spec, trainable: known.trainable, alone: known.alone }
}

fn answer<T>(reply: &Reply<T>, result: Result<T, LabError>) {
    // Who asked may have gone.
    _ = reply.send(result);
}

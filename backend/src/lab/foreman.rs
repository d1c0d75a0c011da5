use super::LabError;
use super::control::Control;
use super::job::Job;
use super::journal::Journal;
use super::plan::Plan;
use super::resources::Resources;
use std::collections::{HashSet, VecDeque};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};
use tunemask_shared::event::{ExperimentId, What};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;

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

    /// Gives the device its next gang, if it waits for one. For now a gang is one run.
    fn dispatch(&mut self) {
        while self.working.is_empty() && !self.control.is_paused() {
            let Some(run) = self.queue.pop_front() else {
                self.resources.clear();
                return;
            };
            let job = Job::find(&self.journal.feed().state(), &run);
            let Some(job) = job else {
                tracing::error!("run {run} is in no experiment; it is left out");
                continue;
            };
            self.working = vec![run];
            if self.device.send(vec![job]).is_err() {
                self.queue.clear();
            }
        }
    }

    fn submit(&mut self, plan: Plan) -> Result<ExperimentId, LabError> {
        let ids: Vec<RunId> = plan.runs.iter().map(|(spec, _)| spec.id()).collect();
        let (experiment_id, mut lines) = {
            let state = self.journal.feed().state();
            let last = state.experiments.last_key_value().map_or(0, |(id, _)| id.0);
            let here: HashSet<&RunId> = self.queue.iter().chain(&self.working).collect();
            let queued = plan.runs.into_iter().zip(&ids).filter_map(|((spec, trainable), run)| {
                let stays = state.runs.get(run).is_some_and(|r| match r.status {
                    RunStatus::Finished | RunStatus::Running => true,
                    // A run that an earlier program left in its queue waits for nobody here: see `OlderQueue`.
                    RunStatus::Queued => here.contains(run),
                    _ => false,
                });
                (!stays).then(|| What::Queued { run: run.clone(), spec: Box::new(spec), trainable })
            });
            (ExperimentId(last + 1), queued.collect::<Vec<_>>())
        };
        let queued: Vec<RunId> = lines.iter().filter_map(|line| line.run().cloned()).collect();
        lines.insert(0, What::Created { experiment_id, experiment: plan.experiment, runs: ids });
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
            let waiting = runs.iter().filter(waits).filter(|run| !self.working.contains(run));
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
            ended
                .map(|(run, r)| What::Queued {
                    run: run.clone(),
                    spec: Box::new(r.spec.clone()),
                    trainable: r.trainable,
                })
                .collect()
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

fn answer<T>(reply: &Reply<T>, result: Result<T, LabError>) {
    // Who asked may have gone.
    _ = reply.send(result);
}

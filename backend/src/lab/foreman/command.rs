//! What the foreman is told.

use crate::lab::LabError;
use crate::lab::places::Report;
use crate::lab::plan::ExperimentPlan;
use std::collections::HashSet;
use std::sync::Arc;
use std::sync::mpsc::SyncSender;
use tunemask_shared::annotation::Annotation;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::plan::Plan;
use tunemask_shared::queue::QueuePlace;
use tunemask_shared::run::RunId;
use tunemask_shared::state::RunState;

/// Where an answer goes.
pub(in crate::lab) type Reply<T> = SyncSender<Result<T, LabError>>;

/// What the foreman is told.
#[derive(Debug)]
pub(in crate::lab) enum Command {
    /// Which runs of an experiment would train if it were submitted now: their places.
    Ask(Arc<Asked>, Reply<Vec<usize>>),
    /// Queue what is not done yet of an experiment; nothing if that is not what was planned any more.
    Submit(Submission, Reply<Option<ExperimentId>>),
    /// Stop the queue between two steps.
    Pause(Reply<()>),
    /// Let it go on.
    Resume(Reply<()>),
    /// End these runs, unless they are over.
    Cancel(Vec<RunId>, Reply<()>),
    /// Queue these runs again, if they are over and did not finish.
    Retry(Vec<RunId>, Reply<()>),
    /// Write on an experiment.
    Annotate(ExperimentId, Annotation, Reply<()>),
    /// Delete an experiment whose runs are over; those that were in no other.
    Delete(ExperimentId, Reply<Vec<RunId>>),
    /// Put what waits of an experiment elsewhere in the queue.
    Move(ExperimentId, QueuePlace, Reply<()>),
    /// Keep the weights of an experiment by another rule.
    Keep(ExperimentId, KeepWeights, Reply<()>),
    /// A place's gang is over, or its lines could not be written.
    Idle(Report),
    /// The program ends.
    Stop,
}

/// An experiment on its way to the queue.
#[derive(Debug)]
pub(in crate::lab) struct Asked {
    pub(in crate::lab) plan: ExperimentPlan,
    /// Those of its runs that have finished and of which nothing is left.
    pub(in crate::lab) gone: HashSet<RunId>,
}

impl Asked {
    /// Whether a run that has finished trains again: nothing is left of it, or not the weights that are asked for. These may have
    /// been dropped since the asking began.
    pub(super) fn lacks(&self, run: &RunId, known: &RunState) -> bool {
        let all = self.plan.experiment.keep_weights == Some(KeepWeights::All);
        self.gone.contains(run) || all && known.weights_dropped.is_some()
    }
}

/// An experiment whose gangs were planned: by whoever asked for it, since that takes long where training must not wait.
#[derive(Debug)]
pub(in crate::lab) struct Submission {
    pub(in crate::lab) asked: Arc<Asked>,
    /// The places of its runs that train.
    pub(in crate::lab) trains: Vec<usize>,
    /// Their gangs.
    pub(in crate::lab) gangs: Plan,
}

/// Gives an answer.
pub(super) fn answer<T>(reply: &Reply<T>, result: Result<T, LabError>) {
    // Who asked may have gone.
    _ = reply.send(result);
}

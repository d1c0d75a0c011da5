//! A task, from its first gang to its last.

use super::before::Before;
use super::obeys::AskWatcher;
use super::{Worker, WorkerError};
use crate::artifacts::Artifacts;
use crate::cluster::{
    ClusterError, Header, Job, Left, Line, PlanFolder, SegmentName, SegmentWriter, WorkPlan,
};
use crate::lab::LabError;
use crate::lab::curve::Repeats;
use crate::lab::device::train_guarded;
use crate::lab::journal::Journal;
use crate::lab::queued_run::QueuedRun;
use crate::lab::sink::SegmentSink;
use crate::lab::training::{Ended, TrainContext};
use std::collections::HashSet;
use tunemask_shared::event::{Event, EventKind};
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;

/// How many workers may be told that their time is up before they have taken a step.
const IN_VAIN: u32 = 2;

/// A task on its way through a worker.
pub(super) struct Task<'a> {
    pub(super) worker: &'a Worker,
    pub(super) folder: &'a PlanFolder,
    pub(super) plan: &'a WorkPlan,
    pub(super) number: usize,
    pub(super) attempt: u32,
}

impl Task<'_> {
    /// Trains what is not over.
    pub(super) fn train(&self) -> Result<Left, WorkerError> {
        let before = Before::read(self.folder, self.plan, self.number)?;
        let state = self.state(&before);
        let segment = self.begin(&before)?;
        let path = segment.path().to_owned();
        let (journal, feed, thread) = Journal::start(SegmentSink::new(segment, state.seq), state)?;
        let context = TrainContext {
            device: self.worker.options.device.clone(),
            journal,
            control: self.worker.control.clone(),
            resources: self.worker.resources.clone(),
            artifacts: Artifacts::inside(&self.folder.runs_folder()),
            repeats: Repeats::Written,
            node: self.worker.node(),
        };
        let watcher = AskWatcher::start(self.folder, &self.worker.control);
        let watcher = watcher.map_err(|e| LabError::Thread(e.into()))?;
        let left = self.gangs(&context, &before);
        drop((watcher, context));
        self.worker
            .control
            .forget(&self.plan.gangs_of(self.number).flat_map(|gang| gang.runs.clone()).collect());
        // The sink is the thread's: what follows is written when it has written all.
        if thread.join().is_err() {
            tracing::error!("the thread that writes the segment panicked");
        }
        let left = left.map_err(|error| feed.troubles().failure().map_or(error, LabError::Store))?;
        SegmentWriter::append_last(&path, &Line::Left(left.clone()))
            .map_err(|cause| ClusterError::Io { path, cause })?;
        Ok(left)
    }

    /// Its runs as they wait, with the scores that they have: in successive halving all of them count, whoever wrote them.
    fn state(&self, before: &Before) -> LabState {
        let mut state = LabState::default();
        let jobs =
            self.plan.gangs_of(self.number).flat_map(|gang| &gang.runs).filter_map(|run| self.plan.job(run));
        for job in jobs {
            let Job { run, spec, trainable, alone, .. } = job.clone();
            let scored = before.fold.logged(&run).map_or(&[][..], |logged| &logged.evaluations);
            let scored = scored
                .iter()
                .map(|evaluation| EventKind::Evaluated { run: run.clone(), evaluation: evaluation.clone() });
            let scored: Vec<EventKind> = scored.collect();
            for kind in std::iter::once(QueuedRun { run, spec, trainable, alone }.line()).chain(scored) {
                // Numbers follow each other.
                _ = state.apply(&Event { seq: state.seq + 1, at_ms: 0, kind });
            }
        }
        state
    }

    fn begin(&self, before: &Before) -> Result<SegmentWriter, WorkerError> {
        let options = &self.worker.options;
        let node = self.worker.node();
        let pid = std::process::id();
        let folder = self.folder.segments_folder();
        let mut attempt = self.attempt;
        loop {
            let name = SegmentName::new(self.number, attempt, &node.name, pid);
            let header = Header {
                task: self.number,
                attempt,
                node: node.clone(),
                pid,
                job: options.job.clone(),
                device: options.device.label(),
                program: format!("tunemask {}", env!("CARGO_PKG_VERSION")),
                follows: before.follows.clone(),
            };
            match SegmentWriter::create(&folder, &name, header) {
                Ok(segment) => return Ok(segment),
                // A process that had this number before.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => attempt += 1,
                Err(cause) => return Err(ClusterError::Io { path: folder.join(name.as_str()), cause }.into()),
            }
        }
    }

    fn gangs(&self, context: &TrainContext, before: &Before) -> Result<Left, LabError> {
        if before.in_vain >= IN_VAIN {
            let open = self.plan.gangs_of(self.number).flat_map(|gang| &gang.runs);
            let open = open.filter(|run| !before.fold.is_over(run));
            let reason = "its task's time was up twice before it took a step: the time limit is too short";
            let lines = open.map(|run| EventKind::failed(run.clone(), reason));
            context.journal.append(lines.collect())?;
            return Ok(Left::Done);
        }
        for gang in self.plan.gangs_of(self.number) {
            if self.worker.control.is_stopped() {
                break;
            }
            let jobs = self.jobs(&gang.runs, context, before)?;
            let ended = if jobs.is_empty() { Ended::Over } else { train_guarded(&jobs, context)? };
            if let Ended::Lost { why, .. } = ended {
                return Ok(Left::Lost { why });
            }
        }
        if self.worker.control.is_stopped() {
            return Ok(Left::Stopped { by: self.worker.asked_by() });
        }
        Ok(Left::Done)
    }

    /// Those of a gang that are to train, from where they are; what was cancelled meanwhile ends.
    fn jobs(&self, runs: &[RunId], context: &TrainContext, before: &Before) -> Result<Vec<Job>, LabError> {
        let open: Vec<&RunId> = runs.iter().filter(|run| !before.fold.is_over(run)).collect();
        let cancelled: HashSet<RunId> = context.control.cancelled(open.iter().copied()).into_iter().collect();
        if !cancelled.is_empty() {
            let lines = cancelled.iter().map(|run| EventKind::Cancelled { run: run.clone() });
            context.journal.append(lines.collect())?;
        }
        let open = open.into_iter().filter(|run| !cancelled.contains(*run));
        let jobs = open.filter_map(|run| {
            let logged = before.fold.logged(run).cloned().unwrap_or_default();
            self.plan.job(run).map(|job| Job { logged, ..job.clone() })
        });
        Ok(jobs.collect())
    }
}

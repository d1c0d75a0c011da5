//! What the log says so far: the same fold in server and page.
//!
//! The series of points are not part of it: they are kept and sent apart.

/// A run as the log has it.
mod run;

pub use run::{LastLoss, Retirement, RunState};

use crate::annotation::Annotation;
use crate::event::{Event, EventKind, ExperimentId};
use crate::experiment::Experiment;
use crate::failure::FailureCause;
use crate::plan::Plan;
use crate::run::{RunId, RunStatus};
use crate::task::{Task, TaskName};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashSet};

/// Everything but the points.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabState {
    /// Number of the last event in it; 0 before the first.
    pub seq: u64,
    /// Whether the queue is stopped.
    pub paused: bool,
    /// The number given last: one that was deleted is not given again. 0 before the first.
    pub last_experiment: ExperimentId,
    /// Experiments of which what waits trains before that of others, in this order; see [`LabState::training_order`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub order: Vec<ExperimentId>,
    /// By number.
    pub experiments: BTreeMap<ExperimentId, ExperimentState>,
    /// By identity.
    pub runs: BTreeMap<RunId, RunState>,
}

/// An experiment that was accepted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ExperimentState {
    /// What was asked for.
    pub experiment: Experiment,
    /// Its runs, in the order in which they are trained.
    pub runs: Vec<RunId>,
    /// Which of its runs train together.
    pub plan: Option<Plan>,
    /// When it was accepted, in milliseconds since 1970.
    pub created_ms: u64,
    /// A text of the user's; empty if there is none. A new name stands in `experiment`.
    pub note: String,
    /// Words to find it by.
    pub tags: Vec<String>,
    /// Whether it is put away.
    pub archived: bool,
}

impl ExperimentState {
    /// One that was just accepted.
    pub fn new(experiment: Experiment, runs: Vec<RunId>, plan: Option<Plan>, created_ms: u64) -> Self {
        Self { experiment, runs, plan, created_ms, note: String::new(), tags: Vec::new(), archived: false }
    }

    /// What is written on it.
    pub fn annotation(&self) -> Annotation {
        Annotation {
            name: self.experiment.name.clone(),
            note: self.note.clone(),
            tags: self.tags.clone(),
            archived: self.archived,
        }
    }

    /// Its tasks, in the order in which it names them: as its runs have them, which alone say what a data folder held. `runs`
    /// are the log's.
    pub fn tasks(&self, runs: &BTreeMap<RunId, RunState>) -> Vec<Task> {
        let trained = |name: &TaskName| {
            let tasks = self.runs.iter().filter_map(|id| runs.get(id)).map(|run| &run.spec.task);
            tasks.into_iter().find(|task| task.name() == name).cloned()
        };
        let resolved = |name: &TaskName| match Task::known(name) {
            // Of these the name says all.
            Some(task) if !task.source().may_differ() => Some(task),
            known => trained(name).or(known),
        };
        self.experiment.tasks.iter().filter_map(|name| resolved(&name.parse().ok()?)).collect()
    }
}

/// A line that does not follow the one before: some are missing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("event {got} came after event {had}: some are missing")]
pub struct Gap {
    /// The last event folded.
    pub had: u64,
    /// The event that came.
    pub got: u64,
}

impl LabState {
    /// The first experiment that has exactly these runs, in whatever order; of those before one, if that is given.
    pub fn first_with(&self, runs: &[RunId], before: Option<ExperimentId>) -> Option<ExperimentId> {
        let earlier = self.experiments.iter().take_while(|(id, _)| before.is_none_or(|before| **id < before));
        let mut as_many = earlier.filter(|(_, found)| found.runs.len() == runs.len());
        let has_all = |found: &ExperimentState| {
            // Mostly the first tells them apart.
            let own: HashSet<&RunId> = match runs.first() {
                Some(first) if found.runs.contains(first) => found.runs.iter().collect(),
                _ => return false,
            };
            runs.iter().all(|run| own.contains(run))
        };
        as_many.find(|(_, found)| has_all(found)).map(|(id, _)| *id)
    }

    /// Folds one line of the log. A line that is already in it changes nothing.
    ///
    /// # Errors
    /// [`Gap`] if lines are missing; the state is unchanged.
    pub fn apply(&mut self, event: &Event) -> Result<(), Gap> {
        if event.seq <= self.seq {
            return Ok(());
        }
        if event.seq != self.seq + 1 {
            return Err(Gap { had: self.seq, got: event.seq });
        }
        self.seq = event.seq;
        let at = event.at_ms;
        match &event.kind {
            EventKind::Created { experiment_id, experiment, runs, plan } => {
                let state = ExperimentState::new(experiment.clone(), runs.clone(), plan.clone(), at);
                self.experiments.insert(*experiment_id, state);
                self.last_experiment = self.last_experiment.max(*experiment_id);
            }
            EventKind::Queued { run, spec, trainable, alone } => {
                let earlier = self.runs.remove(run).and_then(RunState::finished);
                let queued = RunState { earlier, ..RunState::queued((**spec).clone(), *trainable, *alone) };
                self.runs.insert(run.clone(), queued);
            }
            EventKind::Continued { run } => self.run(run, |r| {
                if r.status == RunStatus::Retired {
                    r.retirement = Retirement::Overruled;
                }
                r.status = RunStatus::Queued;
                r.ended_ms = None;
                r.failure = None;
                r.failure_cause = FailureCause::Other;
                r.checkpoint_failure = None;
            }),
            EventKind::Annotated { experiment_id, annotation } => {
                if let Some(state) = self.experiments.get_mut(experiment_id) {
                    let Annotation { name, note, tags, archived } = annotation.clone();
                    state.experiment.name = name;
                    (state.note, state.tags, state.archived) = (note, tags, archived);
                }
            }
            EventKind::Deleted { experiment_id } => {
                let own = self.runs_of_it_alone(*experiment_id);
                self.experiments.remove(experiment_id);
                self.order.retain(|id| id != experiment_id);
                own.iter().for_each(|run| _ = self.runs.remove(run));
            }
            EventKind::QueueOrdered { experiments } => self.order.clone_from(experiments),
            EventKind::KeepChanged { experiment_id, keep_weights } => {
                if let Some(state) = self.experiments.get_mut(experiment_id) {
                    state.experiment.keep_weights = Some(*keep_weights);
                }
            }
            EventKind::WeightsDropped { run, rule } => self.run(run, |r| r.weights_dropped = Some(*rule)),
            EventKind::Paused => self.paused = true,
            EventKind::Resumed => self.paused = false,
            EventKind::Preparing { runs } => {
                runs.iter().for_each(|run| self.run(run, |r| r.status = RunStatus::Running));
            }
            EventKind::Started { run, device, steps, notes, together, node, .. } => self.run(run, |r| {
                r.status = RunStatus::Running;
                r.node.clone_from(node);
                r.together = *together;
                r.notes.clone_from(notes);
                r.device = Some(device.clone());
                r.steps = *steps;
                match r.started_ms {
                    None => r.started_ms = Some(at),
                    Some(_) => r.went_on_ms = Some(at),
                }
            }),
            EventKind::Points { run, points } => self.run(run, |r| {
                if let (Some(&step), Some(&loss), Some(&secs)) =
                    (points.step.last(), points.loss.last(), points.elapsed_secs.last())
                {
                    r.step = step;
                    r.last_loss = Some(LastLoss(loss));
                    r.elapsed_secs = secs;
                }
            }),
            EventKind::Evaluated { run, evaluation } => {
                self.run(run, |r| r.evaluations.push(evaluation.clone()))
            }
            EventKind::Checkpointed { run, step, failure } => self.run(run, |r| {
                if failure.is_none() {
                    r.checkpoint = Some(*step);
                }
                r.checkpoint_failure = failure.clone();
            }),
            EventKind::Finished { run, outcome } => self.run(run, |r| {
                r.elapsed_secs = outcome.elapsed_secs;
                // What the failure kept from being saved is of no use any more.
                r.checkpoint_failure = None;
                r.outcome = Some(outcome.clone());
                r.earlier = None;
                r.end(RunStatus::Finished, at);
            }),
            EventKind::Failed { run, reason, cause } => self.run(run, |r| match r.earlier.take() {
                Some(earlier) => {
                    *r = *earlier;
                    r.notes
                        .push(format!("It was trained again for files that were gone, and failed: {reason}"));
                }
                None => {
                    r.failure = Some(reason.clone());
                    r.failure_cause = cause.told_by(reason);
                    r.end(RunStatus::Failed, at);
                }
            }),
            EventKind::Cancelled { run } => self.run(run, |r| match r.earlier.take() {
                Some(earlier) => *r = *earlier,
                None => r.end(RunStatus::Cancelled, at),
            }),
            EventKind::Interrupted { run } => self.run(run, |r| r.end(RunStatus::Interrupted, at)),
            EventKind::Retired { run, epoch, better } => self.run(run, |r| match r.earlier.take() {
                Some(earlier) => *r = *earlier,
                None => {
                    r.retirement = Retirement::Retired { epoch: *epoch, better: *better };
                    r.end(RunStatus::Retired, at);
                }
            }),
        }
        Ok(())
    }

    /// All experiments in the order in which what waits of them trains: those that the user has put in order, then the others
    /// by their numbers.
    pub fn training_order(&self) -> impl Iterator<Item = ExperimentId> {
        let ordered = self.order.iter().filter(|id| self.experiments.contains_key(id));
        let others = self.experiments.keys().filter(|id| !self.order.contains(id));
        ordered.chain(others).copied()
    }

    /// The experiments of which runs wait or train, in that order.
    pub fn queue(&self) -> Vec<ExperimentId> {
        let open = |run: &RunId| self.runs.get(run).is_some_and(|run| !run.status.is_over());
        let is_open =
            |id: &ExperimentId| self.experiments.get(id).is_some_and(|held| held.runs.iter().any(open));
        self.training_order().filter(is_open).collect()
    }

    /// The runs of an experiment that are in no other, in its order: those that go when it is deleted.
    pub fn runs_of_it_alone(&self, experiment_id: ExperimentId) -> Vec<RunId> {
        let Some(experiment) = self.experiments.get(&experiment_id) else { return Vec::new() };
        let others = self.experiments.iter().filter(|(id, _)| **id != experiment_id);
        let shared: HashSet<&RunId> = others.flat_map(|(_, other)| &other.runs).collect();
        experiment.runs.iter().filter(|run| !shared.contains(run)).cloned().collect()
    }

    fn run(&mut self, run: &RunId, change: impl FnOnce(&mut RunState)) {
        if let Some(state) = self.runs.get_mut(run) {
            change(state);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(seq: u64, kind: EventKind) -> Event {
        Event { seq, at_ms: seq * 10, kind }
    }

    #[test]
    fn an_experiment_is_written_on_and_deleted_with_the_runs_of_it_alone() {
        let run = |n: u64| RunId(format!("{n:016x}"));
        let file = include_str!("../tests/golden/event.queued.json");
        let queued: Event = serde_json::from_str(file).unwrap();
        let EventKind::Queued { spec, .. } = queued.kind else { panic!("{queued:?}") };
        let mut state = LabState::default();
        let tell = |state: &mut LabState, kind| state.apply(&event(state.seq + 1, kind)).unwrap();
        for (id, runs) in [(1, [run(1), run(2)]), (2, [run(2), run(3)])] {
            let created = EventKind::Created {
                experiment_id: ExperimentId(id),
                experiment: Experiment::default(),
                runs: runs.clone().into(),
                plan: None,
            };
            tell(&mut state, created);
            for run in runs {
                tell(&mut state, EventKind::Queued { run, spec: spec.clone(), trainable: 1, alone: false });
            }
        }
        let annotation = Annotation {
            name: "Norms, again".into(),
            note: "for the appendix".into(),
            tags: vec!["paper".into()],
            archived: true,
        };
        let id = ExperimentId(1);
        tell(&mut state, EventKind::Annotated { experiment_id: id, annotation: annotation.clone() });
        assert_eq!(state.experiments[&id].annotation(), annotation);
        assert_eq!(state.experiments[&id].experiment.name, "Norms, again");
        assert_eq!(state.runs_of_it_alone(id), [run(1)]);
        tell(&mut state, EventKind::Deleted { experiment_id: id });
        assert_eq!(state.experiments.keys().collect::<Vec<_>>(), [&ExperimentId(2)]);
        assert_eq!(state.runs.keys().cloned().collect::<Vec<_>>(), [run(2), run(3)]);
        // Of one that is gone nothing is left to be told.
        tell(&mut state, EventKind::Deleted { experiment_id: id });
        tell(&mut state, EventKind::Annotated { experiment_id: id, annotation });
        assert_eq!((state.experiments.len(), state.runs.len(), state.seq), (1, 2, 10));
        tell(&mut state, EventKind::Deleted { experiment_id: ExperimentId(2) });
        assert_eq!(state.last_experiment, ExperimentId(2));
    }

    /// Its scores are what they were, whatever becomes of the second time.
    #[test]
    fn a_run_that_trains_again_for_its_files_has_its_result_back_if_that_is_cancelled_or_fails() {
        let log = crate::fixtures::story();
        let finished = log.iter().position(|line| matches!(line.kind, EventKind::Finished { .. })).unwrap();
        let run = log[finished].kind.run().unwrap().clone();
        let queued = log
            .iter()
            .map(|line| &line.kind)
            .find(|kind| matches!(kind, EventKind::Queued { .. }) && kind.run() == Some(&run));
        let queued = queued.unwrap();
        let mut state = LabState::default();
        let tell = |state: &mut LabState, kind| state.apply(&event(state.seq + 1, kind)).unwrap();
        log[..=finished].iter().for_each(|line| tell(&mut state, line.kind.clone()));
        let before = state.runs[&run].clone();

        tell(&mut state, queued.clone());
        assert_eq!((state.runs[&run].status, &state.runs[&run].outcome), (RunStatus::Queued, &None));
        tell(&mut state, EventKind::Cancelled { run: run.clone() });
        assert_eq!(state.runs[&run], before);

        // Twice, as after a kill in between.
        tell(&mut state, queued.clone());
        tell(&mut state, queued.clone());
        tell(&mut state, EventKind::failed(run.clone(), "no room"));
        let failed = &state.runs[&run];
        assert_eq!((failed.status, &failed.outcome), (RunStatus::Finished, &before.outcome));
        assert!(failed.notes.last().unwrap().ends_with("failed: no room"), "{:?}", failed.notes);

        tell(&mut state, queued.clone());
        tell(&mut state, log[finished].kind.clone());
        assert_eq!((state.runs[&run].status, &state.runs[&run].earlier), (RunStatus::Finished, &None));
        // One that never finished has nothing to come back to.
        tell(&mut state, EventKind::Deleted { experiment_id: ExperimentId(1) });
        tell(&mut state, EventKind::Deleted { experiment_id: ExperimentId(2) });
        tell(&mut state, queued.clone());
        tell(&mut state, EventKind::Cancelled { run: run.clone() });
        assert_eq!(state.runs[&run].status, RunStatus::Cancelled);
    }

    #[test]
    fn gaps_are_found_and_repeats_do_nothing() {
        let mut state = LabState::default();
        state.apply(&event(1, EventKind::Paused)).unwrap();
        assert_eq!(state.apply(&event(3, EventKind::Resumed)), Err(Gap { had: 1, got: 3 }));
        assert!(state.paused && state.seq == 1);
        state.apply(&event(2, EventKind::Resumed)).unwrap();
        state.apply(&event(1, EventKind::Paused)).unwrap();
        assert!(!state.paused && state.seq == 2);
    }
}

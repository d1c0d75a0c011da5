//! Runs on their way to a device.

use std::collections::HashSet;
use std::path::PathBuf;
use tunemask_shared::event::Evaluation;
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::state::LabState;

/// A run on its way to a device. A gang's jobs agree in all that decides what a batch is, see [`super::gangs`].
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// Its identity.
    pub(super) run: RunId,
    /// What it is.
    pub(super) spec: RunSpec,
    /// Where its model lies.
    pub(super) model: String,
    /// What comes upon its model.
    pub(super) delta: Option<PathBuf>,
    /// Where its data lie.
    pub(super) data: Option<PathBuf>,
    /// Whether it trains whole matrices.
    pub(super) alone: bool,
    /// The epoch that is reported of it.
    pub(super) reported: ReportedEpoch,
    /// What the user should know of it.
    pub(super) notes: Vec<String>,
    /// What the log holds of it.
    pub(super) logged: Logged,
}

/// What the log holds of a run that goes on: it is not written again.
#[derive(Clone, Debug, Default)]
pub(super) struct Logged {
    /// Last step of its curve.
    pub(super) step: u64,
    /// Its scores.
    pub(super) evaluations: Vec<Evaluation>,
    /// Seconds of training up to that step.
    pub(super) elapsed_secs: f64,
}

impl Job {
    /// The jobs of runs, with the folders of the latest experiment that holds each. A run that none holds has none.
    pub(super) fn find(state: &LabState, runs: &[RunId]) -> Vec<Self> {
        let mut open: HashSet<&RunId> = runs.iter().collect();
        let mut found = Vec::new();
        for experiment in state.experiments.values().rev() {
            if open.is_empty() {
                break;
            }
            let held = experiment.runs.iter().filter(|run| open.remove(run));
            let jobs = held.filter_map(|run| Self::from_state(state, run, &experiment.experiment));
            found.extend(jobs);
        }
        let place = |job: &Self| runs.iter().position(|run| *run == job.run);
        found.sort_by_key(place);
        found
    }

    fn from_state(state: &LabState, run: &RunId, experiment: &Experiment) -> Option<Self> {
        let known = state.runs.get(run)?;
        Some(Self {
            run: run.clone(),
            spec: known.spec.clone(),
            model: experiment.model.clone(),
            delta: experiment.delta_file().map(PathBuf::from),
            data: experiment.data.as_ref().map(PathBuf::from),
            alone: known.alone,
            reported: experiment.reported_epoch,
            notes: Vec::new(),
            logged: Logged {
                step: known.step,
                evaluations: known.evaluations.clone(),
                elapsed_secs: known.elapsed_secs,
            },
        })
    }
}

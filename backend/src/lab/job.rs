//! From the log to runs on their way to a device.

use crate::cluster::Bracket;
pub(super) use crate::cluster::{Job, Logged};
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, LabState};

impl Job {
    /// The jobs of runs, with the folders of the latest experiment that holds each. A run that none holds has none.
    pub(super) fn find(state: &LabState, runs: &[RunId]) -> Vec<Self> {
        let mut open: HashSet<&RunId> = runs.iter().collect();
        let mut found = Vec::new();
        for experiment in state.experiments.values().rev() {
            if open.is_empty() {
                break;
            }
            let expected = expected_secs(experiment);
            let held = experiment.runs.iter().enumerate().filter(|(_, run)| open.remove(run));
            let jobs = held.filter_map(|(place, run)| {
                let job = Self::from_state(state, run, &experiment.experiment)?;
                Some(Self { expected_secs: expected.get(&(place as u32)).copied().unwrap_or(0.0), ..job })
            });
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
            trainable: known.trainable,
            model: experiment.model.clone(),
            delta: experiment.delta_file().map(PathBuf::from),
            data: experiment.data.as_ref().map(PathBuf::from),
            alone: known.alone,
            reported: experiment.reported_epoch,
            expected_secs: 0.0,
            notes: Vec::new(),
            bracket: Bracket::of(state, run, experiment),
            logged: Logged::of(known),
        })
    }
}

/// The seconds that an experiment's plan expects of each of its runs, by their places.
fn expected_secs(experiment: &ExperimentState) -> HashMap<u32, f64> {
    let gangs = experiment.plan.iter().flat_map(|plan| &plan.gangs);
    let shares = gangs.flat_map(|gang| {
        let share = gang.expected_secs / gang.runs.len().max(1) as f64;
        gang.runs.iter().map(move |place| (*place, share))
    });
    shares.collect()
}

//! The part of the lab that a page watches: experiments, and of each as many runs as it shows.
//!
//! It is a `LabState` of nothing else, and goes on by the lines that concern it alone, with the fold of all lines: what
//! server and page make of them is the same part of the whole (`Watched::part`). Whether the queue is paused, and which
//! number was given last, are not of an experiment: a part does not say them.

use crate::event::{EventKind, ExperimentId};
use crate::object::objects_only;
use crate::run::RunId;
use crate::state::{ExperimentState, LabState};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// Most experiments that a page watches at once; the pages of the program watch as many as it compares.
pub const MAX_WATCHED: usize = 64;

/// An experiment that a page watches, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct Watch {
    /// The experiment.
    pub experiment_id: ExperimentId,
    /// How much of it.
    pub detail: Detail,
}

objects_only!(Watch);

/// How much of an experiment a page shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Its grid: the experiment, and a run of each of its tasks, as the runs alone say what a data folder held.
    Grid,
    /// The experiment, and these of its runs with their points.
    Chosen(Vec<RunId>),
    /// All of its runs, with their points.
    Runs,
}

impl Detail {
    /// Whether who has this much of an experiment has as much as that.
    pub fn holds(&self, other: &Detail) -> bool {
        match (self, other) {
            (Detail::Runs, _) | (_, Detail::Grid) => true,
            (Detail::Chosen(own), Detail::Chosen(others)) => others.iter().all(|run| own.contains(run)),
            (Detail::Grid | Detail::Chosen(_), Detail::Runs) | (Detail::Grid, Detail::Chosen(_)) => false,
        }
    }
}

/// There is no such experiment to be watched.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no experiment {0}")]
pub struct NoExperiment(pub ExperimentId);

/// Which lines concern what a page watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// What was asked for.
    pub asked: Vec<Watch>,
    /// The runs that the page has of each experiment.
    experiments: BTreeMap<ExperimentId, HashSet<RunId>>,
}

impl Watched {
    /// What is watched of experiments, as the lab has them.
    ///
    /// # Errors
    /// The first of them that is not there.
    pub fn new(lab: &LabState, asked: Vec<Watch>) -> Result<Watched, NoExperiment> {
        let mut experiments: BTreeMap<ExperimentId, HashSet<RunId>> = BTreeMap::new();
        for Watch { experiment_id, detail } in &asked {
            let found = lab.experiments.get(experiment_id).ok_or(NoExperiment(*experiment_id))?;
            let runs = experiments.entry(*experiment_id).or_default();
            match detail {
                Detail::Runs => runs.extend(found.runs.iter().cloned()),
                Detail::Grid => runs.extend(a_run_of_each_task(lab, found)),
                Detail::Chosen(chosen) => {
                    let own: HashSet<&RunId> = found.runs.iter().collect();
                    runs.extend(chosen.iter().filter(|run| own.contains(run)).cloned());
                }
            }
        }
        Ok(Watched { asked, experiments })
    }

    /// The part of the lab that it is: without the experiments that are gone.
    pub fn part(&self, lab: &LabState) -> LabState {
        let mut part = LabState { seq: lab.seq, ..LabState::default() };
        for (id, runs) in &self.experiments {
            let Some(found) = lab.experiments.get(id) else { continue };
            part.experiments.insert(*id, found.clone());
            let known = runs.iter().filter_map(|run| lab.runs.get_key_value(run));
            part.runs.extend(known.map(|(run, state)| (run.clone(), state.clone())));
        }
        part
    }

    /// Whether a line changes the part.
    pub fn concerns(&self, kind: &EventKind) -> bool {
        match kind {
            EventKind::Created { experiment_id, .. }
            | EventKind::Annotated { experiment_id, .. }
            | EventKind::KeepChanged { experiment_id, .. }
            | EventKind::Deleted { experiment_id } => self.experiments.contains_key(experiment_id),
            EventKind::Preparing { runs } => runs.iter().any(|run| self.has(run)),
            EventKind::Points { run, .. }
            | EventKind::Queued { run, .. }
            | EventKind::Continued { run }
            | EventKind::Started { run, .. }
            | EventKind::Evaluated { run, .. }
            | EventKind::Checkpointed { run, .. }
            | EventKind::Finished { run, .. }
            | EventKind::Failed { run, .. }
            | EventKind::Cancelled { run }
            | EventKind::Interrupted { run }
            | EventKind::Retired { run, .. }
            | EventKind::WeightsDropped { run, .. } => self.has(run),
            EventKind::QueueOrdered { .. } | EventKind::Paused | EventKind::Resumed => false,
        }
    }

    fn has(&self, run: &RunId) -> bool {
        self.experiments.values().any(|runs| runs.contains(run))
    }

    /// Whether the page shows curves, of which a grid has none.
    pub fn shows_curves(&self) -> bool {
        self.asked.iter().any(|watch| watch.detail != Detail::Grid)
    }

    /// The runs whose points the page shows, in the order in which they are trained.
    pub fn with_curves(&self, lab: &LabState) -> Vec<RunId> {
        let mut seen = HashSet::new();
        let mut all = Vec::new();
        for watch in self.asked.iter().filter(|watch| watch.detail != Detail::Grid) {
            let Some(found) = lab.experiments.get(&watch.experiment_id) else { continue };
            let own = found.runs.iter().filter(|run| self.has(run) && seen.insert((*run).clone()));
            all.extend(own.cloned());
        }
        all
    }
}

fn a_run_of_each_task(lab: &LabState, found: &ExperimentState) -> HashSet<RunId> {
    let mut seen = BTreeSet::new();
    // Those whose lines are still to come may be of any task.
    let first =
        |id: &&RunId| lab.runs.get(id).is_none_or(|run| seen.insert(run.spec.task.name().to_string()));
    found.runs.iter().filter(first).cloned().collect()
}

#[cfg(test)]
mod tests;

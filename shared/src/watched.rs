//! The part of the lab that a page watches: one experiment with its runs.
//!
//! It is a `LabState` of nothing else, and goes on by the lines that concern it alone, with the fold of all lines: what
//! server and page make of them is the same part of the whole (`Watched::part`). Whether the queue is paused, and which
//! number was given last, are not of an experiment: a part does not say them.

use crate::event::{EventKind, ExperimentId};
use crate::run::RunId;
use crate::state::{ExperimentState, LabState};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};

/// How much of an experiment a page shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// Its grid: the experiment, and a run of each of its tasks, as the runs alone say what a data folder held.
    Grid,
    /// All of its runs, with their points.
    #[default]
    Runs,
}

/// Which lines concern what a page watches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Watched {
    /// The experiment.
    pub experiment_id: ExperimentId,
    /// How much of it.
    pub detail: Detail,
    /// Runs of it that the page has: all, or one of each task.
    runs: HashSet<RunId>,
}

impl Watched {
    /// Of an experiment as the lab has it; `None` if there is no such.
    pub fn new(lab: &LabState, experiment_id: ExperimentId, detail: Detail) -> Option<Watched> {
        let found = lab.experiments.get(&experiment_id)?;
        let runs = match detail {
            Detail::Runs => found.runs.iter().cloned().collect(),
            Detail::Grid => a_run_of_each_task(lab, found),
        };
        Some(Watched { experiment_id, detail, runs })
    }

    /// The part of the lab that it is: empty if the experiment is gone.
    pub fn part(&self, lab: &LabState) -> LabState {
        let found = lab.experiments.get(&self.experiment_id);
        let runs = self.runs.iter().filter(|_| found.is_some()).filter_map(|id| lab.runs.get_key_value(id));
        LabState {
            seq: lab.seq,
            experiments: found.map(|found| (self.experiment_id, found.clone())).into_iter().collect(),
            runs: runs.map(|(id, run)| (id.clone(), run.clone())).collect::<BTreeMap<_, _>>(),
            ..LabState::default()
        }
    }

    /// Whether a line changes the part.
    pub fn concerns(&self, kind: &EventKind) -> bool {
        match kind {
            EventKind::Created { experiment_id, .. }
            | EventKind::Annotated { experiment_id, .. }
            | EventKind::KeepChanged { experiment_id, .. }
            | EventKind::Deleted { experiment_id } => *experiment_id == self.experiment_id,
            EventKind::Preparing { runs } => runs.iter().any(|run| self.runs.contains(run)),
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
            | EventKind::WeightsDropped { run, .. } => self.runs.contains(run),
            EventKind::QueueOrdered { .. } | EventKind::Paused | EventKind::Resumed => false,
        }
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
mod tests {
    use super::*;
    use crate::event::Event;
    use crate::fixtures::story;

    /// Whoever begins at whichever line, and hears from then on what concerns an experiment alone, has that part of the whole.
    #[test]
    fn a_part_goes_on_as_the_whole_does() {
        let events: Vec<Event> = story();
        let (mut left_out, mut begun) = (0, 0);
        for detail in [Detail::Runs, Detail::Grid] {
            for begin in 0..events.len() {
                let mut lab = LabState::default();
                events[..begin].iter().for_each(|event| lab.apply(event).unwrap());
                for id in [1, 2].map(ExperimentId) {
                    let Some(watched) = Watched::new(&lab, id, detail) else { continue };
                    begun += 1;
                    let (mut whole, mut part) = (lab.clone(), watched.part(&lab));
                    assert_eq!(part.experiments.len(), 1);
                    for event in &events[begin..] {
                        whole.apply(event).unwrap();
                        if watched.concerns(&event.kind) {
                            part.seq = event.seq - 1;
                            part.apply(event).unwrap();
                        } else {
                            left_out += 1;
                        }
                        // What was told last lies behind.
                        assert_eq!(LabState { seq: whole.seq, ..part.clone() }, watched.part(&whole));
                    }
                }
            }
        }
        assert!(left_out > 0 && begun > 20, "{left_out} {begun}");
    }

    #[test]
    fn a_grid_has_a_run_of_each_task() {
        let mut lab = LabState::default();
        story().iter().take(7).for_each(|event| lab.apply(event).unwrap());
        let of = |detail| Watched::new(&lab, ExperimentId(1), detail).unwrap().part(&lab).runs.len();
        assert_eq!((of(Detail::Runs), of(Detail::Grid)), (3, 2));
        assert_eq!(Watched::new(&lab, ExperimentId(9), Detail::Runs), None);
        let whole = lab.experiments[&ExperimentId(1)].tasks(&lab.runs);
        let grid = Watched::new(&lab, ExperimentId(1), Detail::Grid).unwrap().part(&lab);
        assert_eq!(lab.experiments[&ExperimentId(1)].tasks(&grid.runs), whole);
    }
}

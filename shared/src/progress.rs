//! How far an experiment's runs are.

use crate::estimate::seconds_left;
use crate::mask::is_default;
use crate::run::RunStatus;
use crate::state::{ExperimentState, LabState};
use serde::{Deserialize, Serialize};

/// How many runs stand where, and how much of the work is done.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Progress {
    /// All runs.
    pub runs: usize,
    /// Runs that wait.
    pub queued: usize,
    /// Runs that train.
    pub running: usize,
    /// Trained to the end.
    pub finished: usize,
    /// Ended by an error.
    pub failed: usize,
    /// Ended by the user.
    pub cancelled: usize,
    /// Ended with the program.
    pub interrupted: usize,
    /// Ended by better learning rates.
    #[serde(default, skip_serializing_if = "is_default")]
    pub retired: usize,
    /// Runs' worth of steps that those have done which train or wait: four runs of which each is half done are two.
    pub under_way: f64,
    /// Seconds until the last run ends; `None` while nothing is known or to do.
    pub seconds_left: Option<f64>,
}

impl Progress {
    /// The progress of an experiment.
    pub fn of(lab: &LabState, experiment: &ExperimentState) -> Progress {
        let mut progress = Progress { runs: experiment.runs.len(), ..Progress::default() };
        for run in experiment.runs.iter().filter_map(|id| lab.runs.get(id)) {
            progress.count(run.status);
            if !run.status.is_over() {
                progress.under_way += run.done();
            }
        }
        progress.seconds_left = seconds_left(lab, experiment);
        progress
    }

    /// Counts a run of this status; how much of it is done is not counted.
    pub fn count(&mut self, status: RunStatus) {
        *match status {
            RunStatus::Queued => &mut self.queued,
            RunStatus::Running => &mut self.running,
            RunStatus::Finished => &mut self.finished,
            RunStatus::Failed => &mut self.failed,
            RunStatus::Cancelled => &mut self.cancelled,
            RunStatus::Interrupted => &mut self.interrupted,
            RunStatus::Retired => &mut self.retired,
        } += 1;
    }

    /// Whether a run waits or trains.
    pub fn is_active(&self) -> bool {
        self.open() > 0
    }

    /// Runs that wait or train.
    pub fn open(&self) -> usize {
        self.queued + self.running
    }

    /// Runs that can be tried again.
    pub fn to_retry(&self) -> usize {
        self.failed + self.cancelled + self.interrupted
    }

    /// Share of the work that is done, 0 to 1: what failed or was stopped is none of it, and nothing is left to do for what was
    /// retired.
    pub fn done(&self) -> f64 {
        ((self.finished + self.retired) as f64 + self.under_way) / self.runs.max(1) as f64
    }
}

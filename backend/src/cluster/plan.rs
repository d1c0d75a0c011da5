//! What is to train: runs in gangs, gangs in tasks. Written once, and never changed: what became of it stands in the
//! segments.

use super::ClusterError;
use super::job::Job;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::path::Path;
use tunemask_shared::event::EventKind;
use tunemask_shared::run::{ENGINE_VERSION, RunId};

/// The form of the file that this program writes and reads.
const FORMAT: u32 = 1;

/// What is to train.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct WorkPlan {
    /// The form of the file.
    format: u32,
    /// The engine whose results they are.
    engine: u32,
    /// The program that made it, for people.
    program: String,
    /// The experiments of its runs, as the log has them: `created` lines, for those who only watch.
    pub(crate) experiments: Vec<EventKind>,
    /// Its runs.
    pub(crate) runs: Vec<PlannedRun>,
    /// Which of them train together.
    pub(crate) gangs: Vec<Gang>,
    /// The gangs of each task, in the order in which a worker takes them: places in `gangs`.
    pub(crate) tasks: Vec<Vec<usize>>,
}

/// A run of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct PlannedRun {
    /// What a device needs of it.
    #[serde(flatten)]
    pub(crate) job: Job,
}

/// Runs that train together.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Gang {
    /// The runs.
    pub(crate) runs: Vec<RunId>,
    /// Seconds that it takes, by the speed of the machine that planned it; 0 where nobody asked.
    pub(crate) expected_secs: f64,
}

impl WorkPlan {
    /// Of gangs, and of tasks that say which gangs each takes.
    pub(crate) fn new(
        experiments: Vec<EventKind>,
        gangs: Vec<(Vec<Job>, f64)>,
        tasks: Vec<Vec<usize>>,
    ) -> Self {
        let runs = |jobs: &[Job]| jobs.iter().map(|job| job.run.clone()).collect();
        let listed = gangs
            .iter()
            .map(|(jobs, expected_secs)| Gang { runs: runs(jobs), expected_secs: *expected_secs });
        Self {
            format: FORMAT,
            engine: ENGINE_VERSION,
            program: format!("tunemask {}", env!("CARGO_PKG_VERSION")),
            experiments,
            gangs: listed.collect(),
            runs: gangs.into_iter().flat_map(|(jobs, _)| jobs).map(|job| PlannedRun { job }).collect(),
            tasks,
        }
    }

    /// Reads the text of a plan's file.
    ///
    /// # Errors
    /// It is no plan, or one of another program.
    pub(super) fn parse(path: &Path, text: &[u8]) -> Result<Self, ClusterError> {
        #[derive(Deserialize)]
        struct Version {
            format: u32,
        }
        let damaged = |why: String| ClusterError::Damaged { path: path.to_owned(), why };
        let Version { format } = serde_json::from_slice(text).map_err(|e| damaged(e.to_string()))?;
        if format != FORMAT {
            return Err(ClusterError::Format { path: path.to_owned(), found: format, known: FORMAT });
        }
        let plan: Self = serde_json::from_slice(text).map_err(|e| damaged(e.to_string()))?;
        if plan.engine != ENGINE_VERSION {
            return Err(ClusterError::Engine {
                path: path.to_owned(),
                found: plan.engine,
                own: ENGINE_VERSION,
            });
        }
        plan.check().map_err(damaged)?;
        Ok(plan)
    }

    /// Whether what it names is there, and what a run is called is what it is.
    fn check(&self) -> Result<(), String> {
        for PlannedRun { job } in &self.runs {
            if job.spec.id().ok().as_ref() != Some(&job.run) {
                return Err(format!("run {} is not what its name says", job.run));
            }
        }
        let known: HashSet<&RunId> = self.runs.iter().map(|run| &run.job.run).collect();
        if let Some(run) = self.gangs.iter().flat_map(|gang| &gang.runs).find(|run| !known.contains(run)) {
            return Err(format!("a gang has run {run}, which is not described"));
        }
        match self.tasks.iter().flatten().find(|gang| **gang >= self.gangs.len()) {
            Some(gang) => Err(format!("a task has gang {gang} of {}", self.gangs.len())),
            None => Ok(()),
        }
    }

    /// The gangs of a task.
    pub(crate) fn gangs_of(&self, task: usize) -> impl Iterator<Item = &Gang> {
        self.tasks.get(task).into_iter().flatten().filter_map(|&gang| self.gangs.get(gang))
    }

    /// The job of a run.
    pub(crate) fn job(&self, run: &RunId) -> Option<&Job> {
        self.runs.iter().map(|planned| &planned.job).find(|job| job.run == *run)
    }
}

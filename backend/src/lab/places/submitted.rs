//! Plans that are trained elsewhere: where they are stands in the home folder, for the next program that opens it.

use crate::cluster::{ClusterError, Job, PlanFolder, WorkPlan};
use crate::store::make_private;
use crate::tensors::replace;
use std::collections::HashSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;

const FOLDER: &str = "submitted";

/// Plans that are trained elsewhere.
#[derive(Clone, Debug)]
pub(in crate::lab) struct Submitted(PathBuf);

/// A plan that was found.
#[derive(Clone, Debug)]
pub(in crate::lab) struct Found {
    /// Its name.
    pub(in crate::lab) name: String,
    pub(in crate::lab) folder: PlanFolder,
    pub(in crate::lab) plan: WorkPlan,
}

impl Found {
    /// A plan's folder.
    ///
    /// # Errors
    /// There is none, or it cannot be read.
    pub(in crate::lab) fn open(path: &Path) -> Result<Self, ClusterError> {
        let (folder, plan) = PlanFolder::open(path)?;
        Ok(Self { name: PlanFolder::name_of(&plan), folder, plan })
    }

    /// What a log lacks to show what becomes of the plan: its experiments, and its runs as they wait.
    pub(in crate::lab) fn lines(&self, state: &LabState) -> Vec<EventKind> {
        let unknown = self.plan.runs.iter().filter(|planned| !state.runs.contains_key(&planned.job.run));
        let queued = unknown.map(|planned| {
            let Job { run, spec, trainable, alone, .. } = planned.job.clone();
            EventKind::Queued { run, spec: Box::new(spec), trainable, alone }
        });
        let held: HashSet<&[RunId]> = state.experiments.values().map(|held| held.runs.as_slice()).collect();
        let created = self.plan.experiments.iter().filter_map(|line| match line {
            EventKind::Created { experiment, runs, plan, .. } if !held.contains(runs.as_slice()) => {
                Some((experiment.clone(), runs.clone(), plan.clone()))
            }
            _ => None,
        });
        let numbers = state.last_experiment.0 + 1..;
        let created = created.zip(numbers).map(|((experiment, runs, plan), number)| EventKind::Created {
            experiment_id: ExperimentId(number),
            experiment,
            runs,
            plan,
        });
        created.chain(queued).collect()
    }
}

impl Submitted {
    /// Of a home folder.
    pub(in crate::lab) fn of(home: &Path) -> Self {
        Self(home.join(FOLDER))
    }

    /// Takes note of where a plan is.
    ///
    /// # Errors
    /// It cannot be written.
    pub(in crate::lab) fn add(&self, name: &str, folder: &Path) -> io::Result<()> {
        make_private(&self.0)?;
        replace(&self.0.join(name), std::path::absolute(folder)?.to_string_lossy().as_bytes())
    }

    /// Forgets a plan.
    pub(in crate::lab) fn remove(&self, name: &str) {
        // One that stays is found to be gone.
        _ = fs::remove_file(self.0.join(name));
    }

    /// The plans that are there; what cannot be opened is said.
    pub(in crate::lab) fn all(&self) -> Vec<Found> {
        let entries = fs::read_dir(&self.0).into_iter().flatten().flatten();
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
        names.retain(|name| !name.starts_with('.'));
        names.sort();
        names.into_iter().filter_map(|name| self.open(name)).collect()
    }

    fn open(&self, name: String) -> Option<Found> {
        let path = fs::read_to_string(self.0.join(&name)).ok()?;
        match PlanFolder::open(Path::new(path.trim())) {
            Ok((folder, plan)) => Some(Found { name, folder, plan }),
            Err(error) => {
                tracing::warn!("a plan that was submitted cannot be followed: {error}");
                None
            }
        }
    }
}

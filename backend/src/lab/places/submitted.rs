//! Plans that are trained elsewhere: where they are stands in the home folder, for the next program that opens it.

use crate::cluster::{ClusterError, Job, PlanFolder, Remains, WorkPlan};
use crate::store::make_private;
use crate::tensors::replace;
use std::collections::HashSet;
use std::fs;
use std::io::{self, ErrorKind};
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
    /// What was submitted from a home folder.
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

    /// The plans that are there; what cannot be listed or opened is said, and tried again by the next program.
    pub(in crate::lab) fn all(&self) -> Vec<Found> {
        let mut names = self.names().unwrap_or_else(|error| {
            tracing::warn!("{}: {error}; what was submitted is followed by the next start", self.0.display());
            Vec::new()
        });
        names.sort();
        names.into_iter().filter_map(|name| self.open(name)).collect()
    }

    fn names(&self) -> io::Result<Vec<String>> {
        let entries = match fs::read_dir(&self.0) {
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
            entries => entries?,
        };
        let names: io::Result<Vec<_>> =
            entries.map(|entry| Ok(entry?.file_name().into_string().ok())).collect();
        Ok(names?.into_iter().flatten().filter(|name| !name.starts_with('.')).collect())
    }

    fn open(&self, name: String) -> Option<Found> {
        let note = self.0.join(&name);
        let path = match fs::read_to_string(&note) {
            Ok(text) => PathBuf::from(text.trim()),
            Err(error) => {
                tracing::warn!("{}: {error}; the plan is followed by the next start", note.display());
                return None;
            }
        };
        match PlanFolder::open(&path) {
            Ok((folder, plan)) => return Some(Found { name, folder, plan }),
            // A program was killed while it removed it.
            Err(ClusterError::NoPlan(_)) if matches!(PlanFolder::remains(&path), Ok(Remains::Over)) => {
                PlanFolder::without_plan(&path).remove();
                self.remove(&name);
            }
            Err(error) => tracing::warn!("a plan that was submitted cannot be followed now: {error}"),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_that_was_over_is_forgotten_and_one_that_cannot_be_opened_is_not() {
        let home = tempfile::tempdir().unwrap();
        let submitted = Submitted::of(home.path());
        assert!(submitted.all().is_empty());
        let plan = WorkPlan::new(Vec::new(), Vec::new(), Vec::new());
        let [over, open] = [(); 2].map(|()| PlanFolder::create_apart(home.path(), &plan).unwrap());
        submitted.add("over", over.path()).unwrap();
        submitted.add("open", open.path()).unwrap();
        over.end().unwrap();
        let file = open.path().join("plan.json");
        let aside = home.path().join("aside");
        fs::rename(&file, &aside).unwrap();
        assert!(submitted.all().is_empty() && !over.path().exists());
        fs::rename(&aside, &file).unwrap();
        let names: Vec<String> = submitted.all().into_iter().map(|found| found.name).collect();
        assert_eq!((names, submitted.names().unwrap()), (vec!["open".to_owned()], vec!["open".to_owned()]));
        // A folder that cannot be listed is not one without plans.
        fs::remove_dir_all(home.path().join(FOLDER)).unwrap();
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(FOLDER, home.path().join(FOLDER)).unwrap();
            assert!(submitted.names().is_err());
        }
    }
}

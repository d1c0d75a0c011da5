//! What runs left in a plan's folder, on its way to the home folder, and checkpoints on their way there.

use crate::artifacts::Artifacts;
use crate::cluster::{PlanFolder, WorkPlan};
use crate::tensors::{replace_with, sync};
use std::fs::{self, File};
use std::io::{self, ErrorKind};
use std::path::Path;
use tunemask_shared::run::RunId;

/// Brings files from a plan's folder to the home folder and back.
#[derive(Clone, Debug)]
pub(super) struct Homing {
    /// The home folder's.
    pub(super) home: Artifacts,
    /// The plan's.
    pub(super) plan: Artifacts,
    pub(super) takes: TakesFiles,
}

/// Whose the files in a plan's folder are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TakesFiles {
    /// This program's.
    Own,
    /// Another's, which brings them home itself.
    Others,
}

impl Homing {
    /// Gives workers the checkpoint of a run, if it has one.
    pub(super) fn lend_checkpoint(&self, run: &RunId) {
        let (from, to) = (self.home.checkpoint_path(&run.0), self.plan.checkpoint_path(&run.0));
        if let Err(error) = put(&from, &to)
            && error.kind() != ErrorKind::NotFound
        {
            tracing::warn!(
                "run {run} starts from its beginning, because its checkpoint cannot be lent: {error}"
            );
        }
    }

    /// Brings what a finished run left home, in the place of what was there. It stays in the plan's folder, too: others may
    /// watch.
    ///
    /// # Errors
    /// It is not there, or cannot be brought.
    pub(super) fn bring_finished(&self, run: &RunId) -> io::Result<()> {
        put(&self.plan.finished_path(&run.0), &self.home.finished_path(&run.0))
    }

    /// Brings the checkpoint of a run that is not finished home, if there is one. A newer one that is there stays: others have
    /// trained the run since.
    ///
    /// # Errors
    /// It cannot be brought.
    pub(super) fn bring_checkpoint(&self, run: &RunId) -> io::Result<()> {
        let (from, to) = (self.plan.checkpoint_path(&run.0), self.home.checkpoint_path(&run.0));
        let written = |path| fs::metadata(path).and_then(|about| about.modified()).ok();
        if let (Some(own), Some(there)) = (written(&from), written(&to))
            && there > own
        {
            return Ok(());
        }
        match put(&from, &to) {
            // None was written, or it is of a home folder that is not there any more.
            Err(error) if error.kind() == ErrorKind::NotFound && !from.exists() => Ok(()),
            put => put,
        }
    }

    /// Removes the checkpoints of a run that has finished.
    pub(super) fn forget_checkpoint(&self, run: &RunId) {
        self.home.remove(&run.0);
        if self.takes == TakesFiles::Own {
            self.plan.remove(&run.0);
        }
    }
}

/// Gives the workers of a plan that others start the checkpoints of its runs. Where the plan was written before, what workers have
/// left there since stays.
pub(in crate::lab) fn lend_checkpoints(home: Artifacts, folder: &PlanFolder, plan: &WorkPlan) {
    let inside = Artifacts::inside(&folder.runs_folder());
    let homing = Homing { home, plan: inside, takes: TakesFiles::Others };
    let runs = plan.runs.iter().map(|planned| &planned.job.run);
    runs.filter(|run| !homing.plan.checkpoint_path(&run.0).exists())
        .for_each(|run| homing.lend_checkpoint(run));
}

/// Puts a file in the place of another, and leaves it where it is: by a second name where both are on one disk, else as a copy.
/// There is a whole file at every moment.
fn put(from: &Path, to: &Path) -> io::Result<()> {
    // A name that no writer of whole files takes, which is swept with theirs.
    let name = to.file_name().unwrap_or_default().to_string_lossy();
    let beside = to.with_file_name(format!(".{name}.{}.new", std::process::id()));
    // One that a killed program left.
    _ = fs::remove_file(&beside);
    match fs::hard_link(from, &beside) {
        Ok(()) => {
            fs::rename(&beside, to)?;
            // Where both are one file already, the system leaves both names.
            _ = fs::remove_file(&beside);
            to.parent().map_or(Ok(()), sync)
        }
        Err(error) if error.kind() == ErrorKind::NotFound => Err(error),
        Err(_) => {
            let mut source = File::open(from)?;
            replace_with(to, |file| io::copy(&mut source, file).map(drop))
        }
    }
}

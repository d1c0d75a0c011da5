//! Plans that a program left that was killed: what its workers still wrote is folded before anything else begins.
//!
//! A folder whose lines may not all be in the log stays, with how far it is read, and is folded again at the next start: one
//! that cannot be read now, one whose worker has not ended in time, or of which nobody here can say whether it has.

use super::PLANS;
use super::folding::{FolderEnd, Folding, FoldsInto};
use super::homing::{Homing, TakesFiles};
use crate::artifacts::Artifacts;
use crate::cluster::{ClusterError, PlanFolder, Remains, WorkPlan};
use crate::lab::LabError;
use crate::lab::control::Control;
use crate::store::{Mark, Reader};
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long workers are waited for that end because their coordinator did: they save first. It is one time for all of them.
const EXIT_GRACE: Duration = Duration::from_secs(15);

/// Folds what workers of an earlier program wrote, and removes the plans of which all is in the log then.
///
/// # Errors
/// The log cannot be read or written.
pub(in crate::lab) fn fold_older(home: &Path, with: &FoldsInto, reader: &Reader) -> Result<(), LabError> {
    fold_until(Instant::now() + EXIT_GRACE, home, with, reader)
}

pub(super) fn fold_until(
    end: Instant,
    home: &Path,
    with: &FoldsInto,
    reader: &Reader,
) -> Result<(), LabError> {
    // What these workers leave waits for whoever wants it.
    let control = Arc::new(Control::default());
    control.stop();
    let older = Older { home, with: FoldsInto { control, ..with.clone() }, reader, end };
    match folders(home) {
        Ok(folders) => folders.into_iter().try_for_each(|path| older.fold(&path)),
        Err(error) => {
            tracing::warn!(
                "{}: {error}; what workers of an earlier program wrote there comes into the log when tunemask starts again",
                home.join(PLANS).display()
            );
            Ok(())
        }
    }
}

/// The folders of plans of a home folder.
///
/// # Errors
/// They cannot be listed.
pub(super) fn folders(home: &Path) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(home.join(PLANS)) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let paths: io::Result<Vec<PathBuf>> = entries.map(|entry| Ok(entry?.path())).collect();
    let mut folders: Vec<PathBuf> = paths?.into_iter().filter(|path| path.is_dir()).collect();
    folders.sort();
    Ok(folders)
}

/// What an earlier program left, on its way to the log.
struct Older<'a> {
    home: &'a Path,
    with: FoldsInto,
    reader: &'a Reader,
    /// Until when workers are waited for.
    end: Instant,
}

impl Older<'_> {
    fn fold(&self, path: &Path) -> Result<(), LabError> {
        let why = match PlanFolder::open(path) {
            Ok((folder, plan)) => return self.follow(folder, plan),
            Err(error @ ClusterError::NoPlan(_)) => match PlanFolder::remains(path) {
                Ok(Remains::Over) => return self.finish(&PlanFolder::without_plan(path)),
                Ok(Remains::Unwritten) => {
                    PlanFolder::remove_unwritten(path);
                    return Ok(());
                }
                Ok(Remains::Segments) => error.to_string(),
                Err(error) => error.to_string(),
            },
            Err(error) => error.to_string(),
        };
        tracing::warn!(
            "what an earlier program had workers do in {} is kept, and comes into the log when tunemask starts and can read it: \
             {why}",
            path.display()
        );
        Ok(())
    }

    /// Does what a program did not that was killed while it removed a plan.
    fn finish(&self, folder: &PlanFolder) -> Result<(), LabError> {
        let forget = Mark::Forget { plan: folder.name() };
        self.with.journal.append_folded(Vec::new(), vec![forget])?;
        folder.remove();
        Ok(())
    }

    fn follow(&self, folder: PlanFolder, plan: WorkPlan) -> Result<(), LabError> {
        let runs = plan.runs.into_iter().map(|planned| planned.job.run).collect();
        let homing = Homing {
            home: Artifacts::new(self.home),
            plan: Artifacts::inside(&folder.runs_folder()),
            takes: TakesFiles::Own,
        };
        let name = folder.name();
        let folded = self.reader.folded(&name)?;
        let mut folding = Folding::new(name, folder, &runs, folded, self.with.clone(), homing);
        loop {
            // Before the look at what is written: what was written before a process ended is there then.
            let works = folding.is_written();
            let news = folding.poll()?;
            if !works && !news || Instant::now() > self.end {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        folding.close(&runs, FolderEnd::Removed).map(drop)
    }
}

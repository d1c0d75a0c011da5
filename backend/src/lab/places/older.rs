//! Plans that a program left that was killed: what its workers still wrote is folded before anything else begins.

use super::PLANS;
use super::folding::{FolderEnd, Folding, FoldsInto};
use super::homing::{Homing, TakesFiles};
use crate::artifacts::Artifacts;
use crate::cluster::{PlanFolder, host};
use crate::lab::LabError;
use crate::lab::control::Control;
use crate::store::Reader;
use std::collections::HashSet;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tunemask_shared::run::RunId;

/// How long workers are waited for that end because their coordinator did: they save first.
const EXIT_GRACE: Duration = Duration::from_secs(15);

/// Folds what workers of an earlier program wrote, and removes their plans.
///
/// # Errors
/// The log cannot be read or written.
pub(in crate::lab) fn fold_older(home: &Path, with: &FoldsInto, reader: &Reader) -> Result<(), LabError> {
    // What these workers leave waits for whoever wants it.
    let control = Arc::new(Control::default());
    control.stop();
    let with = &FoldsInto { control, ..with.clone() };
    let entries = std::fs::read_dir(home.join(PLANS)).into_iter().flatten().flatten();
    let mut folders: Vec<_> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    folders.sort();
    for path in folders {
        match PlanFolder::open(&path) {
            Ok((folder, plan)) => {
                let runs = plan.runs.into_iter().map(|planned| planned.job.run).collect();
                fold(home, folder, &runs, with, reader)?;
            }
            Err(error) => {
                tracing::warn!("what an earlier program had workers do is left out: {error}");
                _ = std::fs::remove_dir_all(&path);
            }
        }
    }
    Ok(())
}

fn fold(
    home: &Path,
    folder: PlanFolder,
    runs: &HashSet<RunId>,
    with: &FoldsInto,
    reader: &Reader,
) -> Result<(), LabError> {
    let homing = Homing {
        home: Artifacts::new(home),
        plan: Artifacts::inside(&folder.runs_folder()),
        takes: TakesFiles::Own,
    };
    let name = folder.path().file_name().unwrap_or_default().to_string_lossy().into_owned();
    let folded = reader.folded(&name)?;
    let mut folding = Folding::new(name, folder, runs, folded, with.clone(), homing);
    let begin = Instant::now();
    loop {
        // Before the look at what is written: what was written before a process ended is there then.
        let works = folding.writers_on(&host()).into_iter().any(is_alive);
        let news = folding.poll()?;
        if !works && !news || begin.elapsed() > EXIT_GRACE {
            break;
        }
        std::thread::sleep(Duration::from_millis(50));
    }
    folding.close(runs, FolderEnd::Removed)
}

/// Whether a process of this machine is there.
#[cfg(unix)]
fn is_alive(pid: u32) -> bool {
    let pid = i32::try_from(pid).ok().and_then(rustix::process::Pid::from_raw);
    pid.is_some_and(|pid| rustix::process::test_kill_process(pid).is_ok())
}

#[cfg(not(unix))]
fn is_alive(_pid: u32) -> bool {
    false
}

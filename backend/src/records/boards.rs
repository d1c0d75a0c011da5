//! Folders for other programs' boards: a file for each run.
//!
//! Runs that have not begun have nothing to show and are left out. A file appears whole or not at all.

use super::{Recorded, RecordsError};
use crate::files::Existing;
use crate::tensors;
use std::io::Write;
use std::path::{Path, PathBuf};
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, RunState};

/// A run that has begun.
#[derive(Clone, Copy, Debug)]
pub struct Begun<'a> {
    pub(super) id: &'a RunId,
    pub(super) run: &'a RunState,
    pub(super) experiment: &'a ExperimentState,
}

impl Begun<'_> {
    /// When it started, in milliseconds since 1970.
    pub(super) fn started_ms(&self) -> u64 {
        self.run.started_ms.unwrap_or(self.experiment.created_ms)
    }
}

/// How many runs were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Written {
    /// Those with a file.
    pub runs: usize,
    /// Those that have not begun.
    pub left_out: usize,
}

/// What a board's folder holds.
pub trait Board: Sync {
    /// Where a run's file stands in the folder `out`.
    fn file(&self, out: &Path, begun: Begun<'_>) -> PathBuf;

    /// Writes a run's file.
    ///
    /// # Errors
    /// The log cannot be read, or `out` not be written.
    fn write(&self, of: Recorded<'_>, begun: Begun<'_>, out: &mut dyn Write) -> Result<(), RecordsError>;

    /// A file about all runs, if there is one, and its bytes.
    fn about(&self, of: Recorded<'_>, experiment: &ExperimentState, out: &Path)
    -> Option<(PathBuf, Vec<u8>)>;
}

/// Writes an experiment's runs into a folder.
///
/// # Errors
/// There is no such experiment; the folder holds files that must stay, or cannot be written; the log cannot be read.
pub fn save_board(
    board: &dyn Board,
    of: Recorded<'_>,
    out: &Path,
    existing: Existing,
) -> Result<Written, RecordsError> {
    let experiment = of.state.experiments.get(&of.id).ok_or(RecordsError::Unknown(of.id))?;
    if existing == Existing::Keep && is_occupied(out) {
        return Err(RecordsError::Occupied(out.to_owned()));
    }
    let mut written = Written { runs: 0, left_out: 0 };
    for (id, run) in experiment.runs.iter().filter_map(|run| of.state.runs.get_key_value(run)) {
        if run.step == 0 && run.evaluations.is_empty() {
            written.left_out += 1;
            continue;
        }
        let begun = Begun { id, run, experiment };
        replace(&board.file(out, begun), |file| board.write(of, begun, file))?;
        written.runs += 1;
    }
    if let Some((path, bytes)) = board.about(of, experiment, out).filter(|_| written.runs > 0) {
        replace(&path, |file| Ok(file.write_all(&bytes)?))?;
    }
    Ok(written)
}

/// Whether something stands in a folder's place.
pub fn is_occupied(out: &Path) -> bool {
    out.exists() && std::fs::read_dir(out).map_or(true, |mut files| files.next().is_some())
}

fn replace(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<(), RecordsError>,
) -> Result<(), RecordsError> {
    tensors::replace_with(path, |file| write(file)).map_err(|error| error.at(path))
}

//! What a finished run trained, without its model: for a caller that has the model already.

use super::TunedError;
use crate::artifacts::{Artifacts, Scalars};
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::RunId;

/// What a finished run trained, of which `expected` scalars are to be there, its head's among them.
///
/// # Errors
/// Nothing is left of the run; it kept another epoch's; the file is damaged or another one.
pub(crate) fn kept_scalars(
    files: &Artifacts,
    run: &RunId,
    epoch: ReportedEpoch,
    expected: usize,
) -> Result<Scalars, TunedError> {
    let Some(scalars) = files.scalars(&run.0, epoch)? else {
        return Err(TunedError::NotKept { path: files.finished_path(&run.0), run: run.clone() });
    };
    match scalars.trained.len() {
        0 => Err(TunedError::other_epoch(run.clone(), epoch)),
        found if found != expected => Err(TunedError::Size { run: run.clone(), found, expected }),
        _ => Ok(scalars),
    }
}

//! What runs left in a home folder, for tests between masks.

use super::predictions::Predictions;
use super::significance::Study;
use super::table::ResultTable;
use crate::artifacts::{ArtifactError, Artifacts};
use std::collections::HashMap;
use std::path::Path;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// What a finished run predicted on its task's first development set; `None` if a home folder does not hold it, or
/// a logit is not finite. With `clip` scores are clipped to the task's range.
///
/// # Errors
/// What is stored cannot be read, or is not whole.
pub fn predictions(
    home: &Path,
    run: &RunId,
    task: Task,
    clip: bool,
    epoch: ReportedEpoch,
) -> Result<Option<Predictions>, ArtifactError> {
    let predicted = Artifacts::new(home).predicted(&run.0, epoch, 0)?;
    Ok(predicted.and_then(|p| Predictions::of(task, clip, &p.logits, &p.truth.targets, &p.truth.reads)))
}

/// The settled cells of a result table, with what their runs predicted where a home folder holds it. A file that
/// cannot be read is as if it were absent, and is warned of.
pub fn study(home: &Path, table: &ResultTable) -> Study {
    let cells = table.rows.iter().flat_map(|row| &row.cells);
    let seeds = cells.flat_map(|cell| cell.rates.iter().flat_map(|r| &r.seeds).map(|s| (cell.task, s)));
    let tasks: HashMap<&RunId, Task> =
        seeds.filter_map(|(task, seed)| Some((seed.run.as_ref()?, task))).collect();
    Study::of(table, |run| {
        let read = predictions(home, run, *tasks.get(run)?, table.clip_predictions, table.reported_epoch);
        read.unwrap_or_else(|error| {
            tracing::warn!("what run {run} predicted is not used: {error}");
            None
        })
    })
}

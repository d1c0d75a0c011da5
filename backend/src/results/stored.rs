//! What runs left in a home folder, for tests between masks.

use super::predictions::Predictions;
use super::significance::{Candidates, Cell, Rule, Study};
use super::table::{ResultTable, SeedResult};
use crate::artifacts::{ArtifactError, Artifacts};
use crate::scoring::Clipping;
use std::collections::HashMap;
use std::path::Path;
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::run::RunId;
use tunemask_shared::task::Task;

/// What a finished run predicted on its task's first development set; `None` if a home folder does not hold it, or
/// a logit is not finite.
///
/// # Errors
/// What is stored cannot be read, or is not whole.
pub fn predictions(
    home: &Path,
    run: &RunId,
    task: &Task,
    clipping: Clipping,
    epoch: ReportedEpoch,
) -> Result<Option<Predictions>, ArtifactError> {
    let predicted = Artifacts::new(home).predicted(&run.0, epoch, 0)?;
    Ok(predicted.and_then(|p| Predictions::of(task, clipping, &p.logits, &p.truth.targets, &p.truth.reads)))
}

/// The settled cells of a result table, with what their runs predicted where a home folder holds it. A file that
/// cannot be read is as if it were absent, and is warned of.
pub fn study(home: &Path, table: &ResultTable) -> Study {
    let cells = table.rows.iter().flat_map(|row| &row.cells);
    let seeds = cells.flat_map(|cell| cell.rates.iter().flat_map(|r| &r.seeds).map(|s| (&cell.task, s)));
    let tasks: HashMap<&RunId, &Task> =
        seeds.filter_map(|(task, seed)| Some((seed.run.as_ref()?, task))).collect();
    let study = Study::of(table, |run| {
        let clipping = table.clip_predictions.into();
        let read = predictions(home, run, *tasks.get(run)?, clipping, table.reported_epoch);
        read.unwrap_or_else(|error| {
            tracing::warn!("what run {run} predicted is not used: {error}");
            None
        })
    });
    let rule = Rule { epoch: table.reported_epoch, rate: table.rate_pick };
    study.with_model_selection(rule, |cell| candidates(home, table, cell))
}

/// What the runs of a cell predicted after each epoch, at every rate for which all seeds have a number; `None` if
/// it is not stored for one of them, or on other examples.
fn candidates(home: &Path, table: &ResultTable, cell: &Cell) -> Option<Candidates> {
    let row = table.rows.iter().find(|row| row.mask == cell.mask)?;
    let own = row.cells.iter().find(|own| own.task == cell.task)?;
    let (metric, examples) = (cell.metric(), cell.predictions.first()?.len());
    let whole = own.rates.iter().filter(|rate| rate.seeds.iter().all(|s| s.value(metric, 0).is_some()));
    let artifacts = Artifacts::new(home);
    let run = |seed: &SeedResult| {
        let answered = artifacts.answered(&seed.run.as_ref()?.0).ok()??;
        let of = |answers: &Vec<f32>| {
            let (targets, reads) = (&answered.truth.targets, &answered.truth.reads);
            Predictions::of_answers(&cell.task, table.clip_predictions.into(), answers, targets, reads)
        };
        let epochs: Option<Vec<Predictions>> = answered.epochs.iter().map(of).collect();
        epochs.filter(|epochs| epochs.iter().all(|p| p.len() == examples))
    };
    let rates: Option<Vec<Vec<Vec<Predictions>>>> =
        whole.map(|rate| rate.seeds.iter().map(run).collect()).collect();
    rates.filter(|rates| !rates.is_empty()).map(Candidates)
}

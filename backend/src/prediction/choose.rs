//! Which runs of an experiment are asked: the finished ones of a task, by mask.

use super::PredictionError;
use crate::results::table::{RateResult, ResultCell, ResultTable, SeedResult};
use tunemask_shared::mask::Mask;
use tunemask_shared::prediction::{PredictionQuestion, RateChoice};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::task::Task;

/// Most runs that read a text at once.
const MAX_RUNS: usize = 256;

/// Runs whose mean is a row.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Group {
    pub mask: Mask,
    pub runs: Vec<RunId>,
}

/// The task that is asked for, the experiment's first if none is.
///
/// # Errors
/// The experiment has no such.
pub(super) fn task<'a>(
    table: &'a ResultTable,
    question: &PredictionQuestion,
) -> Result<&'a Task, PredictionError> {
    let known = || table.tasks.iter().map(|task| task.name().to_string()).collect();
    match &question.task {
        Some(name) => {
            let found = table.tasks.iter().find(|task| task.name() == name);
            found.ok_or_else(|| PredictionError::Task { task: name.clone(), known: known() })
        }
        None => {
            table.tasks.first().ok_or_else(|| PredictionError::Unfinished { task: "its tasks".to_owned() })
        }
    }
}

/// The finished runs that are asked, a group for each mask, or where all rates are asked a group for each mask and rate; in the
/// experiment's order.
///
/// # Errors
/// A mask or a seed that the experiment has not; no run that has finished; too many.
pub(super) fn groups(
    table: &ResultTable,
    task: &Task,
    question: &PredictionQuestion,
) -> Result<Vec<Group>, PredictionError> {
    check(table, question)?;
    let asked = |seed: &&SeedResult| question.seeds.is_empty() || question.seeds.contains(&seed.seed);
    let group = |mask: &Mask, seeds: Vec<&SeedResult>| {
        let finished = |seed: &&SeedResult| seed.status == RunStatus::Finished;
        let runs = seeds.into_iter().filter(finished).filter(asked).filter_map(|seed| seed.run.clone());
        Group { mask: mask.clone(), runs: runs.collect() }
    };
    let mut groups = Vec::new();
    for row in &table.rows {
        let wanted = question.masks.is_empty() || question.masks.contains(&row.mask);
        let Some(cell) = row.cells.iter().find(|cell| cell.task == *task && wanted) else { continue };
        match question.rates {
            RateChoice::Picked => groups.push(group(&row.mask, picked(table, cell))),
            RateChoice::All => {
                groups.extend(cell.rates.iter().map(|rate| group(&row.mask, rate.seeds.iter().collect())));
            }
        }
    }
    groups.retain(|group| !group.runs.is_empty());
    match groups.iter().map(|group| group.runs.len()).sum() {
        0 => Err(PredictionError::Unfinished { task: task.title().to_owned() }),
        runs if runs > MAX_RUNS => Err(PredictionError::Many { runs, most: MAX_RUNS }),
        _ => Ok(groups),
    }
}

/// The runs at the picked rate. Where none is picked, because no run has a number, those at the first that has finished.
fn picked<'a>(table: &ResultTable, cell: &'a ResultCell) -> Vec<&'a SeedResult> {
    let reported = cell.reported(table.rate_pick);
    if !reported.is_empty() {
        return reported;
    }
    let finished = |rate: &&RateResult| rate.seeds.iter().any(|seed| seed.status == RunStatus::Finished);
    cell.rates.iter().find(finished).map(|rate| rate.seeds.iter().collect()).unwrap_or_default()
}

fn check(table: &ResultTable, question: &PredictionQuestion) -> Result<(), PredictionError> {
    let has = |mask: &Mask| table.rows.iter().any(|row| row.mask == *mask);
    if let Some(mask) = question.masks.iter().find(|mask| !has(mask)) {
        let known = table.rows.iter().map(|row| row.mask.to_string()).collect();
        return Err(PredictionError::Mask { mask: mask.clone(), known });
    }
    if let Some(&seed) = question.seeds.iter().find(|seed| !table.seeds.contains(seed)) {
        let known = table.seeds.iter().map(u64::to_string).collect();
        return Err(PredictionError::Seed { seed, known });
    }
    Ok(())
}

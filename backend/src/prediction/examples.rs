//! Development examples to begin with, and what is right of each.

use super::PredictionError;
use crate::data::{Input, Record, first_development_records};
use std::collections::VecDeque;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use tunemask_shared::prediction::TextExample;
use tunemask_shared::run::RunSpec;
use tunemask_shared::task::{Task, TaskKind};

/// Examples that are offered.
const MAX_EXAMPLES: usize = 8;
/// Most tasks whose examples are kept.
const MAX_KEPT: usize = 64;

/// Examples that were read, kept for the next request: to find eight of them, all of a task's files are read. Those go first that
/// were read first.
#[derive(Debug, Default)]
pub(super) struct KeptExamples(Mutex<VecDeque<(Origin, Vec<TextExample>)>>);

/// All that determines which examples a run is scored on.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Origin {
    task: Task,
    /// The data's fingerprint.
    data: String,
    eval_limit: Option<u32>,
}

impl Origin {
    fn of(spec: &RunSpec) -> Self {
        Self { task: spec.task.clone(), data: spec.data.clone(), eval_limit: spec.eval_limit }
    }
}

impl KeptExamples {
    /// The first development examples of the task of a run: those that are kept, though the data be others now, else as they
    /// are read.
    ///
    /// # Errors
    /// The data cannot be read, or are others now. That is not kept: the user may mend it.
    pub(super) fn get(
        &self,
        spec: &RunSpec,
        data: Option<&Path>,
    ) -> Result<Vec<TextExample>, PredictionError> {
        let origin = Origin::of(spec);
        if let Some((_, examples)) = self.kept().iter().find(|(kept, _)| *kept == origin) {
            return Ok(examples.clone());
        }
        // Others need not wait for these files.
        let examples = read(spec, data)?;
        let mut kept = self.kept();
        kept.truncate(MAX_KEPT - 1);
        kept.push_front((origin, examples.clone()));
        Ok(examples)
    }

    fn kept(&self) -> MutexGuard<'_, VecDeque<(Origin, Vec<TextExample>)>> {
        // Examples go in whole, so a panic elsewhere leaves nothing half made.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The first development examples of the task of a run, from the data that it was scored on.
///
/// # Errors
/// The data cannot be read, or are others now.
fn read(spec: &RunSpec, data: Option<&Path>) -> Result<Vec<TextExample>, PredictionError> {
    let first = first_development_records(&spec.task, data, spec.eval_limit, MAX_EXAMPLES)?;
    if first.fingerprint != spec.data {
        return Err(PredictionError::DataChanged(spec.task.title().to_owned()));
    }
    Ok(first.records.into_iter().map(|record| example(spec.task.kind(), record)).collect())
}

fn example(kind: &TaskKind, record: Record) -> TextExample {
    let gold = gold(kind, &record.targets);
    match record.input {
        Input::Text(text) => TextExample { text, pair: None, gold },
        Input::Pair(text, second) => TextExample { text, pair: Some(second), gold },
        Input::Words(words) => TextExample { text: words.join(" "), pair: None, gold },
    }
}

/// What is right, in words.
fn gold(kind: &TaskKind, targets: &[f32]) -> Vec<String> {
    match kind {
        TaskKind::Classification(labels) | TaskKind::Tagging(labels) => {
            targets.iter().map(|&target| labels.get(target as usize).cloned().unwrap_or_default()).collect()
        }
        TaskKind::Regression(_) => targets.iter().map(f32::to_string).collect(),
        TaskKind::MultiLabel(labels) => {
            let holds = labels.iter().zip(targets).filter(|(_, target)| **target > 0.5);
            holds.map(|(label, _)| label.clone()).collect()
        }
    }
}

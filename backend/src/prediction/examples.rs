//! Development examples to begin with, and what is right of each.

use super::PredictionError;
use crate::data::{Input, Record, first_development_records};
use std::path::Path;
use tunemask_shared::prediction::TextExample;
use tunemask_shared::run::RunSpec;
use tunemask_shared::task::TaskKind;

/// Examples that are offered.
const MOST: usize = 8;

/// The first development examples of the task of a run, from the data that it was scored on.
///
/// # Errors
/// The data cannot be read, or are others now.
pub(super) fn examples(spec: &RunSpec, data: Option<&Path>) -> Result<Vec<TextExample>, PredictionError> {
    let first = first_development_records(&spec.task, data, spec.eval_limit, MOST)?;
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

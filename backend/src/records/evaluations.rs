//! One row an evaluation, development set and metric.

use super::{Column, ColumnType, Value};
use tunemask_shared::run::RunId;
use tunemask_shared::state::RunState;

/// The columns. `value` is in the metric's own unit, not percent; `elapsed_secs` is what the whole evaluation took.
pub(super) fn columns() -> Vec<Column> {
    vec![
        Column::new("run", ColumnType::Text),
        Column::new("epoch", ColumnType::Whole),
        Column::new("step", ColumnType::Whole),
        Column::new("set", ColumnType::Text),
        Column::new("metric", ColumnType::Text),
        Column::new("value", ColumnType::Decimal),
        Column::new("elapsed_secs", ColumnType::Decimal),
    ]
}

/// The rows of a run.
pub(super) fn rows<'a>(id: &'a RunId, run: &'a RunState) -> impl Iterator<Item = Vec<Value>> + 'a {
    let sets = run.spec.task.development_sets();
    run.evaluations.iter().flat_map(move |evaluation| {
        evaluation.scores.iter().map(move |score| {
            vec![
                Value::text(id),
                Value::Whole(evaluation.epoch.into()),
                Value::Whole(evaluation.step),
                Value::or_missing(sets.get(usize::from(score.set)), Value::text),
                Value::text(score.metric.name()),
                Value::Decimal(score.value),
                Value::Decimal(evaluation.elapsed_secs),
            ]
        })
    })
}

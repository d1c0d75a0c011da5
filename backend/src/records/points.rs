//! One row a step.

use super::{Column, ColumnType, Value};
use tunemask_shared::event::Points;
use tunemask_shared::run::RunId;

/// The columns; what they hold is said at [`Points`].
pub(super) fn columns() -> Vec<Column> {
    let numbers = ["epoch", "loss", "learning_rate", "gradient_norm", "tokens_per_s", "elapsed_secs"];
    let mut columns = vec![Column::new("run", ColumnType::Text), Column::new("step", ColumnType::Whole)];
    columns.extend(numbers.map(|name| Column::new(name, ColumnType::Decimal)));
    columns
}

/// The rows of some steps of a run.
pub(super) fn rows<'a>(run: &'a RunId, points: &'a Points) -> impl Iterator<Item = Vec<Value>> + 'a {
    points.step.iter().enumerate().map(move |(i, step)| {
        let number = |column: &[f64]| Value::or_missing(column.get(i).copied(), Value::Decimal);
        vec![
            Value::text(run),
            Value::Whole(*step),
            number(&points.epoch),
            number(&points.loss),
            number(&points.learning_rate),
            number(&points.gradient_norm),
            number(&points.tokens_per_s),
            number(&points.elapsed_secs),
        ]
    })
}

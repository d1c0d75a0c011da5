//! One row a step.

use super::{Column, ColumnType, Value};
use tunemask_shared::event::Points;
use tunemask_shared::run::RunId;

/// A figure of every step.
pub(super) struct Figure<'a> {
    /// The name of its column, and of its curve on a board.
    pub(super) name: &'static str,
    /// A value a step.
    pub(super) values: &'a [f64],
}

/// All that was measured of some steps, in the order of the columns.
pub(super) fn figures(points: &Points) -> [Figure<'_>; 6] {
    let Points { step: _, epoch, loss, learning_rate, gradient_norm, tokens_per_s, elapsed_secs } = points;
    [
        Figure { name: "epoch", values: epoch },
        Figure { name: "loss", values: loss },
        Figure { name: "learning_rate", values: learning_rate },
        Figure { name: "gradient_norm", values: gradient_norm },
        Figure { name: "tokens_per_s", values: tokens_per_s },
        Figure { name: "elapsed_secs", values: elapsed_secs },
    ]
}

/// The columns; what they hold is said at [`Points`].
pub(super) fn columns() -> Vec<Column> {
    let mut columns = vec![Column::new("run", ColumnType::Text), Column::new("step", ColumnType::Whole)];
    let none = Points::default();
    columns.extend(figures(&none).map(|figure| Column::new(figure.name, ColumnType::Decimal)));
    columns
}

/// The rows of some steps of a run.
pub(super) fn rows<'a>(run: &'a RunId, points: &'a Points) -> impl Iterator<Item = Vec<Value>> + 'a {
    points.step.iter().enumerate().map(move |(i, step)| {
        let mut row = vec![Value::text(run), Value::Whole(*step)];
        let number = |figure: Figure<'_>| Value::or_missing(figure.values.get(i).copied(), Value::Decimal);
        row.extend(figures(points).map(number));
        row
    })
}

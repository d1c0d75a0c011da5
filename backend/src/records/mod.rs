//! An experiment's runs, points and evaluations as rows of typed columns, for pandas and its like, and as other programs' boards
//! read them.
//!
//! Which columns a table has, and what they hold, follows from the experiment alone and never from how far it is: a table
//! without rows has them all. What is not there is told apart from not-a-number wherever a form can. Points are read and
//! written a line of the log at a time, so that no table is ever in memory. In reading order:

/// What stands in a column.
mod column;
/// One row a run.
mod runs;
/// One row a step.
mod points;
/// One row an evaluation, set and metric.
mod evaluations;
/// The form of a file, by its ending.
mod form;
/// Comma-separated values.
mod csv;
/// A JSON object a line.
mod json_lines;
/// Rows as a parquet file.
mod parquet;
/// Rows in any form.
mod rows;
/// A table of an experiment, written somewhere.
mod table;
/// Points and evaluations in one order.
mod timeline;
/// Checksums of others' files.
mod checksum;
/// Folders for other programs' boards.
mod boards;
/// As TensorBoard reads it.
mod tensorboard;
/// As Weights & Biases reads it.
mod wandb;
#[cfg(test)]
mod tests;

pub use boards::{Begun, Board, Written, is_occupied, save_board};
pub use column::{Column, ColumnType, Value};
pub use form::{Form, UnknownForm};
pub use rows::RowWriter;
pub use table::{
    Recorded, RecordsError, Table, save, write, write_evaluations, write_points, write_runs, write_series,
};
pub use tensorboard::TensorBoard;
pub use wandb::Wandb;

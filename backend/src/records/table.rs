//! A table of an experiment, written somewhere.

use super::runs::RunRows;
use super::{Form, RowWriter, UnknownForm, Value, evaluations, points};
use crate::files::{Existing, why_not_written};
use crate::store::{Reader, StoreError};
use crate::tensors;
use ::parquet::errors::ParquetError;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use tunemask_shared::event::{ExperimentId, Points};
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, LabState, RunState};

/// What a table has a row for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Table {
    /// Every run.
    Runs,
    /// Every step of every run since it was queued last.
    Points,
    /// Every evaluation, development set and metric.
    Evaluations,
}

/// An experiment as the log has it.
#[derive(Clone, Copy, Debug)]
pub struct Recorded<'a> {
    /// The fold of the log.
    pub state: &'a LabState,
    /// Which experiment.
    pub id: ExperimentId,
    /// Where points are read.
    pub reader: &'a Reader,
}

/// Why a table cannot be written.
#[derive(Debug, thiserror::Error)]
pub enum RecordsError {
    /// The file's name says no form.
    #[error(transparent)]
    Form(#[from] UnknownForm),
    /// Something stands in its place.
    #[error("{}: already there; replace it with --force, or name another place", .0.display())]
    Occupied(PathBuf),
    /// It cannot be written.
    #[error("{}: cannot be written: {}", path.display(), why_not_written(cause))]
    Write {
        /// The file.
        path: PathBuf,
        /// What the system said.
        cause: io::Error,
    },
    /// What it is written to takes no more.
    #[error("the table cannot be written: {0}")]
    Io(#[from] io::Error),
    /// The points cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such experiment.
    #[error("experiment {0} is not in the log")]
    Unknown(ExperimentId),
    /// A value that its column cannot hold.
    #[error("column {column} cannot hold {value:?}; please report it")]
    Value {
        /// The column.
        column: String,
        /// The value.
        value: Value,
    },
    /// The library refused.
    #[error("the parquet file cannot be written: {0}; please report it")]
    Parquet(ParquetError),
}

impl RecordsError {
    /// The same, with the file that could not be written.
    pub(super) fn at(self, path: &Path) -> Self {
        match self {
            Self::Io(cause) => Self::Write { path: path.to_owned(), cause },
            other => other,
        }
    }
}

impl From<ParquetError> for RecordsError {
    fn from(error: ParquetError) -> Self {
        match error {
            ParquetError::External(cause) => match cause.downcast::<io::Error>() {
                Ok(cause) => Self::Io(*cause),
                Err(other) => Self::Parquet(ParquetError::External(other)),
            },
            other => Self::Parquet(other),
        }
    }
}

/// Writes a table as a file, whole or not at all; its ending says the form. Gives its number of rows.
///
/// # Errors
/// As [`write()`]; the ending is of no form; the file is there and must stay, or cannot be written.
pub fn save(table: Table, of: Recorded<'_>, path: &Path, existing: Existing) -> Result<u64, RecordsError> {
    let form = Form::of(path)?;
    if existing == Existing::Keep && path.exists() {
        return Err(RecordsError::Occupied(path.to_owned()));
    }
    let written = tensors::replace_with(path, |file| write(table, of, form, BufWriter::new(file)));
    written.map_err(|error| error.at(path))
}

/// Writes a table to `out` and gives its number of rows.
///
/// # Errors
/// There is no such experiment; the log cannot be read, or `out` not be written.
pub fn write(
    table: Table,
    of: Recorded<'_>,
    form: Form,
    out: impl Write + Send,
) -> Result<u64, RecordsError> {
    let held = of.state.experiments.get(&of.id).ok_or(RecordsError::Unknown(of.id))?;
    match table {
        Table::Runs => write_runs(of.state, of.id, form, out),
        Table::Points => {
            let mut rows = Counted::new(RowWriter::new(form, points::columns(), out)?);
            for run in &held.runs {
                of.reader.each_points(run, |batch| rows.write_all(points::rows(run, &batch)))?;
            }
            rows.finish()
        }
        Table::Evaluations => write_evaluations(of.state, of.id, form, out),
    }
}

/// Writes the runs of an experiment, for which no points are read.
///
/// # Errors
/// There is no such experiment; `out` cannot be written.
pub fn write_runs(
    state: &LabState,
    id: ExperimentId,
    form: Form,
    out: impl Write + Send,
) -> Result<u64, RecordsError> {
    let held = state.experiments.get(&id).ok_or(RecordsError::Unknown(id))?;
    let runs = RunRows::new(state, id, held);
    let mut rows = Counted::new(RowWriter::new(form, runs.columns(), out)?);
    rows.write_all(known(state, held).map(|(run, state)| runs.row(run, state)))?;
    rows.finish()
}

/// Writes the evaluations of an experiment, for which no points are read.
///
/// # Errors
/// There is no such experiment; `out` cannot be written.
pub fn write_evaluations(
    state: &LabState,
    id: ExperimentId,
    form: Form,
    out: impl Write + Send,
) -> Result<u64, RecordsError> {
    let held = state.experiments.get(&id).ok_or(RecordsError::Unknown(id))?;
    let mut rows = Counted::new(RowWriter::new(form, evaluations::columns(), out)?);
    for (run, state) in known(state, held) {
        rows.write_all(evaluations::rows(run, state))?;
    }
    rows.finish()
}

fn known<'a>(
    state: &'a LabState,
    held: &'a ExperimentState,
) -> impl Iterator<Item = (&'a RunId, &'a RunState)> {
    held.runs.iter().filter_map(|run| state.runs.get_key_value(run))
}

/// Writes the steps of one run.
///
/// # Errors
/// `out` cannot be written.
pub fn write_points(
    run: &RunId,
    steps: &Points,
    form: Form,
    out: impl Write + Send,
) -> Result<u64, RecordsError> {
    let mut rows = Counted::new(RowWriter::new(form, points::columns(), out)?);
    rows.write_all(points::rows(run, steps))?;
    rows.finish()
}

/// Writes the steps of all of these runs. `read` reads those of one run, and no more are in memory; of the log nothing is
/// held while `out` lets them wait.
///
/// # Errors
/// `out` cannot be written; what `read` says.
pub fn write_series<E: From<RecordsError>>(
    runs: &[RunId],
    form: Form,
    out: impl Write + Send,
    mut read: impl FnMut(&RunId) -> Result<Points, E>,
) -> Result<u64, E> {
    let mut rows = Counted::new(RowWriter::new(form, points::columns(), out)?);
    for run in runs {
        rows.write_all(points::rows(run, &read(run)?))?;
    }
    Ok(rows.finish()?)
}

/// Counts what it writes.
struct Counted<W: Write + Send> {
    rows: RowWriter<W>,
    count: u64,
}

impl<W: Write + Send> Counted<W> {
    fn new(rows: RowWriter<W>) -> Self {
        Self { rows, count: 0 }
    }

    fn write_all(&mut self, rows: impl Iterator<Item = Vec<Value>>) -> Result<(), RecordsError> {
        for row in rows {
            self.rows.write(&row)?;
            self.count += 1;
        }
        Ok(())
    }

    fn finish(self) -> Result<u64, RecordsError> {
        self.rows.finish()?;
        Ok(self.count)
    }
}

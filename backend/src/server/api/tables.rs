//! All steps and all evaluations of an experiment, sent while they are written.
//!
//! In memory are the steps of one run and a few pieces of the table (of parquet a row group), however many runs there are, and
//! however slowly they are taken. What goes wrong before the first piece is told as a problem. After it the answer breaks off,
//! so that no half is taken for the whole.

use super::context::Api;
use super::format::Format;
use super::problem::Problem;
use super::request::{FormatQuery, Found, query};
use crate::lab::LabError;
use crate::records::{Form, RecordsError, write_evaluations, write_series};
use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use futures_util::{StreamExt, TryStreamExt, stream};
use std::io::{self, Write};
use tokio::sync::mpsc::{Sender, channel};

/// Bytes of a piece.
const PIECE: usize = 64 << 10;
/// Pieces that wait to be taken.
const AHEAD: usize = 4;

/// What these tables are offered as: what has no end in memory is no JSON document.
const TABLES: [Format; 3] = [Format::JsonLines, Format::Csv, Format::Parquet];

/// Why a table ends before its end.
#[derive(Debug, thiserror::Error)]
enum TableError {
    #[error(transparent)]
    Records(#[from] RecordsError),
    #[error(transparent)]
    Lab(#[from] LabError),
    #[error("{0}")]
    Panicked(#[from] tokio::task::JoinError),
}

impl From<TableError> for Problem {
    fn from(error: TableError) -> Self {
        match error {
            TableError::Lab(error) => error.into(),
            TableError::Records(_) | TableError::Panicked(_) => Self::internal(&error),
        }
    }
}

/// The steps of all runs of an experiment, of each since it was queued last.
pub(super) async fn points(
    State(api): State<Api>,
    Path(named): Path<String>,
    asked: Result<Query<FormatQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::choose(query(asked)?.format.as_deref(), &headers, &TABLES)?;
    let lab = api.worker.lab().clone();
    let runs = Found::new(lab.state(), &named)?.experiment()?.runs.clone();
    send(&api, format, move |form, out| {
        write_series(&runs, form, out, |run| Ok(lab.series(run).map(|(_, points)| points)?))
    })
    .await
}

/// The scores of all evaluations of an experiment.
pub(super) async fn evaluations(
    State(api): State<Api>,
    Path(named): Path<String>,
    asked: Result<Query<FormatQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::choose(query(asked)?.format.as_deref(), &headers, &TABLES)?;
    let Found { state, id } = Found::new(api.worker.lab().state(), &named)?;
    send(&api, format, move |form, out| Ok(write_evaluations(&state, id, form, out)?)).await
}

/// Answers with what `write` writes.
///
/// # Errors
/// It ends before its first piece.
async fn send(
    api: &Api,
    format: Format,
    write: impl FnOnce(Form, &mut Pieces) -> Result<u64, TableError> + Send + 'static,
) -> Result<Response, Problem> {
    let form = format.of_rows().ok_or_else(|| Problem::internal(&format.word()))?;
    // The semaphore is never closed.
    let permit = api.tables.clone().acquire_owned().await;
    let (to, mut pieces) = channel(AHEAD);
    tokio::spawn(async move {
        let end = to.clone();
        let written = tokio::task::spawn_blocking(move || -> Result<(), TableError> {
            let _permit = permit;
            let mut out = Pieces { gathered: Vec::with_capacity(PIECE), to };
            write(form, &mut out)?;
            Ok(out.pass_on().map_err(RecordsError::Io)?)
        });
        if let Err(error) = written.await.unwrap_or_else(|panicked| Err(panicked.into())) {
            // Where nobody takes it, whoever asked has gone, and that is why.
            _ = end.send(Err(error)).await;
        }
    });
    let first = pieces.recv().await.ok_or_else(|| Problem::internal(&"no piece of a table came"))??;
    let rest = stream::unfold(pieces, |mut pieces| async move { Some((pieces.recv().await?, pieces)) });
    let rest = rest.inspect_err(|error| tracing::error!("a table breaks off: {error}"));
    Ok(format.answer(Body::from_stream(stream::once(async { Ok(first) }).chain(rest))))
}

/// Hands on what is written in pieces, and waits where too many of them wait.
struct Pieces {
    gathered: Vec<u8>,
    to: Sender<Result<Bytes, TableError>>,
}

impl Pieces {
    /// Hands on what is gathered; at the end of a table, the rest.
    fn pass_on(&mut self) -> io::Result<()> {
        let piece = std::mem::replace(&mut self.gathered, Vec::with_capacity(PIECE));
        let gone = |_| io::Error::new(io::ErrorKind::BrokenPipe, "nobody takes the table any more");
        self.to.blocking_send(Ok(piece.into())).map_err(gone)
    }
}

impl Write for Pieces {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.gathered.extend_from_slice(bytes);
        if self.gathered.len() >= PIECE {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    /// Nothing: a writer that is dropped for an error flushes, too, and the answer must not begin with that.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! Runs and their points.

use super::context::Api;
use super::experiments::json;
use super::format::Format;
use super::problem::Problem;
use super::request::{FormatQuery, Found, query, run};
use crate::records::{RecordsError, write_points, write_runs};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::Response;
use serde::Serialize;
use tunemask_shared::event::Points;
use tunemask_shared::run::RunId;
use tunemask_shared::state::RunState;

/// A run with its id.
#[derive(Debug, Serialize)]
struct Run<'a> {
    id: &'a RunId,
    #[serde(flatten)]
    state: &'a RunState,
}

#[derive(Debug, Serialize)]
struct List<'a> {
    runs: Vec<Run<'a>>,
}

/// The steps of a run as columns.
#[derive(Debug, Serialize)]
struct Series<'a> {
    run: &'a RunId,
    points: &'a Points,
}

/// What comes in rows.
const ROWS: [Format; 4] = [Format::Json, Format::Csv, Format::JsonLines, Format::Parquet];

/// The runs of an experiment, in the order in which they are trained.
pub(super) async fn list(
    State(api): State<Api>,
    Path(named): Path<String>,
    asked: Result<Query<FormatQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::choose(query(asked)?.format.as_deref(), &headers, &ROWS)?;
    api.carry_out(move |worker| {
        let found = Found::new(worker.lab().state(), &named)?;
        let held = found.experiment()?;
        match format.of_rows() {
            Some(form) => table(format, |out| write_runs(&found.state, found.id, form, out)),
            None => {
                let known = held.runs.iter().filter_map(|id| found.state.runs.get_key_value(id));
                json(&List { runs: known.map(|(id, state)| Run { id, state }).collect() })
            }
        }
    })
    .await
}

/// Shows one run.
pub(super) async fn show(State(api): State<Api>, Path(named): Path<String>) -> Result<Response, Problem> {
    api.carry_out(move |worker| {
        let lab = worker.lab().state();
        let (id, state) = run(&lab, &named)?;
        json(&Run { id, state })
    })
    .await
}

/// The steps of a run since it was queued last.
pub(super) async fn points(
    State(api): State<Api>,
    Path(named): Path<String>,
    asked: Result<Query<FormatQuery>, QueryRejection>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let format = Format::choose(query(asked)?.format.as_deref(), &headers, &ROWS)?;
    api.carry_out(move |worker| {
        let lab = worker.lab();
        let state = lab.state();
        let (id, _) = run(&state, &named)?;
        let (_, points) = lab.series(id)?;
        match format.of_rows() {
            Some(form) => table(format, |out| write_points(id, &points, form, out)),
            None => json(&Series { run: id, points: &points }),
        }
    })
    .await
}

fn table(
    format: Format,
    write: impl FnOnce(&mut Vec<u8>) -> Result<u64, RecordsError>,
) -> Result<Response, Problem> {
    let mut out = Vec::new();
    write(&mut out).map_err(|error| Problem::internal(&error))?;
    Ok(format.answer(out))
}

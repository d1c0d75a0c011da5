//! Experiments: listed, shown, started, cancelled.

use super::context::Api;
use super::format::Format;
use super::problem::Problem;
use super::request::{Found, Written, body};
use axum::Json;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{HeaderMap, LOCATION};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::collections::BTreeMap;
use tunemask_shared::estimate::seconds_left;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::{ExperimentState, LabState};

/// An experiment in a list.
#[derive(Debug, Serialize)]
struct Summary<'a> {
    id: ExperimentId,
    name: &'a str,
    note: &'a str,
    tags: &'a [String],
    archived: bool,
    created_ms: u64,
    /// Runs by where they stand.
    runs: BTreeMap<&'static str, usize>,
    /// Whether no more will happen to it by itself.
    over: bool,
    /// What it still takes, as far as that can be told.
    seconds_left: Option<f64>,
}

/// All that is known of an experiment but its runs.
#[derive(Debug, Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    summary: Summary<'a>,
    /// As it was asked for.
    experiment: &'a Experiment,
}

#[derive(Debug, Serialize)]
struct List<'a> {
    /// Whether the queue is stopped.
    paused: bool,
    experiments: Vec<Summary<'a>>,
}

impl<'a> Summary<'a> {
    fn new(state: &LabState, id: ExperimentId, held: &'a ExperimentState) -> Self {
        let mut runs: BTreeMap<&str, usize> =
            RunStatus::ALL.iter().map(|status| (status.name(), 0)).collect();
        let known = || held.runs.iter().filter_map(|run| state.runs.get(run));
        for run in known() {
            *runs.entry(run.status.name()).or_default() += 1;
        }
        let over = known().all(|run| run.status.is_over());
        Self {
            id,
            name: &held.experiment.name,
            note: &held.note,
            tags: &held.tags,
            archived: held.archived,
            created_ms: held.created_ms,
            runs,
            over,
            seconds_left: seconds_left(state, held),
        }
    }
}

fn whole(found: &Found) -> Result<Response, Problem> {
    let held = found.experiment()?;
    let summary = Summary::new(&found.state, found.id, held);
    json(&Whole { summary, experiment: &held.experiment })
}

/// An answer in JSON.
pub(super) fn json(content: &impl Serialize) -> Result<Response, Problem> {
    let text = serde_json::to_string(content).map_err(|error| Problem::internal(&error))?;
    Ok(Format::Json.answer(text))
}

/// All of them, the latest first.
pub(super) async fn list(State(api): State<Api>) -> Result<Response, Problem> {
    api.carry_out(|worker| {
        let state = worker.lab().state();
        let all = state.experiments.iter().rev();
        let experiments = all.map(|(&id, held)| Summary::new(&state, id, held)).collect();
        json(&List { paused: state.paused, experiments })
    })
    .await
}

/// Shows one experiment.
pub(super) async fn show(State(api): State<Api>, Path(named): Path<String>) -> Result<Response, Problem> {
    api.carry_out(move |worker| whole(&Found::new(worker.lab().state(), &named)?)).await
}

/// Validates one, queues it and gives its number. What the model and the data need of the hub must be on this machine.
pub(super) async fn start(
    State(api): State<Api>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Problem> {
    let written = Written::of(&headers)?;
    let bytes = body(sent, api.patience).await?;
    let experiment = written.read(&bytes)?;
    let id = api.carry_out(move |worker| Ok(worker.lab().submit(&experiment)?)).await?;
    // From where it was sent to, below whichever path a proxy has that.
    let location = format!("experiments/{id}");
    let made = BTreeMap::from([("id", id)]);
    Ok((StatusCode::CREATED, [(LOCATION, location)], Json(made)).into_response())
}

/// Ends those of its runs that are queued or training. One that trains ends after the step that it takes.
pub(super) async fn cancel(State(api): State<Api>, Path(named): Path<String>) -> Result<Response, Problem> {
    api.carry_out(move |worker| {
        let lab = worker.lab();
        let found = Found::new(lab.state(), &named)?;
        lab.cancel(found.experiment()?.runs.clone())?;
        whole(&Found::new(lab.state(), &named)?)
    })
    .await
}

//! What a request brings: a body, a number, a query.

use super::context::Api;
use super::problem::Problem;
use crate::server::request_worker::RequestWorker;
use axum::body::Body;
use axum::extract::Query;
use axum::extract::rejection::QueryRejection;
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use futures_util::StreamExt;
use serde::Deserialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::timeout;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::experiment_file::ExperimentFile;
use tunemask_shared::protocol::MAX_MESSAGE_BYTES;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, LabState, RunState};

/// A query that asks for nothing but a form.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct FormatQuery {
    pub(super) format: Option<String>,
}

/// A query as it was read.
///
/// # Errors
/// A parameter that is not known here, stands twice, or cannot be read.
pub(super) fn query<T>(read: Result<Query<T>, QueryRejection>) -> Result<T, Problem> {
    read.map(|Query(query)| query).map_err(|rejection| Problem::bad(rejection.body_text()))
}

impl Api {
    /// Does what may take long, or block, on a thread that may, once there is a place among all requests.
    ///
    /// # Errors
    /// What `work` says; an error of the program.
    pub(super) async fn carry_out<T: Send + 'static>(
        &self,
        work: impl FnOnce(&RequestWorker) -> Result<T, Problem> + Send + 'static,
    ) -> Result<T, Problem> {
        self.worker.blocking(work).await.unwrap_or_else(|error| Err(Problem::internal(&error)))
    }
}

/// An experiment of the lab.
pub(super) struct Found {
    pub(super) state: Arc<LabState>,
    pub(super) id: ExperimentId,
}

impl Found {
    /// The experiment of a number.
    ///
    /// # Errors
    /// There is none.
    pub(super) fn new(state: Arc<LabState>, named: &str) -> Result<Self, Problem> {
        let id = named.parse().ok().map(ExperimentId).filter(|id| state.experiments.contains_key(id));
        let absent =
            || Problem::absent(format!("there is no experiment `{named}`; give its number, such as 1"));
        Ok(Self { id: id.ok_or_else(absent)?, state })
    }

    /// What is known of it.
    ///
    /// # Errors
    /// None: it is there.
    pub(super) fn experiment(&self) -> Result<&ExperimentState, Problem> {
        let absent = || Problem::absent(format!("there is no experiment {}", self.id));
        self.state.experiments.get(&self.id).ok_or_else(absent)
    }
}

/// A run by its id.
///
/// # Errors
/// There is none.
pub(super) fn run<'a>(state: &'a LabState, named: &str) -> Result<(&'a RunId, &'a RunState), Problem> {
    state.runs.get_key_value(&RunId(named.to_owned())).ok_or_else(|| {
        Problem::absent(format!("there is no run `{named}`; give its whole id, as experiments list them"))
    })
}

/// How an experiment is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Written {
    Json,
    Toml,
}

impl Written {
    /// # Errors
    /// The header `Content-Type` names neither.
    pub(super) fn of(headers: &HeaderMap) -> Result<Self, Problem> {
        let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        match named.split(';').next().unwrap_or_default().trim().to_ascii_lowercase().as_str() {
            "application/json" => Ok(Self::Json),
            "application/toml" => Ok(Self::Toml),
            _ => {
                let why = format!(
                    "`{named}` is not a form of an experiment; send it as Content-Type application/json or \
                     application/toml"
                );
                Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why))
            }
        }
    }

    /// # Errors
    /// It is not an experiment; where and why is said.
    pub(super) fn read(self, body: &[u8]) -> Result<Experiment, Problem> {
        let text = std::str::from_utf8(body).map_err(|error| {
            Problem::bad(format!("the body is not UTF-8 from byte {}", error.valid_up_to()))
        })?;
        match self {
            Self::Json => serde_json::from_str(text).map_err(|error| Problem::bad(error.to_string())),
            Self::Toml => {
                let read = ExperimentFile::read(text).map_err(|error| Problem::bad(error.to_string()))?;
                Ok(read.experiment)
            }
        }
    }
}

/// A body, whole.
///
/// # Errors
/// It is longer than a message may be, or for `patience` nothing of it comes.
pub(super) async fn body(body: Body, patience: Duration) -> Result<Vec<u8>, Problem> {
    let mut whole = Vec::new();
    let mut pieces = body.into_data_stream();
    loop {
        match timeout(patience, pieces.next()).await {
            Ok(None) => return Ok(whole),
            Ok(Some(Ok(piece))) if whole.len() + piece.len() <= MAX_MESSAGE_BYTES => {
                whole.extend_from_slice(&piece);
            }
            Ok(Some(Ok(_))) => {
                let why = format!("at most {MAX_MESSAGE_BYTES} bytes are read");
                return Err(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, why));
            }
            Ok(Some(Err(error))) => return Err(Problem::bad(format!("the body broke off: {error}"))),
            Err(_) => {
                let why = "the body did not come in time; send it again";
                return Err(Problem::new(StatusCode::REQUEST_TIMEOUT, why));
            }
        }
    }
}

//! What the runs of an experiment say of a text.

use super::context::Api;
use super::experiments::json;
use super::problem::Problem;
use super::request::{Found, body};
use crate::prediction::PredictionError;
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, HeaderMap};
use axum::response::Response;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tunemask_shared::experiment::FieldError;
use tunemask_shared::prediction::PredictionQuestion;

/// Whether somebody waits for an answer: no longer once this is dropped, as it is when a connection breaks.
#[derive(Debug, Default)]
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Lets the finished runs of an experiment read a text, while the connection lasts.
pub(super) async fn predict(
    State(api): State<Api>,
    Path(named): Path<String>,
    headers: HeaderMap,
    sent: Body,
) -> Result<Response, Problem> {
    let id = Found::new(api.worker.lab().state(), &named)?.id;
    check(&headers)?;
    let bytes = body(sent, api.patience).await?;
    let question: PredictionQuestion =
        serde_json::from_slice(&bytes).map_err(|error| Problem::bad(error.to_string()))?;
    let waiting = Waiting::default();
    let gone = waiting.0.clone();
    let said = api.worker.predict(id, question, move || !gone.load(Ordering::Relaxed)).await;
    drop(waiting);
    json(&said.map_err(|error| Problem::internal(&error))??)
}

/// # Errors
/// The body is not said to be JSON.
fn check(headers: &HeaderMap) -> Result<(), Problem> {
    let named = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = named.split(';').next().unwrap_or_default().trim();
    if media.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    let why = format!("`{named}` is not a form of a question; send it as Content-Type application/json");
    Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, why))
}

impl From<PredictionError> for Problem {
    fn from(error: PredictionError) -> Self {
        use PredictionError as Error;
        match error {
            Error::Experiment(_) => Self::absent(error.to_string()),
            Error::Task { .. } | Error::Mask { .. } | Error::Seed { .. } | Error::Many { .. } => {
                field(&error)
            }
            Error::Missing(_) | Error::Pair(_) | Error::Long(_) | Error::Nothing => field(&error),
            Error::Unfinished { .. } | Error::Left { .. } | Error::Changed(_) | Error::DataChanged(_) => {
                conflict(&error)
            }
            Error::Busy | Error::Stopped | Error::Model(_) | Error::Data(_) => conflict(&error),
            Error::Crowded { .. } => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            Error::Engine(error) => Self::internal(&error),
        }
    }
}

fn field(error: &PredictionError) -> Problem {
    Problem::fields(vec![FieldError { field: error.field().into(), message: error.to_string() }])
}

fn conflict(error: &PredictionError) -> Problem {
    Problem::new(StatusCode::CONFLICT, error.to_string())
}

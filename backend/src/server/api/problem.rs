//! What goes wrong, as `application/problem+json` (RFC 9457).

use crate::lab::LabError;
use crate::server::addresses::is_api;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, CONTENT_TYPE, HeaderValue};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use tunemask_shared::experiment::FieldError;

/// The media type of a problem.
pub(super) const MEDIA: &str = "application/problem+json";

/// Most bytes of words that are carried over into a problem.
const WORDS: usize = 64 << 10;

/// Why a request was not carried out.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Problem {
    /// `about:blank`: the status says what kind it is.
    #[serde(rename = "type")]
    kind: &'static str,
    /// What the status means.
    title: &'static str,
    status: u16,
    /// What is wrong, and what to do.
    detail: String,
    /// What is wrong with each field of an experiment or a report.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldError>,
}

impl Problem {
    pub(super) fn new(status: StatusCode, detail: impl Into<String>) -> Self {
        let title = status.canonical_reason().unwrap_or("Error");
        Self {
            kind: "about:blank",
            title,
            status: status.as_u16(),
            detail: detail.into(),
            errors: Vec::new(),
        }
    }

    /// A request that cannot be understood.
    pub(super) fn bad(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, detail)
    }

    /// Something that is not there.
    pub(super) fn absent(detail: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, detail)
    }

    /// Fields that are wrong.
    pub(super) fn fields(errors: Vec<FieldError>) -> Self {
        let detail = errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n");
        Self { errors, ..Self::new(StatusCode::UNPROCESSABLE_ENTITY, detail) }
    }

    /// What should not have happened.
    pub(super) fn internal(error: &dyn std::fmt::Display) -> Self {
        tracing::error!("a request of the interface failed: {error}");
        let why = format!("an internal error of tunemask ({error}); please report it");
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, why)
    }
}

impl From<LabError> for Problem {
    fn from(error: LabError) -> Self {
        match error {
            LabError::Invalid(errors) => Self::fields(errors),
            LabError::Room { .. } => Self::new(StatusCode::INSUFFICIENT_STORAGE, error.to_string()),
            LabError::UnknownRun(_) | LabError::UnknownExperiment(_) => Self::absent(error.to_string()),
            LabError::NotOver(_) => Self::new(StatusCode::CONFLICT, error.to_string()),
            LabError::Stopped => Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string()),
            LabError::Store(_) | LabError::Files(_) | LabError::Plan(_) | LabError::Thread(_) => {
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string())
            }
        }
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let text = serde_json::to_string(&self).unwrap_or_default();
        (status, [(CONTENT_TYPE, HeaderValue::from_static(MEDIA))], text).into_response()
    }
}

/// Tells as a problem what any part of the server says of a request to the interface that it does not carry out.
pub(in crate::server) async fn problems(request: Request, next: Next) -> Response {
    let concerned = is_api(request.uri());
    let response = next.run(request).await;
    let status = response.status();
    let told = response.headers().get(CONTENT_TYPE).is_some_and(|media| media == MEDIA);
    if !concerned || told || !(status.is_client_error() || status.is_server_error()) {
        return response;
    }
    let (mut head, body) = response.into_parts();
    let words = to_bytes(body, WORDS).await.unwrap_or_default();
    let words = String::from_utf8_lossy(&words);
    let detail = if words.trim().is_empty() { "no more is known" } else { words.trim() };
    let problem = Problem::new(status, detail).into_response();
    // What it says beside its words stays: how to be let in, and for how long to wait.
    head.headers.insert(CONTENT_TYPE, HeaderValue::from_static(MEDIA));
    head.headers.remove(CONTENT_LENGTH);
    head.headers.entry(CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    Response::from_parts(head, problem.into_body())
}

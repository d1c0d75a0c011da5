//! What the hub's refusals mean.

use super::HubError;
use super::address::file_of;
use super::asked::Asked;
use super::environment::Environment;
use tunemask_shared::hub::RepositoryKind;
use ureq::Body;
use ureq::http::{Response, Uri};

/// Where an answer comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum AnsweredBy {
    /// The endpoint.
    Endpoint,
    /// Where a redirect led, which knows nothing of the endpoint's tokens and repositories.
    Elsewhere,
}

/// An answer that can be used.
///
/// # Errors
/// The hub refuses; any other status than 200, 206 and 416.
pub(super) fn accepted(
    environment: &Environment,
    asked: Asked<'_>,
    answer: Response<Body>,
    address: &Uri,
    answered_by: AnsweredBy,
) -> Result<Response<Body>, HubError> {
    let status = answer.status().as_u16();
    let is_endpoint = answered_by == AnsweredBy::Endpoint;
    let code = answer.headers().get("x-error-code").and_then(|code| code.to_str().ok()).unwrap_or_default();
    let (name, kind, endpoint) = (asked.name.clone(), asked.kind, environment.endpoint.clone());
    let (token, repository) = (&environment.token, name.repository());
    let folder = if kind == RepositoryKind::Dataset { "datasets/" } else { "" };
    let page = format!("{endpoint}/{folder}{repository}");
    let hint = |without: &str, with: &str| match token {
        None => without.to_owned(),
        Some(token) => format!("{with} {}", token.source),
    };
    Err(match (status, code) {
        (200 | 206 | 416, _) => return Ok(answer),
        (_, "GatedRepo") => {
            let hint = hint(", then set HF_TOKEN", " for the owner of the token from");
            HubError::Gated { name, page, hint }
        }
        (_, "RevisionNotFound") => HubError::NoRevision { name },
        (_, "EntryNotFound") => HubError::NoFile { name, path: file_of(address) },
        (401, "") if is_endpoint && token.is_some() => {
            let source_name = token.as_ref().map(|token| token.source.clone()).unwrap_or_default();
            HubError::Token { endpoint, source_name }
        }
        (401 | 404, "RepoNotFound" | "") if is_endpoint => {
            let hint = hint(
                ", or set HF_TOKEN to a token that may read it",
                ", and that it may be read with the token from",
            );
            HubError::NoRepository { name, kind, endpoint, hint }
        }
        (403, _) if is_endpoint => {
            let hint = hint(", then set HF_TOKEN", " for the owner of the token from");
            HubError::Gated { name, page, hint }
        }
        _ => HubError::Status { name, endpoint, status },
    })
}

impl HubError {
    /// Whether the same request may be answered another time.
    pub(super) fn may_pass(&self) -> bool {
        match self {
            Self::Network { .. } => true,
            Self::Status { status, .. } => matches!(status, 408 | 429 | 500..),
            Self::Name(_) | Self::NoCache | Self::Absent { .. } | Self::Offline { .. } => false,
            Self::Answer { .. } | Self::NoRepository { .. } | Self::Gated { .. } | Self::Token { .. } => {
                false
            }
            Self::NoRevision { .. } | Self::NoFile { .. } | Self::Unusable { .. } | Self::Checksum { .. } => {
                false
            }
            Self::Room { .. } | Self::Write { .. } => false,
        }
    }
}

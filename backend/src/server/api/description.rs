//! What stands in the description: one file, which a test holds to what the server does.

use super::format::Format;
use axum::response::Response;

/// OpenAPI 3.1.
pub(super) const TEXT: &str = include_str!("openapi.json");

pub(super) async fn show() -> Response {
    Format::Json.answer(TEXT)
}

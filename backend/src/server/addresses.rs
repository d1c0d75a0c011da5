//! Which addresses are whose.

use axum::http::Uri;

/// Whether an address is one of the interface for scripts, who read no pages.
pub(super) fn is_api(uri: &Uri) -> bool {
    uri.path() == "/api" || uri.path().starts_with("/api/")
}

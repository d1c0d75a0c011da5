//! What stands before everything: who is let in, and what a browser is told.

use super::access::{self, Door};
use super::api;
use axum::Router;
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HeaderName, HeaderValue, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::middleware::{from_fn, from_fn_with_state};
use std::sync::Arc;
use tower_http::set_header::SetResponseHeaderLayer;

/// Nothing from elsewhere, nothing inline but what [`policy`] names; wasm may be compiled.
const POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{scripts}; \
    style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The content security policy of a page with these inline scripts, by their hashes.
pub(super) fn policy(hashes: &[String]) -> String {
    let scripts: String = hashes.iter().map(|hash| format!(" '{hash}'")).collect();
    POLICY.replace("{scripts}", &scripts)
}

/// Checks every request, and tells browsers what they may not do with the answers.
pub(super) fn protect(router: Router, door: Door) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let strict =
        HeaderValue::from_str(&policy(&[])).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    router
        .layer(from_fn_with_state(Arc::new(door), access::check))
        .layer(from_fn(api::problems))
        .layer(SetResponseHeaderLayer::if_not_present(CONTENT_SECURITY_POLICY, strict))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
}

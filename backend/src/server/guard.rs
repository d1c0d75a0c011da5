use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{
    CONTENT_SECURITY_POLICY, HOST, HeaderName, HeaderValue, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS,
};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use std::net::IpAddr;
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
pub(super) fn protect(router: Router, listens_on: IpAddr) -> Router {
    let header = |name: HeaderName, value: &'static str| {
        SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
    };
    let strict =
        HeaderValue::from_str(&policy(&[])).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    router
        .layer(from_fn_with_state(listens_on, check))
        .layer(SetResponseHeaderLayer::if_not_present(CONTENT_SECURITY_POLICY, strict))
        .layer(header(X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(header(REFERRER_POLICY, "no-referrer"))
        .layer(header(HeaderName::from_static("cross-origin-opener-policy"), "same-origin"))
        .layer(header(HeaderName::from_static("cross-origin-resource-policy"), "same-origin"))
}

async fn check(State(listens_on): State<IpAddr>, request: Request, next: Next) -> Response {
    match refusal(listens_on, request.headers(), request.uri()) {
        Some(why) => (StatusCode::FORBIDDEN, why).into_response(),
        None => next.run(request).await,
    }
}

/// Why a request is refused.
///
/// A name of another site that was made to resolve to this machine (DNS rebinding) shows in `Host`; a socket
/// that another site's page opens shows in `Origin`, which browsers always send with it. Programs that are no
/// browsers need not send one.
fn refusal(listens_on: IpAddr, headers: &HeaderMap, uri: &Uri) -> Option<String> {
    let text = |name| headers.get(name).map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    let host = text(HOST).or_else(|| uri.authority().map(|a| a.as_str())).unwrap_or_default();
    if listens_on.is_loopback() && !names_this_machine(host) {
        return Some(format!(
            "`{host}` is no name of this machine; open http://localhost with the port that tunemask printed"
        ));
    }
    let origin = text(ORIGIN)?;
    let site = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    (site != Some(host)).then(|| format!("a page of `{origin}` may not speak to tunemask at `{host}`"))
}

fn names_this_machine(host: &str) -> bool {
    let name = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => host.rsplit_once(':').map_or(host, |(name, _)| name),
    };
    name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(listens_on: &str, host: &str, origin: Option<&str>) -> bool {
        let mut headers = HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        if let Some(origin) = origin {
            headers.insert(ORIGIN, origin.parse().unwrap());
        }
        refusal(listens_on.parse().unwrap(), &headers, &Uri::from_static("/ws")).is_some()
    }

    #[test]
    fn only_names_of_this_machine_are_answered_on_loopback() {
        for host in ["localhost:3000", "LOCALHOST", "127.0.0.1:3000", "127.0.0.2", "[::1]:3000"] {
            assert!(!refused("127.0.0.1", host, None), "{host}");
        }
        for host in
            ["evil.example:3000", "localhost.evil.example", "", "192.168.0.7:3000", "[::2]:1", "127.0.0.1.x"]
        {
            assert!(refused("127.0.0.1", host, None), "{host}");
        }
        assert!(!refused("0.0.0.0", "lab.example:3000", None));
    }

    #[test]
    fn a_page_of_another_origin_is_refused() {
        let host = "localhost:3000";
        assert!(!refused("127.0.0.1", host, Some("http://localhost:3000")));
        assert!(!refused("127.0.0.1", host, Some("https://localhost:3000")));
        for origin in
            ["http://localhost:8080", "http://evil.example", "null", "", "file://", "http://localhost:3000.x"]
        {
            assert!(refused("127.0.0.1", host, Some(origin)), "{origin}");
            assert!(refused("0.0.0.0", host, Some(origin)), "{origin}");
        }
    }
}

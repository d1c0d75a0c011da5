//! The path below which a proxy has the page.

use axum::extract::{Request, State};
use axum::http::Uri;
use axum::http::uri::PathAndQuery;
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use std::str::FromStr;

/// A path such as `/user/me/proxy/3000`, below which a proxy has the page and which it leaves in what it passes on.
/// Empty for none. A proxy that takes the path off needs none: the page finds its root by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PathPrefix(String);

/// A text that cannot be a prefix.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a path prefix is a path as it appears in an address, such as /user/me/proxy/3000")]
pub struct NoPrefix;

impl FromStr for PathPrefix {
    type Err = NoPrefix;

    fn from_str(text: &str) -> Result<Self, NoPrefix> {
        let path = text.trim_end_matches('/');
        let known = |b: u8| b.is_ascii_alphanumeric() || b"-_.~%@:+/".contains(&b);
        let good = (path.is_empty() || path.starts_with('/')) && !path.contains("//");
        if good && path.bytes().all(known) { Ok(Self(path.to_owned())) } else { Err(NoPrefix) }
    }
}

impl PathPrefix {
    /// The path, without a slash behind it.
    pub(in crate::server) fn path(&self) -> &str {
        &self.0
    }
}

/// Takes the prefix off a request's address. What comes without it is taken as it is: so a browser on the machine itself
/// needs no proxy.
pub(in crate::server) async fn strip(
    State(prefix): State<PathPrefix>,
    mut request: Request,
    next: Next,
) -> Response {
    let uri = request.uri();
    match uri.path().strip_prefix(prefix.path()) {
        // Relative addresses in the page are to count from behind the slash.
        Some("") => {
            let query = uri.query().map_or_else(String::new, |query| format!("?{query}"));
            return Redirect::to(&format!("{}/{query}", prefix.path())).into_response();
        }
        Some(rest) if rest.starts_with('/') => {
            let rest = uri.query().map_or_else(|| rest.to_owned(), |query| format!("{rest}?{query}"));
            if let Ok(path) = rest.parse::<PathAndQuery>() {
                let mut parts = uri.clone().into_parts();
                parts.path_and_query = Some(path);
                if let Ok(uri) = Uri::from_parts(parts) {
                    *request.uri_mut() = uri;
                }
            }
        }
        _ => {}
    }
    next.run(request).await
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_read_or_refused() {
        let read = |text: &str| text.parse::<PathPrefix>().map(|prefix| prefix.0);
        assert_eq!(read("/user/me@lab/proxy/3000/"), Ok("/user/me@lab/proxy/3000".into()));
        assert_eq!((read("/"), read("")), (Ok(String::new()), Ok(String::new())));
        for wrong in ["user", "//evil.example", "/a//b", "/a?b", "/a b", "https://lab.example/a"] {
            assert_eq!(read(wrong), Err(NoPrefix), "{wrong}");
        }
    }
}

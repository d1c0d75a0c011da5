use super::guard;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};
use tower_http::services::ServeDir;

/// Fewest hexadecimal digits behind the last hyphen that make a name a hashed one.
const HASH_DIGITS: usize = 8;

/// `/pkg/FILE` from the folder, and its `index.html` for every other path that names no file.
pub(super) fn routes(folder: &Path) -> Router {
    let pkg =
        ServeDir::new(folder).append_index_html_on_directories(false).precompressed_br().precompressed_gzip();
    Router::new()
        .nest_service("/pkg", Router::new().fallback_service(pkg).layer(from_fn(cached)))
        .fallback(index)
        .with_state(folder.to_path_buf())
}

/// A name that its content determines may be kept for ever, all others are asked for anew.
async fn cached(request: Request, next: Next) -> Response {
    let hashed = is_hashed(request.uri().path());
    let mut response = next.run(request).await;
    let keep = if hashed && response.status().is_success() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

fn is_hashed(path: &str) -> bool {
    let stem = path.rsplit('/').next().and_then(|name| name.split('.').next());
    let hash = stem.and_then(|stem| stem.rsplit_once('-')).map(|(_, hash)| hash);
    hash.is_some_and(|h| h.len() >= HASH_DIGITS && h.bytes().all(|b| b.is_ascii_hexdigit()))
}

async fn index(State(folder): State<PathBuf>, method: Method, uri: Uri) -> Response {
    let file = uri.path().rsplit('/').next().is_some_and(|name| name.contains('.'));
    if file || !matches!(method, Method::GET | Method::HEAD) {
        return (StatusCode::NOT_FOUND, "there is nothing here").into_response();
    }
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    match tokio::fs::read_to_string(folder.join("index.html")).await {
        Ok(page) => {
            if let Ok(policy) = guard::policy(&script_hashes(&page)).parse() {
                headers.insert(CONTENT_SECURITY_POLICY, policy);
            }
            (headers, Html(page)).into_response()
        }
        Err(error) => (StatusCode::SERVICE_UNAVAILABLE, headers, Html(missing(&error))).into_response(),
    }
}

/// Says how the page is built. The folder is not named: this is shown to whoever asks.
fn missing(error: &std::io::Error) -> String {
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Tunemask</title><h1>Tunemask runs, but its page \
         is not built</h1><p>Run <code>make build</code> in the repository and reload, or name the folder of a \
         built page with <code>tunemask serve --static</code>. ({})</p></html>",
        error.kind()
    )
}

/// The hashes of a page's inline scripts as a policy spells them.
fn script_hashes(page: &str) -> Vec<String> {
    let scripts = page.split("<script").skip(1).filter_map(|rest| rest.split_once('>'));
    let inline = scripts.filter(|(attributes, _)| !attributes.contains("src="));
    inline
        .filter_map(|(_, rest)| rest.split_once("</script>"))
        .map(|(script, _)| format!("sha256-{}", STANDARD.encode(Sha256::digest(script.as_bytes()))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hashed_names_are_told_from_others() {
        assert!(is_hashed("/pkg/tunemask-ba7816bf8f01cfea.css"));
        assert!(is_hashed("tunemask-ba7816bf.tar.gz"));
        for name in [
            "index.html",
            "sizes.json",
            "tunemask-ba78.css",
            "tunemask-stylesheet.css",
            "ba7816bf8f01cfea.css",
        ] {
            assert!(!is_hashed(name), "{name}");
        }
    }

    #[test]
    fn inline_scripts_are_named_by_their_hash() {
        let page = r#"<script src="/a.js"></script><script type="module">alert('Hello, world.');</script>"#;
        // The example of the Content Security Policy specification, section 8.4.
        assert_eq!(script_hashes(page), ["sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="]);
    }
}

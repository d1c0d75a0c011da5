//! The page's files.

use super::bundle::Bundle;
use super::{access, guard};
use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderValue};
use axum::http::{HeaderMap, Method, StatusCode, Uri};
use axum::middleware::{Next, from_fn};
use axum::response::{Html, IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};
use std::path::Path;
use tower_http::services::ServeDir;
use tower_http::services::fs::{Backend, TokioBackend};

/// Fewest hexadecimal digits behind the last hyphen that make a name a hashed one.
const HASH_DIGITS: usize = 8;

/// What a browser is told where there is no page. No folder is named: whoever asks sees it.
const MISSING: &str = "<!doctype html><html lang=en><meta charset=utf-8><title>Tunemask</title><h1>Tunemask runs, but \
    without its page</h1><p>Build both with <code>make build</code>, or start the program with <code>--page</code> and \
    the folder of a built page.</p></html>";

/// Longest name that a file system takes.
const NAME_BYTES: usize = 255;

/// `/pkg/FILE` of the page, and its `index.html` for every other path that names no file.
pub(super) fn routes(bundle: Bundle) -> Router {
    let files = match &bundle {
        #[cfg(not(debug_assertions))]
        Bundle::Embedded => files("", super::embedded::Embedded::<super::bundle::Built>::new()),
        Bundle::Folder(folder) => files(folder, TokioBackend),
    };
    Router::new().nest_service("/pkg", files).fallback(index).with_state(bundle)
}

fn files(folder: impl AsRef<Path>, backend: impl Backend) -> Router {
    let files = ServeDir::with_backend(folder, backend)
        .append_index_html_on_directories(false)
        .precompressed_br()
        .precompressed_gzip();
    Router::new().fallback_service(files).layer(from_fn(cached))
}

/// A name that its content determines may be kept for ever, all others are asked for anew.
async fn cached(request: Request, next: Next) -> Response {
    let name = request.uri().path().trim_start_matches('/');
    let (named, hashed) = (is_name(name), is_hashed(name));
    let mut response = if named { next.run(request).await } else { nothing() };
    let keep = if hashed && response.status().is_success() {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    match response.status() {
        StatusCode::NOT_FOUND => response = nothing(),
        StatusCode::INTERNAL_SERVER_ERROR => {
            let words = "this file of the page cannot be read";
            response = (StatusCode::INTERNAL_SERVER_ERROR, words).into_response();
        }
        _ => {}
    }
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static(keep));
    response
}

/// Whether a file of the page may be called so: one place, no hidden file, no more than a file system takes.
fn is_name(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (1..=NAME_BYTES).contains(&name.len()) && !name.starts_with('.') && name.bytes().all(plain)
}

fn nothing() -> Response {
    (StatusCode::NOT_FOUND, "there is nothing here").into_response()
}

fn is_hashed(name: &str) -> bool {
    let hash = name.split('.').next().and_then(|stem| stem.rsplit_once('-')).map(|(_, hash)| hash);
    hash.is_some_and(|h| h.len() >= HASH_DIGITS && h.bytes().all(|b| b.is_ascii_hexdigit()))
}

async fn index(State(bundle): State<Bundle>, method: Method, uri: Uri) -> Response {
    let file = uri.path().rsplit('/').next().is_some_and(|name| name.contains('.'));
    if file || !matches!(method, Method::GET | Method::HEAD) {
        return nothing();
    }
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    match bundle.index() {
        Ok(page) => {
            let page = below(&page, uri.path());
            if let Ok(policy) = guard::policy(&script_hashes(&page)).parse() {
                headers.insert(CONTENT_SECURITY_POLICY, policy);
            }
            (headers, Html(page)).into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, headers, Html(MISSING)).into_response(),
    }
}

/// The page for an address: its own addresses count from the root, which is some way up.
fn below(page: &str, path: &str) -> String {
    page.replace("\"./", &format!("\"{}", access::root(path)))
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
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[test]
    fn hashed_names_are_told_from_others() {
        assert!(is_hashed("tunemask-ba7816bf8f01cfea.css"));
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
    fn a_page_deep_down_finds_its_files_at_the_root() {
        let page =
            r#"<meta content="./"><link href="./pkg/a.css"><script>import a from "./pkg/a.js";</script>"#;
        assert_eq!(below(page, "/new"), page);
        assert_eq!(
            below(page, "/experiments/3/table"),
            r#"<meta content="../../"><link href="../../pkg/a.css"><script>import a from "../../pkg/a.js";</script>"#
        );
    }

    #[test]
    fn inline_scripts_are_named_by_their_hash() {
        let page = r#"<script src="/a.js"></script><script type="module">alert('Hello, world.');</script>"#;
        // The example of the Content Security Policy specification, section 8.4.
        assert_eq!(script_hashes(page), ["sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng="]);
    }

    #[test]
    fn only_names_that_a_bundle_could_have_reach_the_disk() {
        for name in ["index.html", "tunemask-ba7816bf8f01cfea.wasm.br", "a_b-c.1", &"a".repeat(255)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", ".", "..", ".git", "a/b", "a\\b", "%2e%2e", "a b", "é", "a\0", &"a".repeat(256)] {
            assert!(!is_name(name), "{name}");
        }
    }

    #[derive(rust_embed::RustEmbed)]
    #[folder = "../static/icons"]
    struct Icons;

    #[tokio::test]
    async fn files_within_the_program_are_served_as_those_of_a_folder() {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let files = files("", super::super::embedded::Embedded::<Icons>::new());
        tokio::spawn(axum::serve(listener, Router::new().nest_service("/pkg", files)).into_future());
        let get = async |path: &str| {
            let mut stream = tokio::net::TcpStream::connect(address).await.unwrap();
            let request = format!("GET {path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
            stream.write_all(request.as_bytes()).await.unwrap();
            let mut answer = String::new();
            stream.read_to_string(&mut answer).await.unwrap();
            answer
        };
        let icon = get("/pkg/tunemask.svg").await;
        assert!(icon.starts_with("HTTP/1.1 200") && icon.contains("content-type: image/svg+xml"), "{icon}");
        assert!(icon.ends_with(include_str!("../../../static/icons/tunemask.svg")), "{icon}");
        let nothing = get("/pkg/none.svg").await;
        assert!(
            nothing.starts_with("HTTP/1.1 404") && nothing.ends_with("there is nothing here"),
            "{nothing}"
        );
    }
}

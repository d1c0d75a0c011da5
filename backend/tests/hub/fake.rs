//! A hub on loopback: repositories in memory, a log of all requests, and faults. Large files lie on another port, as on a content
//! network, so that a token that follows a redirect is seen.

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, Response, StatusCode, header};
use futures_util::StreamExt;
use serde_json::{Value, json};
use sha1::{Digest as _, Sha1};
use sha2::{Digest as _, Sha256};
use std::collections::BTreeMap;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Runtime;
use tunemask_shared::run::hexadecimal;

/// Files from this size on lie elsewhere.
const LARGE: usize = 4096;

/// The hub. It ends with its value.
pub struct Hub {
    pub endpoint: String,
    pub shared: Arc<Shared>,
    _runtime: Runtime,
}

#[derive(Default)]
pub struct Shared {
    /// Revisions with their files, by `models/OWNER/NAME`.
    repositories: Mutex<BTreeMap<String, BTreeMap<String, Files>>>,
    log: Mutex<Vec<Asked>>,
    pub faults: Mutex<Faults>,
    store: Mutex<String>,
}

pub type Files = BTreeMap<String, Vec<u8>>;

/// What goes wrong.
#[derive(Clone, Debug, Default)]
pub struct Faults {
    /// Bodies of large files end after so many bytes.
    pub cut: Option<usize>,
    /// So do they, and the connection stays open.
    pub stall: Option<usize>,
    /// So many large files come with a wrong byte.
    pub flips: usize,
    /// So many requests are answered with 503.
    pub busy: usize,
    /// Ranges are not heard.
    pub no_ranges: bool,
    /// Listings have neither sizes nor checksums.
    pub bare: bool,
    /// Files listed as this large.
    pub claimed: Option<u64>,
    /// A listed file that is gone.
    pub gone: Option<String>,
    /// Old names of repositories, with their new ones.
    pub renamed: Option<(String, String)>,
    /// The error that answers any request of this owner without the token.
    pub closed: Option<Closed>,
}

#[derive(Clone, Debug)]
pub struct Closed {
    pub owner: String,
    pub token: String,
    pub status: u16,
    pub code: &'static str,
}

/// A request that came.
#[derive(Clone, Debug)]
pub struct Asked {
    pub method: String,
    pub path: String,
    pub range: Option<String>,
    pub if_range: Option<String>,
    pub token: Option<String>,
    pub status: u16,
}

impl Hub {
    pub fn start() -> Self {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let shared = Arc::new(Shared::default());
        let listen = || runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
        let mut addresses = Vec::new();
        for listener in [listen(), listen()] {
            addresses.push(listener.local_addr().unwrap());
            let app = Router::new().fallback(answer).with_state(shared.clone());
            runtime.spawn(async move { axum::serve(listener, app).await });
        }
        // Another host by its name, too: Python goes by that.
        *shared.store.lock().unwrap() = format!("http://localhost:{}", addresses[1].port());
        Self { endpoint: format!("http://{}", addresses[0]), shared, _runtime: runtime }
    }

    /// Puts files at a revision; `kind` is `models` or `datasets`. Returns the commit.
    pub fn put(&self, kind: &str, name: &str, revision: &str, files: &[(&str, &[u8])]) -> String {
        let files: Files = files.iter().map(|(path, bytes)| ((*path).to_owned(), bytes.to_vec())).collect();
        let commit = commit(&files);
        let mut all = self.shared.repositories.lock().unwrap();
        let repository = all.entry(format!("{kind}/{name}")).or_default();
        repository.insert(commit.clone(), files.clone());
        repository.insert(revision.to_owned(), files);
        commit
    }

    pub fn fault(&self, change: impl FnOnce(&mut Faults)) {
        change(&mut self.shared.faults.lock().unwrap());
    }

    /// All requests so far, and none from now on.
    pub fn take_log(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.shared.log.lock().unwrap())
    }

    pub fn peek_log(&self) -> Vec<Asked> {
        self.shared.log.lock().unwrap().clone()
    }
}

fn sha1(bytes: &[u8]) -> String {
    hexadecimal(&Sha1::digest(bytes))
}

fn sha256(bytes: &[u8]) -> String {
    hexadecimal(&Sha256::digest(bytes))
}

fn git(bytes: &[u8]) -> String {
    sha1(&[format!("blob {}\0", bytes.len()).as_bytes(), bytes].concat())
}

fn commit(files: &Files) -> String {
    sha1(files.iter().map(|(path, bytes)| format!("{path} {}\n", git(bytes))).collect::<String>().as_bytes())
}

async fn answer(State(shared): State<Arc<Shared>>, request: Request) -> Response<Body> {
    let (path, method) = (request.uri().path().to_owned(), request.method().to_string());
    let headers = request.headers().clone();
    let text = |name: header::HeaderName| headers.get(name).map(|value| value.to_str().unwrap().to_owned());
    let token = text(header::AUTHORIZATION).map(|value| value.trim_start_matches("Bearer ").to_owned());
    let (range, if_range) = (text(header::RANGE), text(header::IF_RANGE));
    let response = respond(&shared, &path, token.as_deref(), &headers);
    let status = response.status().as_u16();
    shared.log.lock().unwrap().push(Asked { method, path, range, if_range, token, status });
    response
}

fn respond(shared: &Shared, path: &str, token: Option<&str>, headers: &HeaderMap) -> Response<Body> {
    let mut faults = shared.faults.lock().unwrap();
    if faults.busy > 0 {
        faults.busy -= 1;
        return refused(503, "");
    }
    if let Some((old, new)) = &faults.renamed
        && path.contains(&format!("/{old}/"))
    {
        let to = path.replacen(&format!("/{old}/"), &format!("/{new}/"), 1);
        return empty(307, &[("location", to)]);
    }
    if let Some(closed) = &faults.closed
        && path.contains(&format!("/{}/", closed.owner))
        && token != Some(closed.token.as_str())
    {
        return refused(closed.status, closed.code);
    }
    if let Some(sum) = path.strip_prefix("/store/") {
        let all = shared.repositories.lock().unwrap();
        let mut files = all.values().flat_map(BTreeMap::values).flat_map(BTreeMap::values);
        let bytes = files.find(|bytes| sha256(bytes) == sum).cloned();
        return bytes.map_or_else(|| refused(404, ""), |bytes| large(&mut faults, bytes, sum, headers));
    }
    let parts: Vec<String> = path.trim_start_matches('/').split('/').map(unescaped).collect();
    let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
    match &parts[..] {
        ["api", kind, owner, name, "revision", revision] => match find(shared, kind, owner, name, revision) {
            Ok(files) => list(&faults, &format!("{owner}/{name}"), &files),
            Err(refusal) => refusal,
        },
        ["datasets", owner, name, "resolve", revision, path @ ..] => {
            file(shared, &faults, find(shared, "datasets", owner, name, revision), &path.join("/"))
        }
        [owner, name, "resolve", revision, path @ ..] => {
            file(shared, &faults, find(shared, "models", owner, name, revision), &path.join("/"))
        }
        _ => refused(404, ""),
    }
}

#[expect(clippy::result_large_err, reason = "the refusal is the response")]
fn find(
    shared: &Shared,
    kind: &str,
    owner: &str,
    name: &str,
    revision: &str,
) -> Result<Files, Response<Body>> {
    let all = shared.repositories.lock().unwrap();
    let repository =
        all.get(&format!("{kind}/{owner}/{name}")).ok_or_else(|| refused(401, "RepoNotFound"))?;
    repository.get(revision).cloned().ok_or_else(|| refused(404, "RevisionNotFound"))
}

fn list(faults: &Faults, id: &str, files: &Files) -> Response<Body> {
    let sibling = |(path, bytes): (&String, &Vec<u8>)| -> Value {
        if faults.bare {
            return json!({"rfilename": path});
        }
        let size = faults.claimed.unwrap_or(bytes.len() as u64);
        let mut sibling = json!({"rfilename": path, "size": size, "blobId": git(bytes)});
        if bytes.len() >= LARGE {
            sibling["lfs"] = json!({"sha256": sha256(bytes), "size": size, "pointerSize": 130});
        }
        sibling
    };
    let info =
        json!({"id": id, "sha": commit(files), "siblings": files.iter().map(sibling).collect::<Vec<_>>()});
    Response::new(Body::from(info.to_string()))
}

fn file(
    shared: &Shared,
    faults: &Faults,
    found: Result<Files, Response<Body>>,
    path: &str,
) -> Response<Body> {
    let files = match found {
        Ok(files) => files,
        Err(refusal) => return refusal,
    };
    let bytes = files.get(path).filter(|_| faults.gone.as_deref() != Some(path));
    let commit = commit(&files);
    let Some(bytes) = bytes else {
        return empty(404, &[("x-error-code", "EntryNotFound"), ("x-repo-commit", &commit)]);
    };
    if bytes.len() < LARGE {
        let mut response = Response::new(Body::from(bytes.clone()));
        let headers = response.headers_mut();
        headers.insert("etag", format!("\"{}\"", git(bytes)).parse().unwrap());
        headers.insert("content-length", bytes.len().to_string().parse().unwrap());
        headers.insert("x-repo-commit", commit.parse().unwrap());
        return response;
    }
    let (sum, size) = (sha256(bytes), bytes.len().to_string());
    let location = format!("{}/store/{sum}", shared.store.lock().unwrap());
    let linked = [("x-linked-etag", format!("\"{sum}\"")), ("x-linked-size", size)];
    empty(302, &[&[("location", location), ("x-repo-commit", commit)], &linked[..]].concat())
}

/// The body of a large file, with what goes wrong with it.
fn large(faults: &mut Faults, mut bytes: Vec<u8>, sum: &str, headers: &HeaderMap) -> Response<Body> {
    let whole = bytes.len();
    let start = headers.get(header::RANGE).filter(|_| !faults.no_ranges).map(|range| {
        let range = range.to_str().unwrap();
        range.trim_start_matches("bytes=").trim_end_matches('-').parse::<usize>().unwrap()
    });
    if faults.flips > 0 {
        faults.flips -= 1;
        *bytes.last_mut().unwrap() ^= 1;
    }
    bytes.drain(..start.unwrap_or(0));
    let length = bytes.len();
    let end = faults.cut.or(faults.stall).filter(|end| *end < length);
    bytes.truncate(end.unwrap_or(length));
    let first = futures_util::stream::iter([Ok::<_, io::Error>(Bytes::from(bytes))]);
    let body = match end {
        Some(_) if faults.stall.is_some() => Body::from_stream(first.chain(futures_util::stream::pending())),
        Some(_) => Body::from_stream(first.chain(futures_util::stream::once(broken()))),
        None => Body::from_stream(first),
    };
    let mut response = Response::new(body);
    let head = response.headers_mut();
    head.insert("content-length", length.to_string().parse().unwrap());
    head.insert("etag", format!("\"{sum}\"").parse().unwrap());
    if let Some(start) = start {
        head.insert("content-range", format!("bytes {start}-{}/{whole}", whole - 1).parse().unwrap());
        *response.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    response
}

/// What was sent before is on its way when the connection breaks.
async fn broken() -> io::Result<Bytes> {
    tokio::time::sleep(Duration::from_millis(100)).await;
    Err(io::Error::other("cut"))
}

fn refused(status: u16, code: &'static str) -> Response<Body> {
    let named: &[(&str, &str)] = &[("x-error-code", code)];
    empty(status, if code.is_empty() { &[] } else { named })
}

fn empty<V: AsRef<str>>(status: u16, headers: &[(&'static str, V)]) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = StatusCode::from_u16(status).unwrap();
    for (name, value) in headers {
        response.headers_mut().insert(*name, value.as_ref().parse().unwrap());
    }
    response
}

fn unescaped(part: &str) -> String {
    percent_encoding::percent_decode_str(part).decode_utf8().unwrap().into_owned()
}

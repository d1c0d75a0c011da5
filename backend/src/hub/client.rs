//! Requests: where they go, who gets the token, and what the hub's refusals mean.
//!
//! Redirects are followed here, not in `ureq`: the token goes to the endpoint's own scheme, host and port alone, and is left out
//! wherever else a redirect leads, to a mirror's store or a content network.

use super::HubError;
use super::environment::Environment;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use std::time::Duration;
use tunemask_shared::hub::{HubName, RepositoryKind};
use ureq::http::header::{AUTHORIZATION, LOCATION};
use ureq::http::{HeaderMap, Method, Request, Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// Redirects that are followed for one answer.
const MAX_REDIRECTS: usize = 8;
/// Most bytes of a listing.
const MAX_LISTING: u64 = 64 << 20;
/// How often a request is made that might be answered the next time.
const TRIES: u32 = 3;
/// What need not be escaped in a part of an address.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// Whom a request is about.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asked<'a> {
    pub name: &'a HubName,
    pub kind: RepositoryKind,
}

/// Who asks the hub.
#[derive(Debug)]
pub(super) struct Client<'a> {
    environment: &'a Environment,
    agent: Agent,
    home: Option<Origin>,
}

/// Scheme, host and port: who gets the token.
#[derive(Debug, PartialEq, Eq)]
struct Origin(String, String, Option<u16>);

impl Origin {
    fn of(address: &Uri) -> Option<Self> {
        let scheme = address.scheme_str()?.to_ascii_lowercase();
        let usual = if scheme == "https" { 443 } else { 80 };
        let port = address.port_u16().or(Some(usual));
        Some(Self(scheme, address.host()?.to_ascii_lowercase(), port))
    }
}

impl<'a> Client<'a> {
    pub(super) fn new(environment: &'a Environment) -> Self {
        let certificates = TlsConfig::builder().root_certs(RootCerts::PlatformVerifier).build();
        let config = Agent::config_builder()
            .http_status_as_error(false)
            .max_redirects(0)
            .max_redirects_will_error(false)
            .accept_encoding("identity")
            .timeout_connect(Some(environment.answer_timeout))
            .user_agent(concat!("tunemask/", env!("CARGO_PKG_VERSION")))
            .tls_config(certificates)
            .build();
        let home = environment.endpoint.parse().ok().as_ref().and_then(Origin::of);
        Self { environment, agent: config.into(), home }
    }

    /// What a repository holds at a revision, as JSON.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) fn info(&self, asked: Asked<'_>, revision: &str) -> Result<String, HubError> {
        let kind = match asked.kind {
            RepositoryKind::Model => "models",
            RepositoryKind::Dataset => "datasets",
        };
        let (endpoint, repository) = (&self.environment.endpoint, asked.name.repository());
        let address = format!("{endpoint}/api/{kind}/{repository}/revision/{}?blobs=true", escaped(revision));
        let timeout = self.environment.answer_timeout;
        self.patiently(|| {
            let answer = self.get(asked, &address, &[], timeout)?;
            let mut body = answer.into_body();
            let text = body.with_config().limit(MAX_LISTING).read_to_string();
            text.map_err(|error| self.unreachable(asked, &error))
        })
    }

    /// What the hub says of a file without sending it: its headers.
    ///
    /// # Errors
    /// As [`Client::get`].
    pub(super) fn head(&self, asked: Asked<'_>, commit: &str, path: &str) -> Result<HeaderMap, HubError> {
        let address = self.address(asked, commit, path);
        self.patiently(|| {
            let timeout = self.environment.answer_timeout;
            // What a large file is, is said before the redirect to where it lies.
            let answer = self.send(asked, Method::HEAD, &address, &[], timeout, Follow::Home)?;
            Ok(answer.headers().clone())
        })
    }

    /// Where a file is.
    pub(super) fn address(&self, asked: Asked<'_>, commit: &str, path: &str) -> String {
        let kind = match asked.kind {
            RepositoryKind::Model => "",
            RepositoryKind::Dataset => "datasets/",
        };
        let path: Vec<String> = path.split('/').map(escaped).collect();
        let (endpoint, repository) = (&self.environment.endpoint, asked.name.repository());
        format!("{endpoint}/{kind}{repository}/resolve/{}/{}", escaped(commit), path.join("/"))
    }

    /// Asks once, and follows redirects.
    ///
    /// # Errors
    /// Nobody answers; the hub refuses; any other status than 200, 206 and 416.
    pub(super) fn get(
        &self,
        asked: Asked<'_>,
        address: &str,
        headers: &[(&str, &str)],
        timeout: Duration,
    ) -> Result<Response<Body>, HubError> {
        self.send(asked, Method::GET, address, headers, timeout, Follow::Anywhere)
    }

    fn send(
        &self,
        asked: Asked<'_>,
        method: Method,
        address: &str,
        headers: &[(&str, &str)],
        timeout: Duration,
        follow: Follow,
    ) -> Result<Response<Body>, HubError> {
        let not_an_address = || self.wrong(asked, format!("`{address}` is not an address"));
        let mut address: Uri = address.parse().map_err(|_| not_an_address())?;
        for _ in 0..=MAX_REDIRECTS {
            let at_home = Origin::of(&address) == self.home;
            let mut request = Request::builder().method(method.clone()).uri(&address);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let (true, Some(token)) = (at_home, &self.environment.token) {
                request = request.header(AUTHORIZATION, format!("Bearer {}", token.secret));
            }
            let request = request.body(()).map_err(|error| self.wrong(asked, error.to_string()))?;
            let timed = self.agent.configure_request(request).timeout_recv_response(Some(timeout));
            let request = timed.timeout_per_read(Some(timeout)).build();
            let answer = self.agent.run(request).map_err(|error| self.unreachable(asked, &error))?;
            let status = answer.status();
            let next = answer.headers().get(LOCATION).and_then(|to| to.to_str().ok());
            let next = next.filter(|_| status.is_redirection()).and_then(|to| joined(&address, to));
            match next {
                Some(next) if follow == Follow::Anywhere || Origin::of(&next) == self.home => address = next,
                Some(_) => return Ok(answer),
                None => return self.accepted(asked, answer, &address, at_home),
            }
        }
        Err(self.wrong(asked, "it redirects without end".into()))
    }

    fn accepted(
        &self,
        asked: Asked<'_>,
        answer: Response<Body>,
        address: &Uri,
        at_home: bool,
    ) -> Result<Response<Body>, HubError> {
        let status = answer.status().as_u16();
        let code =
            answer.headers().get("x-error-code").and_then(|code| code.to_str().ok()).unwrap_or_default();
        let (name, kind, endpoint) = (asked.name.clone(), asked.kind, self.environment.endpoint.clone());
        let (token, repository) = (&self.environment.token, name.repository());
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
            (401, "") if at_home && token.is_some() => {
                let source_name = token.as_ref().map(|token| token.source.clone()).unwrap_or_default();
                HubError::Token { endpoint, source_name }
            }
            (401 | 404, "RepoNotFound" | "") if at_home => {
                let hint = hint(
                    ", or set HF_TOKEN to a token that may read it",
                    ", and that it may be read with the token from",
                );
                HubError::NoRepository { name, kind, endpoint, hint }
            }
            (403, _) if at_home => {
                let hint = hint(", then set HF_TOKEN", " for the owner of the token from");
                HubError::Gated { name, page, hint }
            }
            _ => HubError::Status { name, endpoint, status },
        })
    }

    /// Tries again where the next answer may be another one.
    fn patiently<T>(&self, ask: impl Fn() -> Result<T, HubError>) -> Result<T, HubError> {
        let mut tries = 1;
        loop {
            match ask() {
                Err(error) if error.may_pass() && tries < TRIES => {
                    std::thread::sleep(self.environment.pause * 2u32.pow(tries - 1));
                    tries += 1;
                }
                done => return done,
            }
        }
    }

    pub(super) fn wrong(&self, asked: Asked<'_>, why: String) -> HubError {
        HubError::Answer { name: asked.name.clone(), endpoint: self.environment.endpoint.clone(), why }
    }

    fn unreachable(&self, asked: Asked<'_>, error: &ureq::Error) -> HubError {
        let why = match error {
            ureq::Error::HostNotFound => "there is no such host".to_owned(),
            ureq::Error::Timeout(_) => "it did not answer in time".to_owned(),
            ureq::Error::Io(error) => error.to_string(),
            other => other.to_string(),
        };
        HubError::Network { name: asked.name.clone(), endpoint: self.environment.endpoint.clone(), why }
    }
}

/// Which redirects are followed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Follow {
    /// All.
    Anywhere,
    /// Those that stay at the endpoint: a renamed repository.
    Home,
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

/// A part of an address: a branch with slashes is one part.
fn escaped(part: &str) -> String {
    utf8_percent_encode(part, PLAIN).to_string()
}

/// The file that an address of one asks for: what stands behind the commit.
fn file_of(address: &Uri) -> String {
    let path = address.path().split_once("/resolve/").and_then(|(_, rest)| rest.split_once('/'));
    let path = path.map_or(address.path(), |(_, path)| path);
    percent_decode_str(path).decode_utf8_lossy().into_owned()
}

/// Where a redirect leads.
fn joined(from: &Uri, to: &str) -> Option<Uri> {
    if to.starts_with("http://") || to.starts_with("https://") {
        return to.parse().ok();
    }
    let (scheme, authority) = (from.scheme_str()?, from.authority()?);
    if let Some(elsewhere) = to.strip_prefix("//") {
        return format!("{scheme}://{elsewhere}").parse().ok();
    }
    if to.starts_with('/') {
        return format!("{scheme}://{authority}{to}").parse().ok();
    }
    let folder = from.path().rsplit_once('/').map_or("", |(folder, _)| folder);
    format!("{scheme}://{authority}{folder}/{to}").parse().ok()
}

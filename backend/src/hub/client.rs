//! Requests: where they go, and who gets the token.
//!
//! Redirects are followed here, not in `ureq`: the token goes to the endpoint's own scheme, host and port alone, and is left out
//! wherever else a redirect leads, to a mirror's store or a content network.

use super::HubError;
use super::address::{Origin, escaped, joined};
use super::asked::Asked;
use super::environment::Environment;
use super::refusal::{AnsweredBy, accepted};
use std::time::Duration;
use tunemask_shared::hub::RepositoryKind;
use ureq::http::header::{AUTHORIZATION, LOCATION};
use ureq::http::{HeaderMap, Method, Request, Response, Uri};
use ureq::tls::{RootCerts, TlsConfig};
use ureq::{Agent, Body};

/// Redirects that are followed for one answer.
const MAX_REDIRECTS: usize = 8;
/// Most bytes of a listing.
const MAX_LISTING: u64 = 64 << 20;
/// How often a request is made that might be answered the next time.
const MAX_TRIES: u32 = 3;

/// Who asks the hub.
#[derive(Debug)]
pub(super) struct Client<'a> {
    environment: &'a Environment,
    agent: Agent,
    home: Option<Origin>,
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
            let is_home = Origin::of(&address) == self.home;
            let answers = if is_home { AnsweredBy::Endpoint } else { AnsweredBy::Elsewhere };
            let mut request = Request::builder().method(method.clone()).uri(&address);
            for (name, value) in headers {
                request = request.header(*name, *value);
            }
            if let (AnsweredBy::Endpoint, Some(token)) = (answers, &self.environment.token) {
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
                None => return accepted(self.environment, asked, answer, &address, answers),
            }
        }
        Err(self.wrong(asked, "it redirects without end".into()))
    }

    /// Tries again where the next answer may be another one.
    fn patiently<T>(&self, ask: impl Fn() -> Result<T, HubError>) -> Result<T, HubError> {
        let mut tries = 1;
        loop {
            match ask() {
                Err(error) if error.may_pass() && tries < MAX_TRIES => {
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
    /// All of them.
    Anywhere,
    /// Those that stay at the endpoint: a renamed repository.
    Home,
}

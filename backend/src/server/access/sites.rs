//! Under which names the server answers, and whose pages may speak to it.

use axum::http::header::{FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, VIA};
use axum::http::{StatusCode, Uri};
use std::net::IpAddr;
use std::str::FromStr;

/// Headers by which a proxy says that it speaks for somebody else, beside those that begin with [`FORWARDED_PREFIX`].
const FORWARDED_FOR: [HeaderName; 10] = [
    FORWARDED,
    VIA,
    HeaderName::from_static("cf-connecting-ip"),
    HeaderName::from_static("client-ip"),
    HeaderName::from_static("fastly-client-ip"),
    HeaderName::from_static("true-client-ip"),
    HeaderName::from_static("x-client-ip"),
    HeaderName::from_static("x-cluster-client-ip"),
    HeaderName::from_static("x-original-host"),
    HeaderName::from_static("x-real-ip"),
];

/// What the names of most such headers begin with: `-for`, `-host`, `-proto`, `-port`, `-server`, `-prefix`, …
const FORWARDED_PREFIX: &str = "x-forwarded-";

/// Where a page comes from: `https://lab.example`, or with a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Origin {
    scheme: &'static str,
    /// In lower case, without the scheme's own port.
    authority: String,
}

/// A text that is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "an origin is a scheme and a host, such as https://lab.example or http://lab.example:8080, without a \
     path"
)]
pub struct NoOrigin;

impl FromStr for Origin {
    type Err = NoOrigin;

    fn from_str(text: &str) -> Result<Self, NoOrigin> {
        let (scheme, rest) = text.split_once("://").ok_or(NoOrigin)?;
        let (scheme, port) = match scheme.to_ascii_lowercase().as_str() {
            "http" => ("http", ":80"),
            "https" => ("https", ":443"),
            _ => return Err(NoOrigin),
        };
        let rest = rest.strip_suffix('/').unwrap_or(rest).to_ascii_lowercase();
        let authority = rest.strip_suffix(port).unwrap_or(&rest);
        let known = |b: u8| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b);
        if authority.is_empty() || name(authority).is_empty() || !authority.bytes().all(known) {
            return Err(NoOrigin);
        }
        Ok(Self { scheme, authority: authority.to_owned() })
    }
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}", self.scheme, self.authority)
    }
}

/// Under which names the server answers, and pages of which origins may speak to it.
///
/// A name of another site that was made to resolve to this machine (DNS rebinding) shows in `Host`; a socket
/// that another site's page opens shows in `Origin`, which browsers always send with it. Programs that are not
/// browsers need not send one.
#[derive(Clone, Debug)]
pub(in crate::server) struct Sites {
    /// Whether programs of this machine alone can connect.
    local: bool,
    /// The machine's own names, in lower case.
    names: Vec<String>,
    origins: Vec<Origin>,
}

/// Why a request is not answered.
pub(in crate::server) type Refusal = (StatusCode, String);

impl Sites {
    /// Of a server that listens on an address, with the name of its machine, if it has one.
    pub(in crate::server) fn new(listens_on: IpAddr, machine: Option<&str>, origins: Vec<Origin>) -> Self {
        let local = listens_on.to_canonical().is_loopback();
        let machine = machine.map(str::to_ascii_lowercase).filter(|name| !local && !name.is_empty());
        let names = machine.iter().flat_map(|name| {
            let short = name.split('.').next().unwrap_or(name);
            [name.clone(), short.to_owned(), format!("{short}.local")]
        });
        Self { local, names: names.collect(), origins }
    }

    /// Why a request is refused, whoever sends it.
    pub(in crate::server) fn refusal(&self, headers: &HeaderMap, uri: &Uri) -> Option<Refusal> {
        let host = match host(headers, uri) {
            Ok(host) => host,
            Err(why) => return Some((StatusCode::BAD_REQUEST, why.into())),
        };
        if !self.answers(host) {
            let why = if self.local {
                format!(
                    "`{host}` is not a name of this machine; open http://localhost with the port that tunemask \
                     printed, or start it with --origin for a name that a proxy answers to"
                )
            } else {
                format!(
                    "`{host}` is not a name that tunemask knows of this machine; open its address, or start it with \
                     --origin http://{host}"
                )
            };
            return Some((StatusCode::FORBIDDEN, why));
        }
        let origin = headers.get(ORIGIN)?.to_str().unwrap_or_default();
        let known = same_site(origin, host) || self.origins.iter().any(|o| origin.parse().as_ref() == Ok(o));
        (!known).then(|| {
            let why = format!(
                "a page of `{origin}` may not speak to tunemask at `{host}`; if it is tunemask's own page behind a proxy, \
                 start tunemask with --origin {origin}"
            );
            (StatusCode::FORBIDDEN, why)
        })
    }

    /// Whether a request comes straight from a program of this machine, not through a proxy that speaks for others.
    pub(in crate::server) fn is_direct(&self, headers: &HeaderMap, uri: &Uri) -> bool {
        let own = |authority: &str| is_loopback(name(authority));
        let origin = headers.get(ORIGIN).map(|value| value.to_str().unwrap_or_default());
        let origin = origin.map(|text| text.split_once("://").map_or(text, |(_, rest)| rest));
        host(headers, uri).is_ok_and(own)
            && origin.is_none_or(own)
            && FORWARDED_FOR.iter().all(|name| !headers.contains_key(name))
            && !headers.keys().any(|name| name.as_str().starts_with(FORWARDED_PREFIX))
    }

    fn answers(&self, host: &str) -> bool {
        let name = name(host).trim_end_matches('.').to_ascii_lowercase();
        // Another site has a name of its own: an address as `Host` was asked for by its number.
        let plain = !self.local && name.parse::<IpAddr>().is_ok();
        plain
            || is_loopback(&name)
            || self.names.contains(&name)
            || self.origins.iter().any(|origin| self::name(&origin.authority) == name)
    }
}

/// The one host that a request names; empty if it names none.
fn host<'a>(headers: &'a HeaderMap, uri: &'a Uri) -> Result<&'a str, &'static str> {
    let mut hosts =
        headers.get_all(HOST).iter().map(|value: &HeaderValue| value.to_str().unwrap_or_default());
    let host = hosts.next();
    let asked = uri.authority().map(|authority| authority.as_str());
    match (host, asked) {
        _ if hosts.next().is_some() => Err("the request has more than one Host header"),
        (Some(host), Some(asked)) if !host.eq_ignore_ascii_case(asked) => {
            Err("the request's address and its Host header name different hosts")
        }
        (host, asked) => Ok(host.or(asked).unwrap_or_default()),
    }
}

/// Whether an origin is the one that the host itself serves.
fn same_site(origin: &str, host: &str) -> bool {
    let site = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    site.is_some_and(|site| site.eq_ignore_ascii_case(host))
}

/// A host without its port and without brackets; empty if what follows the name is no port.
fn name(host: &str) -> &str {
    let (name, rest) = match host.strip_prefix('[') {
        Some(rest) => rest.split_once(']').unwrap_or_default(),
        None => host.split_at(host.find(':').unwrap_or(host.len())),
    };
    let is_port =
        |rest: &str| rest.strip_prefix(':').is_some_and(|port| port.bytes().all(|b| b.is_ascii_digit()));
    if rest.is_empty() || is_port(rest) { name } else { "" }
}

fn is_loopback(name: &str) -> bool {
    name.eq_ignore_ascii_case("localhost")
        || name.parse::<IpAddr>().is_ok_and(|ip| ip.to_canonical().is_loopback())
}

#[cfg(test)]
mod tests;

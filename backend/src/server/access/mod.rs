//! Who is let in.
//!
//! A program of the same user on the same machine is, if it speaks for itself; everyone else shows the token, in the
//! address that a browser opens first, in the cookie that it gets for it, or in a header. Where a proxy is told of, nobody is
//! known: it may be this user's, and need not say that it speaks for others. Before that, whatever somebody may show,
//! requests under a foreign name and from another site's page are refused. In reading order:

/// Under which names the server answers, and whose pages may speak to it.
mod sites;
/// Who is at the other end of a connection.
mod peer;
/// The kernel's table of connections.
#[cfg(any(target_os = "linux", test))]
mod table;
/// What opens the page for those who are not known otherwise.
mod token;
/// How a browser shows the token, and the page that asks for it.
mod login;
/// The path below which a proxy has the page.
mod prefix;

pub(super) use login::root;
pub(super) use peer::{Peer, PeerKey};
pub(super) use prefix::strip;
pub use prefix::{NoPrefix, PathPrefix};
pub(super) use sites::Sites;
pub use sites::{NoOrigin, Origin};
pub use token::{NoToken, Token};

use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, HeaderMap};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use login::{Asked, Cookie, Scheme};
use std::sync::Arc;

/// Who is let in, beside the user at the same machine.
#[derive(Clone, Debug, Default)]
pub struct Access {
    /// What they show; else the home folder's own, see [`Token::of_home`].
    pub token: Option<Token>,
    /// Origins at which proxies have the page.
    pub origins: Vec<Origin>,
    /// The path below which a proxy has it that passes the path on.
    pub path_prefix: PathPrefix,
}

impl Access {
    /// Whether a proxy was told of.
    pub(super) fn proxy(&self) -> Proxy {
        let told = !self.origins.is_empty() || !self.path_prefix.path().is_empty();
        if told { Proxy::Told } else { Proxy::Untold }
    }
}

/// Whether a proxy was told of, which speaks for others and whose word on them is heard.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Proxy {
    /// It was.
    Told,
    /// None was.
    Untold,
}

/// Decides for every request.
#[derive(Debug)]
pub(super) struct Door {
    pub(super) proxy: Proxy,
    pub(super) sites: Sites,
    pub(super) token: Token,
    /// Where the server listens.
    pub(super) port: u16,
}

/// Lets a request in, or answers it.
pub(super) async fn check(State(door): State<Arc<Door>>, request: Request, next: Next) -> Response {
    let (headers, uri) = (request.headers(), request.uri());
    if let Some(refusal) = door.sites.refusal(headers, uri) {
        return refusal.into_response();
    }
    // The program's own files hold nothing of the user's.
    if uri.path() == "/healthz" || uri.path().starts_with("/pkg/") {
        return next.run(request).await;
    }
    let Some(&peer) = request.extensions().get::<Peer>() else {
        return (StatusCode::INTERNAL_SERVER_ERROR, "an internal error of tunemask; please report it")
            .into_response();
    };
    let owner = door.proxy == Proxy::Untold && peer.is_owner() && door.sites.is_direct(headers, uri);
    let is_https = door.proxy == Proxy::Told && forwarded_by_https(headers);
    let scheme = if is_https { Scheme::Https } else { Scheme::Http };
    let cookie = Cookie::new(&door.token, door.port, scheme);
    let shown =
        Asked::from_uri(uri).token.filter(|_| uri.path() != "/ws" && *request.method() == Method::GET);
    match shown {
        _ if owner && shown.is_some() => login::admit(uri, None),
        Some(token) if door.token.is(token) => login::admit(uri, Some(&cookie)),
        None if owner || door.is_shown_in(headers) || cookie.is_in(headers, &door.token) => {
            next.run(request).await
        }
        _ => login::ask(headers, uri),
    }
}

impl Door {
    /// Whether a program shows the token in the header that is for that.
    fn is_shown_in(&self, headers: &HeaderMap) -> bool {
        let header = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok());
        let words = header.and_then(|header| header.trim().split_once(' '));
        words.is_some_and(|(scheme, token)| {
            scheme.eq_ignore_ascii_case("bearer") && self.token.is(token.trim())
        })
    }
}

fn forwarded_by_https(headers: &HeaderMap) -> bool {
    headers.get("x-forwarded-proto").is_some_and(|scheme| scheme.as_bytes().eq_ignore_ascii_case(b"https"))
}

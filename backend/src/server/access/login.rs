//! How a browser shows the token, and the page that asks for it.

use super::Token;
use crate::server::addresses::is_api;
use axum::http::header::{
    ACCEPT, CACHE_CONTROL, CONTENT_SECURITY_POLICY, COOKIE, HeaderMap, HeaderValue, LOCATION, SET_COOKIE,
    WWW_AUTHENTICATE,
};
use axum::http::{StatusCode, Uri};
use axum::response::{Html, IntoResponse, Response};

/// How long a browser keeps what it has shown: 30 days.
const KEPT_SECS: u32 = 30 * 24 * 3600;

/// The page that asks may send its one form to the server, and nothing else.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; base-uri 'none'; \
    frame-ancestors 'none'";

/// What the address of a page asks for beside the page.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Asked<'a> {
    /// The token that is shown in it.
    pub(super) token: Option<&'a str>,
    /// Where to go with it, from the root.
    next: String,
}

impl<'a> Asked<'a> {
    pub(super) fn from_uri(uri: &'a Uri) -> Self {
        let pairs = || uri.query().unwrap_or_default().split('&').filter_map(|pair| pair.split_once('='));
        let value = |key: &str| pairs().find(|(k, _)| *k == key).map(|(_, value)| value);
        Self {
            token: value("token"),
            next: value("next").map_or_else(String::new, |next| page(&next.replace("%2F", "/")).to_owned()),
        }
    }
}

/// A page's address from the root if it is one, else the root itself: nobody is led anywhere else.
fn page(path: &str) -> &str {
    let path = path.trim_start_matches('/');
    let plain = path.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_/".contains(&b));
    if plain && !path.contains("//") { path } else { "" }
}

/// The way from a page to the root, as a relative address: the server need not know below which path a proxy has it.
pub(in crate::server) fn root(path: &str) -> String {
    match path.matches('/').count() {
        0 | 1 => "./".into(),
        deep => "../".repeat(deep - 1),
    }
}

/// Leads to the plain address of a page whose address shows a token. The browser keeps `proof` for the next time, if it
/// needs one.
pub(super) fn admit(uri: &Uri, proof: Option<&Cookie>) -> Response {
    let (asked, root) = (Asked::from_uri(uri), root(uri.path()));
    let deep = page(uri.path());
    let (to, cookie) = match proof {
        None if deep.is_empty() => (format!("{root}{}", asked.next), None),
        None => (format!("{root}{deep}"), None),
        // A cookie is for the folder of the address that sets it: only the root's is for all.
        Some(proof) if deep.is_empty() => (format!("{root}{}", asked.next), Some(proof)),
        Some(_) => (format!("{root}?token={}&next={deep}", asked.token.unwrap_or_default()), None),
    };
    let mut headers = HeaderMap::new();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(to) = to.parse() {
        headers.insert(LOCATION, to);
    }
    if let Some(cookie) = cookie.and_then(|cookie| cookie.set().parse().ok()) {
        headers.insert(SET_COOKIE, cookie);
    }
    (StatusCode::SEE_OTHER, headers).into_response()
}

/// How a page reaches the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Scheme {
    Http,
    Https,
}

/// What a browser shows instead of the token.
#[derive(Clone, Debug)]
pub(super) struct Cookie {
    name: String,
    value: String,
    scheme: Scheme,
}

impl Cookie {
    /// The cookie of the server at a port: a browser gives cookies to all ports of a host.
    pub(super) fn new(token: &Token, port: u16, scheme: Scheme) -> Self {
        Self { name: format!("tunemask-{port}"), value: token.proof(), scheme }
    }

    /// Not for scripts, nor for requests that other sites' pages make; `Lax`, because a link to an experiment in another
    /// site's page, which changes nothing here, is to open it.
    fn set(&self) -> String {
        let Self { name, value, scheme } = self;
        let secure = match scheme {
            Scheme::Http => "",
            Scheme::Https => "; Secure",
        };
        format!("{name}={value}; Max-Age={KEPT_SECS}; HttpOnly; SameSite=Lax{secure}")
    }

    /// Whether a request shows it.
    pub(super) fn is_in(&self, headers: &HeaderMap, token: &Token) -> bool {
        let all = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = all.flat_map(|text| text.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.any(|(name, value)| name == self.name && token.is_proved_by(value))
    }
}

/// Asks for the token.
pub(super) fn ask(headers: &HeaderMap, uri: &Uri) -> Response {
    let reads_pages = !is_api(uri)
        && headers.get(ACCEPT).and_then(|v| v.to_str().ok()).is_some_and(|v| v.contains("text/html"));
    let mut answer = if reads_pages {
        let mut answer = Html(form(uri)).into_response();
        answer.headers_mut().insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        answer
    } else {
        "this needs tunemask's token: send it as `Authorization: Bearer TOKEN`. It is in the file `token` \
         of the home folder, unless tunemask was started with another\n"
            .into_response()
    };
    *answer.status_mut() = StatusCode::UNAUTHORIZED;
    answer.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    answer.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    answer
}

fn form(uri: &Uri) -> String {
    let (asked, root, next) = (Asked::from_uri(uri), root(uri.path()), page(uri.path()));
    let next = if next.is_empty() { asked.next } else { next.to_owned() };
    let message = match asked.token {
        Some(_) => "<p role=alert><strong>That is not the token.</strong></p>",
        None => "",
    };
    format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <meta name=color-scheme content=\"light dark\"><title>Tunemask</title>\
         <style>body{{font:1rem/1.5 system-ui,sans-serif;max-width:36rem;margin:4rem auto;padding:0 1rem}}\
         input,button{{font:inherit;padding:.3rem .6rem}}</style>\
         <h1>Tunemask asks for its token</h1>{message}\
         <p>Open the address that it printed when it started: the line that begins with <em>Tunemask is at</em>. Or give \
         the token here; it is the text of the file <code>token</code> in the home folder, unless Tunemask was started \
         with another.</p>\
         <form action=\"{root}\"><input type=hidden name=next value=\"{next}\">\
         <label>Token <input type=password name=token required autofocus autocomplete=off></label> \
         <button>Open</button></form></html>"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(response: &Response, name: axum::http::HeaderName) -> &str {
        response.headers().get(name).map_or("", |value| value.to_str().unwrap())
    }

    #[test]
    fn the_way_to_the_root_is_as_long_as_the_address_is_deep() {
        for (path, way) in
            [("/", "./"), ("/new", "./"), ("/experiments/3", "../"), ("/experiments/3/table", "../../")]
        {
            assert_eq!(root(path), way, "{path}");
        }
    }

    #[test]
    fn a_browser_that_showed_the_token_is_led_to_the_plain_address() {
        let token: Token = "abcdefghijklmnop".parse().unwrap();
        let cookie = Cookie::new(&token, 3000, Scheme::Http);
        let admit = |uri: &'static str, proof| admit(&Uri::from_static(uri), proof);
        for (uri, to, sets) in [
            ("/?token=x", "./", true),
            ("/?token=x&next=experiments/3", "./experiments/3", true),
            ("/experiments/3?token=x", "../?token=x&next=experiments/3", false),
            ("/?next=experiments%2F3&token=x", "./experiments/3", true),
            ("/?token=x&next=//evil.example", "./", true),
            ("/?next=https://evil.example&token=x", "./", true),
        ] {
            let response = admit(uri, Some(&cookie));
            assert_eq!(response.status(), StatusCode::SEE_OTHER);
            assert_eq!(header(&response, LOCATION), to, "{uri}");
            assert_eq!(header(&response, SET_COOKIE).contains("HttpOnly; SameSite="), sets, "{uri}");
        }
        // Who needs no cookie gets none.
        let response = admit("/experiments/3?token=x", None);
        assert_eq!((header(&response, LOCATION), header(&response, SET_COOKIE)), ("../experiments/3", ""));
    }

    #[test]
    fn a_cookie_is_shown_by_name_and_value() {
        let token: Token = "abcdefghijklmnop".parse().unwrap();
        let cookie = Cookie::new(&token, 3000, Scheme::Https);
        assert!(cookie.set().ends_with("; Secure"));
        let shown = |text: String| {
            let mut headers = HeaderMap::new();
            headers.append(COOKIE, HeaderValue::from_static("a=b"));
            headers.append(COOKIE, text.parse().unwrap());
            cookie.is_in(&headers, &token)
        };
        let proof = token.proof();
        assert!(shown(format!("x=y; tunemask-3000={proof}; z")));
        assert!(!shown(format!("tunemask-3001={proof}")));
        assert!(!shown("tunemask-3000=abcdefghijklmnop".into()));
    }
}

//! What a stranger tries, and what comes of it: nothing. Every row of the table in `docs/reliability.md` is tried here, in every
//! way in, from every place where a stranger can stand.

use crate::support::served::{Served, serving};
use crate::support::{PATIENCE, small};
use std::collections::BTreeSet;
use std::io::{Error, ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::time::{Duration, Instant};
use tunemask::server::ServeOptions;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::fixtures::Requirement;

const TOKEN: &str = "Abcdefghijklmnop";
const SECRET: &str = "nobody else's business";

/// A way in.
#[derive(Clone, Copy)]
struct Way {
    method: &'static str,
    path: &'static str,
}

const WAYS: [Way; 9] = [
    Way { method: "GET", path: "/" },
    Way { method: "GET", path: "/experiments/1" },
    Way { method: "HEAD", path: "/experiments/1" },
    Way { method: "GET", path: "/api/v1/experiments" },
    Way { method: "GET", path: "/api/v1/experiments/1/runs" },
    Way { method: "GET", path: "/api/v1/openapi.json" },
    Way { method: "POST", path: "/api/v1/experiments" },
    Way { method: "POST", path: "/uploads" },
    Way { method: "GET", path: "/ws" },
];

/// What a stranger tries. In headers, `AT` is the server's address, `PORT` its port, `TOKEN` its token, `PROOF` what a browser keeps
/// of it.
struct Row {
    tried: &'static str,
    headers: &'static str,
    answer: u16,
}

const fn row(tried: &'static str, headers: &'static str, answer: u16) -> Row {
    Row { tried, headers, answer }
}

const ROWS: [Row; 28] = [
    row("no token", "Host: AT", 401),
    row("an empty token", "Host: AT|Authorization: Bearer ", 401),
    row("a token of the same length", "Host: AT|Authorization: Bearer Abcdefghijklmnoq", 401),
    row("the token without its last letter", "Host: AT|Authorization: Bearer Abcdefghijklmno", 401),
    row("the token and one letter", "Host: AT|Authorization: Bearer TOKENx", 401),
    row("the token in small letters", "Host: AT|Authorization: Bearer abcdefghijklmnop", 401),
    row("the token as `Basic`", "Host: AT|Authorization: Basic TOKEN", 401),
    row("the token in other headers", "Host: AT|X-Token: TOKEN|X-Api-Key: TOKEN", 401),
    row("the token as the cookie", "Host: AT|Cookie: tunemask-PORT=TOKEN", 401),
    row("the cookie's value as the token", "Host: AT|Authorization: Bearer PROOF", 401),
    row("the cookie under another port's name", "Host: AT|Cookie: tunemask-1=PROOF", 401),
    row("the cookie with a letter more", "Host: AT|Cookie: tunemask-PORT=PROOFa", 401),
    row("\"I am this machine\"", "Host: AT|X-Forwarded-For: 127.0.0.1|X-Real-IP: 127.0.0.1", 401),
    row("the same as RFC 7239 has it", "Host: AT|Forwarded: for=127.0.0.1;host=localhost", 401),
    row("another method in a header", "Host: AT|X-HTTP-Method-Override: GET|X-Method-Override: GET", 401),
    row("another address in a header", "Host: AT|X-Original-URL: /healthz|X-Rewrite-URL: /pkg/a.js", 401),
    row("a rebound name, with the token", "Host: evil.example:PORT|Authorization: Bearer TOKEN", 403),
    row("a name behind the port, with the token", "Host: AT.evil.example|Authorization: Bearer TOKEN", 403),
    row(
        "a name that begins like ours, with the token",
        "Host: localhost.evil.example|Authorization: Bearer TOKEN",
        403,
    ),
    row(
        "a rebound name and its own page",
        "Host: evil.example|Origin: http://evil.example|Authorization: Bearer TOKEN",
        403,
    ),
    row("no `Host`, with the token", "Authorization: Bearer TOKEN", 403),
    row("two of them, with the token", "Host: AT|Host: evil.example|Authorization: Bearer TOKEN", 400),
    row("`Host` of ours twice, with the token", "Host: AT|Host: AT|Authorization: Bearer TOKEN", 400),
    row(
        "another site's page in a browser with the cookie",
        "Host: AT|Origin: https://evil.example|Cookie: tunemask-PORT=PROOF",
        403,
    ),
    row(
        "a page without an origin, with the cookie",
        "Host: AT|Origin: null|Cookie: tunemask-PORT=PROOF",
        403,
    ),
    row(
        "a page of another port, with the cookie",
        "Host: AT|Origin: http://127.0.0.1:1|Cookie: tunemask-PORT=PROOF",
        403,
    ),
    row(
        "a site whose name begins like the proxy's",
        "Host: AT|Origin: https://lab.example.evil.example|Cookie: tunemask-PORT=PROOF",
        403,
    ),
    row(
        "another site's form, with the cookie",
        "Host: AT|Origin: https://evil.example|Sec-Fetch-Site: cross-site|Cookie: tunemask-PORT=PROOF",
        403,
    ),
];

/// Addresses that might lead around the check, none of which may show anything.
const AROUND: [&str; 12] = [
    "/pkg/../api/v1/experiments",
    "/pkg/%2e%2e/api/v1/experiments",
    "/pkg/..%2fapi/v1/experiments",
    "/pkg/../../home/token",
    "/pkg/%2e%2e%2f%2e%2e%2fhome%2ftoken",
    "/healthz/../api/v1/experiments",
    "/healthz/api/v1/experiments",
    "/healthz;/api/v1/experiments",
    "//api/v1/experiments",
    "/API/v1/experiments",
    "/api/v1/experiments?token=Abcdefghijklmnoq",
    "/ws?token=Abcdefghijklmnop",
];

/// Sends a request as it is written, and gives all that comes.
fn raw(at: SocketAddr, request: &str) -> String {
    let mut stream = TcpStream::connect(at).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(5))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let (begin, mut answer) = (Instant::now(), Vec::new());
    // A server that refuses may close before all was read, and one that lets a socket in keeps it open.
    let is_late = |error: Error| matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut);
    while stream.read_to_end(&mut answer).is_err_and(is_late) && answer.is_empty() {
        assert!(begin.elapsed() < PATIENCE, "no answer to {request}");
    }
    String::from_utf8_lossy(&answer).into_owned()
}

fn status(answer: &str) -> u16 {
    answer
        .split(' ')
        .nth(1)
        .and_then(|word| word.parse().ok())
        .unwrap_or_else(|| panic!("no answer: {answer:?}"))
}

/// Where a stranger stands, and what is sent from there.
struct Stranger<'a> {
    at: SocketAddr,
    /// A header that is always there.
    proxy: &'a str,
    proof: String,
}

impl Stranger<'_> {
    fn request(&self, way: Way, headers: &str) -> String {
        let body = match way.method {
            "POST" => serde_json::to_string(&small()).unwrap(),
            _ => String::new(),
        };
        let upgrade = match way.path {
            "/ws" => {
                "Connection: upgrade, close\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n\
                 Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            }
            _ => "Connection: close\r\n",
        };
        let headers =
            headers.replace("AT", &self.at.to_string()).replace("PORT", &self.at.port().to_string());
        let headers = headers.replace("TOKEN", TOKEN).replace("PROOF", &self.proof).replace('|', "\r\n");
        format!(
            "{} {} HTTP/1.1\r\n{headers}\r\n{}{upgrade}Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
            way.method,
            way.path,
            self.proxy,
            body.len()
        )
    }

    /// What comes holds nothing of the user's.
    fn gets_nothing(&self, what: &str, answer: &str) {
        for secret in [SECRET, TOKEN, &self.proof, "openapi", "Welcome", "set-cookie"] {
            assert!(!answer.contains(secret), "{what}: `{secret}` in {answer}");
        }
    }

    /// The same requests with all that is due are answered: what is refused is refused for what it lacks.
    fn would_get_in(&self) {
        for way in WAYS {
            let headers = "Host: AT|Authorization: Bearer TOKEN";
            let want = match (way.method, way.path) {
                ("POST", "/api/v1/experiments") => 201,
                ("POST", _) => 400,
                (_, "/ws") => 101,
                _ => 200,
            };
            let got = raw(self.at, &self.request(way, headers));
            assert_eq!(status(&got), want, "{} {}: {got}", way.method, way.path);
        }
    }

    fn tries_all(&self) {
        for Row { tried, headers, answer } in ROWS {
            for way in WAYS {
                let what = format!("{tried}: {} {}", way.method, way.path);
                let got = raw(self.at, &self.request(way, headers));
                assert_eq!(status(&got), answer, "{what}: {got}");
                self.gets_nothing(&what, &got);
            }
        }
        for path in AROUND {
            for method in ["GET", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE"] {
                let got = raw(self.at, &self.request(Way { method, path }, "Host: AT"));
                assert!([400, 401, 404, 405].contains(&status(&got)), "{method} {path}: {got}");
                self.gets_nothing(path, &got);
            }
        }
        let host = self.at.to_string();
        let absolute = format!(
            "GET http://evil.example/api/v1/experiments HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {TOKEN}\r\n\
             Connection: close\r\n\r\n"
        );
        assert_eq!(status(&raw(self.at, &absolute)), 400);
        let within = format!(
            "POST /healthz HTTP/1.1\r\nHost: {host}\r\n{}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n\
             GET /api/v1/experiments HTTP/1.1\r\nHost: {host}\r\n{}Connection: close\r\n\r\n",
            self.proxy, self.proxy
        );
        self.gets_nothing("a request within a request", &raw(self.at, &within));
        // A token in an address is for the first visit of a browser, and for nothing else.
        for way in WAYS.into_iter().filter(|way| way.method == "POST" || way.path == "/ws") {
            let shown = format!("{} {}?token={TOKEN} ", way.method, way.path);
            let plain = format!("{} {} ", way.method, way.path);
            let got = raw(self.at, &self.request(way, "Host: AT").replacen(&plain, &shown, 1));
            assert_eq!(status(&got), 401, "{shown}: {got}");
        }
    }
}

/// An experiment of the user's, and what a browser of the user's keeps.
fn prepare(at: SocketAddr) -> String {
    let body = serde_json::to_string(&Experiment { name: SECRET.into(), ..small() }).unwrap();
    let bearer = format!("Host: {at}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n");
    let length = body.len();
    let request = format!(
        "POST /api/v1/experiments HTTP/1.1\r\n{bearer}Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
    );
    assert_eq!(status(&raw(at, &request)), 201);
    let shown = raw(
        at,
        &format!(
            "GET /?token={TOKEN} HTTP/1.1\r\nHost: {at}\r\nX-Forwarded-For: 192.0.2.1\r\nConnection: close\r\n\r\n"
        ),
    );
    let cookie = shown.lines().find(|line| line.starts_with("set-cookie: ")).unwrap();
    let list = format!("GET /api/v1/experiments HTTP/1.1\r\n{bearer}\r\n");
    assert!(raw(at, &list).contains(SECRET));
    cookie.split(['=', ';']).nth(1).unwrap().to_owned()
}

/// Nothing was begun and nothing was left.
fn nothing_came_of_it(served: &Served, at: SocketAddr) {
    let list = format!(
        "GET /api/v1/experiments HTTP/1.1\r\nHost: {at}\r\nAuthorization: Bearer {TOKEN}\r\nConnection: close\r\n\r\n"
    );
    let list = raw(at, &list);
    let body: serde_json::Value = serde_json::from_str(list.split("\r\n\r\n").nth(1).unwrap()).unwrap();
    assert_eq!(body["experiments"].as_array().unwrap().len(), 1, "{list}");
    let uploads = served.home.join("uploads");
    assert!(!uploads.exists() || uploads.read_dir().unwrap().next().is_none());
}

fn tried(change: impl FnOnce(&mut ServeOptions), address: fn(&Served) -> SocketAddr, proxy: &'static str) {
    let with_token = |options: &mut ServeOptions| {
        options.access.token = Some(TOKEN.parse().unwrap());
        change(options);
    };
    serving(with_token, move |served| {
        let at = address(served);
        let proof = prepare(at);
        let stranger = Stranger { at, proxy, proof };
        stranger.tries_all();
        nothing_came_of_it(served, at);
        stranger.would_get_in();
    });
}

#[test]
fn a_stranger_through_a_proxy_that_says_so_gets_nothing() {
    tried(|_| {}, |served| served.address, "X-Forwarded-For: 192.0.2.1\r\n");
}

#[test]
fn a_stranger_through_a_proxy_of_this_very_user_that_says_nothing_gets_nothing() {
    let told =
        |options: &mut ServeOptions| options.access.origins = vec!["https://lab.example".parse().unwrap()];
    tried(told, |served| served.address, "");
}

#[test]
fn a_stranger_below_a_path_gets_nothing() {
    let told = |options: &mut ServeOptions| options.access.path_prefix = "/user/me".parse().unwrap();
    tried(told, |served| served.address, "");
}

#[test]
fn a_stranger_from_the_network_gets_nothing() {
    if own_address().is_none() {
        Requirement::Network.skip("this machine has no address but its own loopback's");
        return;
    }
    let all = |options: &mut ServeOptions| options.host = "0.0.0.0".into();
    tried(all, |served| SocketAddr::new(own_address().unwrap(), served.address.port()), "");
}

/// An address of this machine at which others could reach it: no packet is sent to find it.
fn own_address() -> Option<std::net::IpAddr> {
    let socket = UdpSocket::bind("0.0.0.0:0").ok()?;
    socket.connect("192.0.2.1:9").ok()?;
    let ip = socket.local_addr().ok()?.ip();
    (!ip.is_loopback() && !ip.is_unspecified()).then_some(ip)
}

#[test]
fn the_table_of_what_was_tried_is_documented() {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/reliability.md");
    let page = std::fs::read_to_string(page).unwrap();
    for Row { tried, answer, .. } in ROWS {
        let line = format!("| {tried} | {answer} |");
        assert!(page.contains(&line), "docs/reliability.md lacks: {line}");
    }
    let different: BTreeSet<&str> = ROWS.iter().map(|row| row.headers).collect();
    assert_eq!(different.len(), ROWS.len());
}

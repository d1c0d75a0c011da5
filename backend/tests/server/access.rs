//! Who is let in, from outside: users of this machine, tokens, names, proxies.

use crate::support::http::{Answer, ask, ask_plain};
use crate::support::page::connect;
use crate::support::served::serving;
use std::net::SocketAddr;
use std::process::{Command, Stdio};
use tokio_tungstenite::tungstenite::Error;
use tunemask::server::{Access, ServeOptions, Token};

/// As a proxy sends it that speaks for somebody elsewhere.
const FORWARDED: &str = "X-Forwarded-For: 192.0.2.1\r\n";
const TOKEN: &str = "abcdefghijklmnop";

fn with_token(options: &mut ServeOptions) {
    options.access.token = Some(TOKEN.parse().unwrap());
}

/// The status of an attempt to open a socket; 101 if it opens.
fn socket(address: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> u16 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        match connect(address, path, headers).await {
            Ok(_) => 101,
            Err(Error::Http(response)) => response.status().as_u16(),
            Err(error) => panic!("{error}"),
        }
    })
}

#[cfg(target_os = "linux")]
#[test]
fn the_same_user_on_this_machine_needs_no_token() {
    serving(with_token, |served| {
        let at = served.address;
        assert_eq!(ask(at, "GET", "/experiments/3", "").status, 200);
        assert_eq!(socket(at, "/ws", &[("origin", &format!("http://{at}"))]), 101);
        // The address with the token works, too, and leaves no cookie that every port of the host would be shown.
        let answer = ask(at, "GET", &format!("/?token={TOKEN}"), "");
        assert_eq!((answer.status, answer.header("location"), answer.header("set-cookie")), (303, "./", ""));
    });
}

#[cfg(target_os = "linux")]
#[test]
fn another_user_of_this_machine_shows_the_token() {
    let other = |port: u16, headers: &str| {
        // Bash opens connections by itself: no other program need be there, or be readable to that user.
        let script = format!(
            "exec 3<>/dev/tcp/127.0.0.1/{port} && printf 'GET /experiments/3 HTTP/1.1\\r\\nHost: 127.0.0.1:{port}\\r\\n\
             Connection: close\\r\\n{headers}\\r\\n' >&3 && cat <&3"
        );
        let mut command = Command::new("setpriv");
        command.args(["--reuid=65533", "--clear-groups", "bash", "-c", &script]).current_dir("/");
        command.stderr(Stdio::null()).output().ok().filter(|output| output.status.success())
    };
    serving(with_token, move |served| {
        let port = served.address.port();
        let Some(refused) = other(port, "") else {
            tunemask_shared::fixtures::Requirement::Root
                .skip("only root can be another user, with setpriv and bash");
            return;
        };
        assert_eq!(Answer::read(&refused.stdout[..]).status, 401);
        let let_in = other(port, &format!("Authorization: Bearer {TOKEN}\\r\\n")).unwrap();
        assert_eq!(Answer::read(&let_in.stdout[..]).status, 200);
    });
}

#[test]
fn whoever_comes_through_a_proxy_shows_the_token() {
    serving(with_token, |served| {
        let at = served.address;
        let get = |path: &str, headers: &str| ask(at, "GET", path, &format!("{FORWARDED}{headers}"));
        let html = "Accept: text/html,*/*\r\n";
        let asked = get("/experiments/3", html);
        assert_eq!((asked.status, asked.header("cache-control")), (401, "no-store"));
        assert!(
            asked.text().contains("<form action=\"../\">")
                && asked.text().contains("value=\"experiments/3\"")
        );
        assert!(asked.header("content-security-policy").contains("form-action 'self'"));
        let told = get("/", "");
        assert_eq!((told.status, told.header("www-authenticate")), (401, "Bearer"));
        assert!(told.text().contains("Authorization: Bearer"), "{}", told.text());
        let wrong = get("/?token=abcdefghijklmnoq", html);
        assert_eq!(wrong.status, 401);
        assert!(wrong.text().contains("not the token") && !wrong.text().contains(TOKEN));
        // What anybody may ask.
        assert_eq!((get("/healthz", "").status, get("/pkg/none.js", "").status), (200, 404));

        let let_in = get(&format!("/?next=experiments%2F3&token={TOKEN}"), html);
        assert_eq!((let_in.status, let_in.header("location")), (303, "./experiments/3"));
        let cookie = let_in.header("set-cookie").split(';').next().unwrap().to_owned();
        assert!(let_in.header("set-cookie").contains("HttpOnly; SameSite="), "{}", let_in.head);
        assert!(!let_in.head.contains(TOKEN), "a cookie is shown to every port of the host");
        assert_eq!(get("/experiments/3", &format!("Cookie: a=b; {cookie}\r\n")).status, 200);
        assert_eq!(get("/experiments/3", &format!("Cookie: {cookie}0\r\n")).status, 401);
        assert_eq!(get("/", &format!("Authorization: Bearer {TOKEN}\r\n")).status, 200);
        assert_eq!(get("/", &format!("Authorization: Basic {TOKEN}\r\n")).status, 401);

        let forwarded = ("x-forwarded-for", "192.0.2.1");
        assert_eq!(socket(at, "/ws", &[forwarded]), 401);
        assert_eq!(socket(at, &format!("/ws?token={TOKEN}"), &[forwarded]), 401, "addresses stand in logs");
        assert_eq!(socket(at, "/ws", &[forwarded, ("cookie", &cookie)]), 101);
        assert_eq!(socket(at, "/ws", &[forwarded, ("authorization", &format!("Bearer {TOKEN}"))]), 101);
    });
}

#[test]
fn a_home_has_a_token_of_its_own_that_the_printed_address_shows() {
    serving(
        |_| {},
        |served| {
            let token = std::fs::read_to_string(served.home.join("token")).unwrap();
            let token = token.trim();
            assert!(token.parse::<Token>().is_ok(), "{token}");
            assert_eq!(served.urls, [format!("http://{}/?token={token}", served.address)]);
            assert_eq!(ask(served.address, "GET", &format!("/?token={token}"), FORWARDED).status, 303);
            assert_eq!(ask(served.address, "GET", &format!("/?token={TOKEN}"), FORWARDED).status, 401);
        },
    );
}

#[test]
fn a_request_that_names_two_hosts_is_wrong() {
    serving(
        |_| {},
        |served| {
            let at = served.address;
            for hosts in
                [format!("Host: {at}\r\nHost: evil.example\r\n"), format!("Host: {at}\r\nHost: {at}\r\n")]
            {
                assert_eq!(ask_plain(at, "GET", "/", &hosts).status, 400, "{hosts}");
            }
            assert_eq!(ask_plain(at, "GET", "http://evil.example/", &format!("Host: {at}\r\n")).status, 400);
        },
    );
}

#[test]
fn a_rebound_name_reaches_nothing_wherever_the_server_listens() {
    for host in ["0.0.0.0", "::ffff:127.0.0.1"] {
        let listens = move |options: &mut ServeOptions| {
            options.host = host.into();
            with_token(options);
        };
        serving(listens, move |served| {
            let port = served.address.port();
            let at = SocketAddr::from(([127, 0, 0, 1], port));
            let evil = format!("evil.example:{port}");
            let own = format!("http://{evil}");
            let bearer = format!("Bearer {TOKEN}");
            // Not even with the token.
            let headers =
                [("host", evil.as_str()), ("origin", own.as_str()), ("authorization", bearer.as_str())];
            assert_eq!(socket(at, "/ws", &headers), 403, "{host}");
            assert_eq!(ask_plain(at, "GET", "/", &format!("Host: {evil}\r\n")).status, 403, "{host}");
            let here = format!("127.0.0.1:{port}");
            assert_eq!(socket(at, "/ws", &[("host", &here), ("origin", &own)]), 403, "{host}");
            assert_eq!(socket(at, "/ws", &[("host", &here), ("authorization", &bearer)]), 101, "{host}");
        });
    }
}

#[test]
fn a_proxy_at_a_named_origin_has_the_page_whether_or_not_it_keeps_the_host() {
    let proxied = |options: &mut ServeOptions| {
        with_token(options);
        options.access.origins = vec!["https://lab.example".parse().unwrap()];
    };
    serving(proxied, |served| {
        let at = served.address;
        let bearer = format!("Bearer {TOKEN}");
        for host in [at.to_string(), "lab.example".to_owned()] {
            let from = |origin: &str, shows: bool| {
                let mut headers = vec![("host", host.as_str()), ("origin", origin)];
                headers.extend(shows.then_some(("authorization", bearer.as_str())));
                socket(at, "/ws", &headers)
            };
            assert_eq!(from("https://lab.example", true), 101, "{host}");
            assert_eq!(
                from("https://lab.example", false),
                401,
                "{host}: a proxy of this very user speaks for others"
            );
            assert_eq!(from("https://other.example", true), 403, "{host}");
            let page = format!("Host: {host}\r\nAuthorization: {bearer}\r\n");
            assert_eq!(ask_plain(at, "GET", "/", &page).status, 200, "{host}");
        }
        assert_eq!(served.urls[1], format!("https://lab.example/?token={TOKEN}"));
        let https = format!("{FORWARDED}X-Forwarded-Proto: https\r\n");
        assert!(
            ask(at, "GET", &format!("/?token={TOKEN}"), &https).header("set-cookie").ends_with("; Secure")
        );
    });
}

#[test]
fn the_page_works_below_a_path() {
    let below = |options: &mut ServeOptions| {
        options.access = Access { path_prefix: "/user/me/proxy/3000/".parse().unwrap(), ..Access::default() };
        with_token(options);
    };
    serving(below, |served| {
        let at = served.address;
        let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
        let get = |path: &str| ask(at, "GET", path, &bearer);
        // A proxy that passes the path on, and one that takes it off.
        for prefix in ["/user/me/proxy/3000", ""] {
            for (path, root) in
                [("/", "./"), ("/new", "./"), ("/experiments/3", "../"), ("/experiments/3/table", "../../")]
            {
                let page = get(&format!("{prefix}{path}"));
                assert_eq!(page.status, 200);
                assert!(
                    page.text().contains(&format!("src=\"{root}pkg/a.js\"")),
                    "{prefix}{path}: {}",
                    page.text()
                );
            }
            assert_eq!(get(&format!("{prefix}/pkg/a.js")).text(), "script");
            let token = ("authorization", format!("Bearer {TOKEN}"));
            assert_eq!(socket(at, &format!("{prefix}/ws"), &[(token.0, &token.1)]), 101);
        }
        let bare = get(&format!("/user/me/proxy/3000?token={TOKEN}"));
        assert_eq!(bare.header("location"), format!("/user/me/proxy/3000/?token={TOKEN}"));
        let let_in = ask(at, "GET", &format!("/user/me/proxy/3000/?token={TOKEN}"), FORWARDED);
        assert_eq!((let_in.status, let_in.header("location")), (303, "./"), "whatever lies above");
        assert_eq!(get("/user/me/proxy/30001").status, 200, "an address of the page like any other");
    });
}

//! Behind nginx and through ssh, started for real with the examples of `docs/serving.md`.

use crate::support::PATIENCE;
use crate::support::http::{Answer, ask_plain};
use crate::support::outside::{Running, SshServer, port, program};
use crate::support::page::connect;
use crate::support::served::{Served, serving};
use futures_util::{SinkExt, StreamExt};
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;
use tokio_tungstenite::tungstenite::{Error, Message};
use tunemask::server::ServeOptions;
use tunemask_shared::fixtures::Requirement;
use tunemask_shared::protocol::{FromPage, PROTOCOL_VERSION};

const TOKEN: &str = "abcdefghijklmnop";
const ORIGIN: &str = "http://lab.example";

/// The n-th block of a language in `docs/serving.md`, for a server at this port.
fn example(language: &str, n: usize, server: SocketAddr) -> String {
    let page = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/serving.md");
    let page = fs::read_to_string(page).unwrap();
    let block = page.split(&format!("```{language}\n")).nth(n + 1).unwrap();
    block.split("```").next().unwrap().replace("127.0.0.1:3000", &server.to_string())
}

/// nginx before a server, with these locations, in one process, so that nothing of it outlives the test.
fn nginx(binary: &Path, folder: &Path, locations: &str) -> (Running, SocketAddr) {
    let at = SocketAddr::from(([127, 0, 0, 1], port()));
    let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .map(|kind| format!("{kind}_temp_path {}/{kind};\n", folder.display()))
        .concat();
    // Everything of this very user: the case in which nginx looks to tunemask like its user.
    let text = format!(
        "daemon off; master_process off; pid {0}/pid; error_log stderr warn;\nevents {{}}\n\
         http {{ access_log off; {temporary} server {{ listen {at}; {locations} }} }}\n",
        folder.display()
    );
    let config = folder.join("nginx.conf");
    fs::write(&config, text).unwrap();
    let mut command = Command::new(binary);
    command.arg("-p").arg(folder).arg("-c").arg(&config).arg("-e").arg("stderr");
    (Running::start(&mut command, at), at)
}

fn told(options: &mut ServeOptions) {
    options.access.token = Some(TOKEN.parse().unwrap());
    options.access.origins = vec![ORIGIN.parse().unwrap()];
}

/// As a browser sends it to the proxy.
fn get(at: SocketAddr, path: &str, headers: &str) -> Answer {
    ask_plain(at, "GET", path, &format!("Host: lab.example\r\n{headers}"))
}

/// The status of an attempt to open a socket through the proxy, and what comes first if it opens.
fn socket(at: SocketAddr, path: &str, headers: &[(&'static str, &str)]) -> (u16, String) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let mut all = vec![("host", "lab.example")];
        all.extend(headers);
        match connect(at, path, &all).await {
            Ok(mut socket) => {
                let hello = serde_json::to_string(&FromPage::Hello { protocol: PROTOCOL_VERSION }).unwrap();
                socket.send(Message::Text(hello.into())).await.unwrap();
                let first = tokio::time::timeout(PATIENCE, socket.next()).await.unwrap().unwrap().unwrap();
                (101, first.into_text().unwrap().to_string())
            }
            Err(Error::Http(response)) => (response.status().as_u16(), String::new()),
            Err(error) => panic!("{error}"),
        }
    })
}

/// All that a browser does behind a proxy that has the page below a path, and what a stranger gets there.
fn behaves(at: SocketAddr, below: &str) {
    let html = "Accept: text/html\r\n";
    let root = format!("{below}/");
    for path in ["", "experiments/1", "api/v1/experiments", "api/v1/openapi.json"] {
        let stranger = get(at, &format!("{root}{path}"), html);
        assert_eq!(stranger.status, 401, "{root}{path}: {}", stranger.text());
    }
    let let_in = get(at, &format!("{root}?token={TOKEN}"), html);
    assert_eq!((let_in.status, let_in.header("location")), (303, "./"));
    let cookie = let_in.header("set-cookie").split(';').next().unwrap().to_owned();
    // Without a path of its own a cookie is for the folder of the address that sets it: the page's root.
    assert!(!let_in.header("set-cookie").to_lowercase().contains("path="));
    let shows = format!("{html}Cookie: {cookie}\r\n");
    let page = get(at, &format!("{root}experiments/1"), &shows);
    assert!(page.status == 200 && page.text().contains("src=\"../pkg/a.js\""), "{}", page.text());
    assert_eq!(get(at, &format!("{root}pkg/a.js"), "").text(), "script");
    assert_eq!(get(at, &format!("{root}api/v1/experiments"), &shows).status, 200);

    let ws = format!("{root}ws");
    let own = ("origin", ORIGIN);
    let (opened, first) = socket(at, &ws, &[own, ("cookie", &cookie)]);
    assert!(opened == 101 && first.contains("welcome"), "{first}");
    assert_eq!(socket(at, &ws, &[own]).0, 401);
    assert_eq!(socket(at, &ws, &[("cookie", &cookie), ("origin", "http://evil.example")]).0, 403);
    assert_eq!(socket(at, &ws, &[("cookie", &cookie), ("origin", &format!("http://{at}"))]).0, 403);
}

/// Serves behind nginx, with the n-th example.
fn behind_nginx(
    change: impl FnOnce(&mut ServeOptions),
    locations: impl Fn(&Served) -> String + Send + 'static,
    below: &'static str,
) {
    let Some(binary) = program("nginx") else {
        Requirement::Nginx.skip("nginx is not installed");
        return;
    };
    let options = |options: &mut ServeOptions| {
        told(options);
        change(options);
    };
    serving(options, move |served| {
        let folder = tempfile::tempdir().unwrap();
        let (_nginx, at) = nginx(&binary, folder.path(), &locations(served));
        behaves(at, below);
    });
}

#[test]
fn nginx_has_the_page_at_its_root() {
    behind_nginx(|_| {}, |served| example("nginx", 0, served.address), "");
}

#[test]
fn nginx_has_the_page_below_a_path_that_it_takes_off() {
    behind_nginx(|_| {}, |served| example("nginx", 1, served.address), "/lab");
}

#[test]
fn nginx_has_the_page_below_a_path_that_it_passes_on() {
    let kept = |options: &mut ServeOptions| options.access.path_prefix = "/user/me".parse().unwrap();
    let locations = |served: &Served| {
        let text = example("nginx", 0, served.address);
        assert!(text.contains("location / {"), "{text}");
        text.replace("location / {", "location /user/me/ {")
    };
    behind_nginx(kept, locations, "/user/me");
}

#[test]
fn a_tunnel_of_ssh_needs_neither_token_nor_option() {
    let Some(ssh) = SshServer::start() else { return };
    serving(
        |_| {},
        move |served| {
            let tunnel = SocketAddr::from(([127, 0, 0, 1], port()));
            // As the example has it, but for the machine that is meant.
            let words = example("sh", 0, served.address);
            let words = words.split('#').next().unwrap().replace("3000:", &format!("{}:", tunnel.port()));
            let words: Vec<&str> = words.split_whitespace().collect();
            assert_eq!((words[0], words[1], words[3]), ("ssh", "-L", "gpu1"));
            let mut command = Command::new("ssh");
            command.args(ssh.options()).args(["-N", "-o", "ExitOnForwardFailure=yes"]);
            command.args([words[1], words[2], "127.0.0.1"]);
            let _ssh = Running::start(&mut command, tunnel);
            let host = format!("Host: localhost:{}\r\n", tunnel.port());
            let page = ask_plain(tunnel, "GET", "/experiments/1", &format!("{host}Accept: text/html\r\n"));
            assert_eq!(page.status, 200, "{}", page.text());
            let here = format!("localhost:{}", tunnel.port());
            let own = format!("http://{here}");
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                connect(tunnel, "/ws", &[("host", &here), ("origin", &own)]).await.unwrap();
            });
            let evil = ask_plain(tunnel, "GET", "/", &format!("{host}Origin: http://evil.example\r\n"));
            assert_eq!(evil.status, 403);
        },
    );
}

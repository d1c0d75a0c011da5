//! The page's files from outside: types, compression, caching, and what a browser is told.

use crate::support::http::ask;
use crate::support::open;
use std::fs;
use std::net::SocketAddr;
use std::path::Path;
use tokio::sync::oneshot;
use tunemask::server::{Access, Limits, ServeOptions, Server, ServerError};

/// Serves a folder while `test` runs on another thread.
fn serving(folder: &Path, test: impl FnOnce(SocketAddr) + Send + 'static) {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let options = ServeOptions {
        host: "localhost".into(),
        port: 0,
        home: home.path().to_owned(),
        page: Some(folder.to_owned()),
        device: tunemask_engine::Device::cpu(),
        workers: tunemask::lab::Workers::Own,
        access: Access::default(),
        limits: Limits::default(),
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::bind(&options).await.unwrap();
        let address = server.address();
        let taken = ServeOptions { port: address.port(), ..options.clone() };
        let Err(error) = Server::bind(&taken).await else { panic!("the port is taken") };
        assert!(matches!(error, ServerError::Taken(_)));
        assert!(error.to_string().contains("--port"), "{error}");
        let (stop, stopped) = oneshot::channel();
        let served = tokio::spawn(server.run(lab, async { _ = stopped.await }));
        let tested = tokio::task::spawn_blocking(move || test(address)).await;
        stop.send(()).unwrap();
        served.await.unwrap().unwrap();
        tested.unwrap();
    });
}

#[test]
fn files_come_with_type_compression_and_caching() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
    write("index.html", "<!doctype html><script type=module>start()</script>the page");
    write("tunemask-ba7816bf8f01cfea.wasm", "plain");
    write("tunemask-ba7816bf8f01cfea.wasm.br", "brotli");
    write("tunemask-ba7816bf8f01cfea.wasm.gz", "gzip");
    write("tunemask-ba7816bf8f01cfea.js", "script");
    write("icon.svg", "<svg/>");
    serving(folder.path(), |at| {
        let get = |path: &str, headers: &str| ask(at, "GET", path, headers);
        let wasm = "/pkg/tunemask-ba7816bf8f01cfea.wasm";
        for (accepts, encoding, body) in
            [("gzip, deflate, br", "br", "brotli"), ("gzip", "gzip", "gzip"), ("identity", "", "plain")]
        {
            let answer = get(wasm, &format!("Accept-Encoding: {accepts}\r\n"));
            assert_eq!((answer.status, answer.header("content-type")), (200, "application/wasm"));
            assert_eq!(
                (answer.header("content-encoding"), answer.body.as_slice()),
                (encoding, body.as_bytes())
            );
            assert_eq!(answer.header("cache-control"), "public, max-age=31536000, immutable");
            assert_eq!(answer.header("vary").to_lowercase(), "accept-encoding");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
        }
        let script = get("/pkg/tunemask-ba7816bf8f01cfea.js", "");
        assert!(script.header("content-type").starts_with("text/javascript"), "{}", script.head);
        let icon = get("/pkg/icon.svg", "");
        assert_eq!(
            (icon.header("content-type"), icon.header("cache-control")),
            ("image/svg+xml", "no-cache")
        );

        for path in ["/", "/experiments/3", "/experiments/3?axis=time"] {
            let page = get(path, "");
            assert_eq!((page.status, page.header("cache-control")), (200, "no-cache"), "{path}");
            assert!(page.header("content-type").starts_with("text/html"));
            let policy = page.header("content-security-policy");
            for part in ["default-src 'none'", "'wasm-unsafe-eval'", "'sha256-", "frame-ancestors 'none'"] {
                assert!(policy.contains(part), "{policy}");
            }
            assert!(page.body.ends_with(b"the page"));
        }
        let (long, folder) = (format!("/pkg/{}", "a".repeat(5_000)), "/pkg/a/b.js");
        let outside = ["/pkg/../Cargo.toml", "/pkg/%2e%2e/Cargo.toml", "/pkg/..%2fCargo.toml", "/pkg/%00"];
        for path in ["/favicon.ico", "/pkg/none.js", "/pkg/", &long, folder].into_iter().chain(outside) {
            for method in ["GET", "HEAD"] {
                let answer = ask(at, method, path, "");
                assert_eq!(answer.status, 404, "{method} {path}");
                assert_eq!(answer.body.is_empty(), method == "HEAD", "{method} {path}");
            }
        }
        assert_eq!(get("/pkg/none-ba7816bf8f01cfea.js", "").header("cache-control"), "no-cache");
        assert_eq!(ask(at, "POST", "/", "Content-Length: 0\r\n").status, 404);
        assert_eq!(get("/healthz", "").body, b"ok");
    });
}

#[test]
fn a_page_that_is_not_built_is_said_in_a_sentence() {
    let folder = tempfile::tempdir().unwrap();
    serving(folder.path(), |at| {
        let answer = ask(at, "GET", "/", "");
        let text = String::from_utf8(answer.body).unwrap();
        assert_eq!(answer.status, 503);
        assert!(text.contains("make build") && text.contains("--page"), "{text}");
    });
}

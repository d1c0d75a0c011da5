//! A server on a home and a page of its own.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use tokio::sync::oneshot;
use tunemask::server::{Access, Limits, ServeOptions, Server};
use tunemask_engine::Device;

/// Options of a server on a port of the system's choice, with a home and a page in this folder.
pub fn options(folder: &std::path::Path) -> ServeOptions {
    ServeOptions {
        host: "127.0.0.1".into(),
        port: 0,
        home: folder.join("home"),
        page: Some(folder.join("page")),
        device: Device::cpu(),
        workers: tunemask::lab::Workers::Own,
        access: Access::default(),
        limits: Limits::default(),
    }
}

/// What a test sees of it.
pub struct Served {
    pub address: SocketAddr,
    pub home: PathBuf,
    pub page: PathBuf,
    pub urls: Vec<String>,
}

/// Serves while `test` runs on another thread.
pub fn serving(change: impl FnOnce(&mut ServeOptions), test: impl FnOnce(&Served) + Send + 'static) {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options(folder.path());
    let page = folder.path().join("page");
    fs::create_dir(&page).unwrap();
    fs::write(page.join("index.html"), "<!doctype html><script src=\"./pkg/a.js\"></script>").unwrap();
    fs::write(page.join("a.js"), "script").unwrap();
    change(&mut options);
    let lab = super::open(&options.home);
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let server = Server::bind(&options).await.unwrap();
        let (address, urls) = (server.address(), server.urls(&options.home).unwrap());
        let served = Served { address, home: options.home.clone(), page, urls };
        let (stop, stopped) = oneshot::channel();
        let running = tokio::spawn(server.run(lab, async { _ = stopped.await }));
        let tested = tokio::task::spawn_blocking(move || test(&served)).await;
        stop.send(()).unwrap();
        running.await.unwrap().unwrap();
        tested.unwrap();
    });
}

//! The websocket from outside: a real server on a port of the system's choice, real clients, real training.

mod questions;
mod refusals;
mod watching;

use crate::support::open;
use std::net::SocketAddr;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tunemask::lab::Lab;
use tunemask::server::{Access, Limits, ServeOptions, Server};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::watched::{Detail, Watch};

struct Served {
    address: SocketAddr,
    lab: Lab,
    _stop: oneshot::Sender<()>,
    _home: TempDir,
}

async fn served() -> Served {
    served_within(Limits::default()).await
}

async fn served_within(limits: Limits) -> Served {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let options = ServeOptions {
        host: "127.0.0.1".into(),
        port: 0,
        home: home.path().to_owned(),
        page: Some(home.path().join("none")),
        device: tunemask_engine::Device::cpu(),
        workers: tunemask::lab::Workers::Own,
        access: Access::default(),
        limits,
    };
    let server = Server::bind(&options).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let address = server.address();
    tokio::spawn(server.run(lab.clone(), async { _ = stopped.await }));
    Served { address, lab, _stop: stop, _home: home }
}

fn watch(experiment_id: ExperimentId, detail: Detail) -> Watch {
    Watch { experiment_id, detail }
}

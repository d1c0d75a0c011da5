//! A server to ask, without a network: everything that stands between a connection and the interface.

use crate::lab::{Lab, LabOptions, OlderQueue, Update};
use crate::server::access::{Door, Peer, Proxy, Sites};
use crate::server::api;
use crate::server::bundle::Bundle;
use crate::server::connections::Limits;
use crate::server::request_worker::RequestWorker;
use crate::server::{files, guard};
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request};
use std::net::IpAddr;
use tempfile::TempDir;
use tower::ServiceExt;
use tunemask_engine::Device;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;

pub const TOKEN: &str = "abcdefghijklmnop";
const HOST: &str = "127.0.0.1:3000";

/// A server on a home of its own.
pub struct Rig {
    pub lab: Lab,
    pub worker: RequestWorker,
    pub router: Router,
    _home: TempDir,
}

/// What it answered.
pub struct Answer {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Rig {
    pub fn new() -> Self {
        let home = tempfile::tempdir().unwrap();
        let (older_queue, device) = (OlderQueue::Continue, Device::cpu());
        let lab = Lab::open(&LabOptions { home: home.path().into(), older_queue, device }).unwrap();
        let here: IpAddr = [127, 0, 0, 1].into();
        let door = Door {
            proxy: Proxy::Untold,
            sites: Sites::new(here, None, Vec::new()),
            token: TOKEN.parse().unwrap(),
            port: 3000,
        };
        let worker = RequestWorker::new(lab.clone());
        let interface = api::routes(worker.clone(), Limits::default());
        std::fs::write(home.path().join("index.html"), "<!doctype html>").unwrap();
        let page = files::routes(Bundle::new(Some(home.path())));
        Self { lab, worker, router: guard::protect(interface.merge(page), door), _home: home }
    }

    /// Asks for something with these headers, each of which replaces the usual one.
    pub async fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Body) -> Answer {
        let mut request = Request::builder().method(method).uri(path).body(body).unwrap();
        let usual = [("host", HOST), ("authorization", "Bearer abcdefghijklmnop")];
        for (name, value) in usual.iter().chain(headers) {
            let name: axum::http::HeaderName = name.parse().unwrap();
            request.headers_mut().insert(name, value.parse().unwrap());
        }
        // A program of nobody that is known.
        request.extensions_mut().insert(Peer::new([192, 0, 2, 1].into(), None));
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap().to_vec();
        Answer { status: head.status.as_u16(), headers: head.headers, body }
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], Body::empty()).await
    }

    /// Trains an experiment to its end.
    pub async fn train(&self, experiment: Experiment) -> ExperimentId {
        let lab = self.lab.clone();
        let trained = tokio::task::spawn_blocking(move || {
            let mut heard = lab.subscribe();
            let id = lab.submit(&experiment).unwrap();
            let over = || {
                let state = lab.state();
                state.experiments[&id].runs.iter().all(|run| state.runs[run].status.is_over())
            };
            while !over() {
                match heard.blocking_next().expect("the lab goes on") {
                    Update::Failed(error) => panic!("{error}"),
                    Update::Snapshot(_) | Update::Events(_) | Update::Waits(_) => {}
                }
            }
            id
        });
        trained.await.unwrap()
    }
}

/// Two runs of a second on the built-in model.
pub fn small() -> Experiment {
    Experiment {
        name: "small".into(),
        tasks: vec!["sentiment".into()],
        masks: vec!["layernorms".into(), "frozen".into()],
        learning_rates: vec![1e-3],
        seeds: vec![1],
        epochs: Some(1),
        train_limit: Some(24),
        eval_limit: Some(20),
        ..Experiment::default()
    }
}

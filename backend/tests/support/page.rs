//! A page as the server sees it: a real websocket, folding what it hears as the protocol says.

use futures_util::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Instant;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async};
use tunemask_shared::buckets::{Buckets, most_buckets};
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::frame::expand;
use tunemask_shared::overview::Overview;
use tunemask_shared::protocol::{FromPage, FromServer, PROTOCOL_VERSION, RunSeries};
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::{Detail, Watch};

pub type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

/// Opens a socket at a path, with these headers beside the usual ones.
pub async fn connect(
    address: SocketAddr,
    path: &str,
    headers: &[(&'static str, &str)],
) -> Result<Socket, Error> {
    let mut request = format!("ws://{address}{path}").into_client_request()?;
    for (name, value) in headers {
        request.headers_mut().insert(*name, value.parse().unwrap());
    }
    Ok(connect_async(request).await?.0)
}

/// One page.
pub struct Page {
    pub socket: Socket,
    pub overview: Overview,
    /// The part that is watched, behind which the server goes on.
    pub state: LabState,
    pub events: Vec<Event>,
    pub series: BTreeMap<RunId, (u64, Buckets)>,
}

impl Page {
    /// Opens a socket and says hello.
    pub async fn open(address: SocketAddr) -> Self {
        let socket = connect(address, "/ws", &[("origin", &format!("http://{address}"))]).await.unwrap();
        let (overview, state) = (Overview::default(), LabState::default());
        let mut page = Self { socket, overview, state, events: Vec::new(), series: BTreeMap::new() };
        page.say(&FromPage::Hello { protocol: PROTOCOL_VERSION }).await;
        assert!(matches!(page.hear().await, FromServer::Welcome { .. }));
        // A heartbeat may come before it.
        while !matches!(page.hear().await, FromServer::Snapshot { .. }) {}
        page
    }

    pub async fn say(&mut self, message: &FromPage) {
        self.say_text(serde_json::to_string(message).unwrap()).await;
    }

    pub async fn say_text(&mut self, text: String) {
        self.socket.send(Message::Text(text.into())).await.unwrap();
    }

    /// The next message, folded; `None` when the socket ends.
    pub async fn try_hear(&mut self) -> Option<FromServer> {
        let text = self.try_hear_text().await?;
        let message = serde_json::from_str(&text).unwrap_or_else(|e| panic!("{e}: {text}"));
        self.fold(&message);
        Some(message)
    }

    /// The next message as it came; `None` when the socket ends.
    pub async fn try_hear_text(&mut self) -> Option<String> {
        loop {
            match timeout(crate::support::PATIENCE, self.socket.next()).await.expect("the server speaks")? {
                Ok(Message::Text(text)) => return Some(text.to_string()),
                Ok(Message::Binary(data)) => return Some(String::from_utf8(expand(&data).unwrap()).unwrap()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    /// The reason with which the server closes the socket, when all else was heard; `None` if it gives none.
    pub async fn farewell(&mut self) -> Option<String> {
        loop {
            match timeout(crate::support::PATIENCE, self.socket.next()).await.expect("the socket ends")? {
                Ok(Message::Close(frame)) => return frame.map(|frame| frame.reason.to_string()),
                Ok(_) => {}
                Err(_) => return None,
            }
        }
    }

    pub async fn hear(&mut self) -> FromServer {
        self.try_hear().await.expect("the socket is open")
    }

    fn fold(&mut self, message: &FromServer) {
        match message {
            FromServer::Snapshot { overview } => self.overview = (**overview).clone(),
            FromServer::Changed { change } => self.overview.apply(change.clone()),
            FromServer::Watched { part, .. } => {
                self.state = (**part).clone();
                self.series.clear();
            }
            FromServer::Series { series, .. } => {
                for RunSeries { run, seq, buckets } in series {
                    self.series.insert(run.clone(), (*seq, buckets.clone()));
                }
            }
            FromServer::Events { after, events, .. } => {
                assert_eq!(*after, self.state.seq, "no line is missing or comes twice");
                for event in events {
                    assert!(event.seq > self.state.seq);
                    // What lies between concerns other experiments.
                    self.state.seq = event.seq - 1;
                    self.state.apply(event).unwrap();
                    match &event.kind {
                        EventKind::Points { run, points } => match self.series.get_mut(run) {
                            Some((seq, whole)) if event.seq > *seq => whole.extend(points),
                            Some(_) => {}
                            None if points.step.first() == Some(&1) => {
                                let buckets = Buckets::of(points, most_buckets(self.state.runs.len()));
                                self.series.insert(run.clone(), (event.seq, buckets));
                            }
                            None => {}
                        },
                        EventKind::Queued { run, .. } => {
                            if let Some((seq, whole)) = self.series.get_mut(run)
                                && event.seq > *seq
                            {
                                *whole = Buckets::new(whole.most());
                            }
                        }
                        _ => {}
                    }
                }
                self.events.extend(events.iter().cloned());
            }
            _ => {}
        }
    }

    /// Listens until `done` holds.
    pub async fn until(&mut self, what: &str, done: impl Fn(&LabState) -> bool) {
        let begin = Instant::now();
        while !done(&self.state) {
            assert!(begin.elapsed() < crate::support::PATIENCE, "{what}");
            self.hear().await;
        }
    }

    /// Listens until `done` holds of what every page knows.
    pub async fn until_overview(&mut self, what: &str, done: impl Fn(&Overview) -> bool) {
        let begin = Instant::now();
        while !done(&self.overview) {
            assert!(begin.elapsed() < crate::support::PATIENCE, "{what}");
            self.hear().await;
        }
    }

    /// Watches all runs of an experiment, and listens until they have come.
    pub async fn watch(&mut self, id: ExperimentId) {
        self.show(vec![Watch { experiment_id: id, detail: Detail::Runs }]).await;
    }

    /// Watches this from now on, and listens until it has come.
    pub async fn show(&mut self, watch: Vec<Watch>) {
        self.say(&FromPage::Watch { watch: watch.clone() }).await;
        while !matches!(self.hear().await, FromServer::Watched { watch: came, .. } if came == watch) {}
    }

    /// Listens until a message that is no delta and no heartbeat comes.
    pub async fn answer(&mut self) -> FromServer {
        loop {
            match self.hear().await {
                FromServer::Events { .. } | FromServer::Series { .. } => {}
                FromServer::Snapshot { .. } | FromServer::Welcome { .. } => {}
                FromServer::Changed { .. } | FromServer::Watched { .. } => {}
                answer => return answer,
            }
        }
    }

    /// Starts an experiment and watches it, as a page does.
    pub async fn start(&mut self, experiment: Experiment) -> ExperimentId {
        self.say(&FromPage::Start { request: 7, experiment: Box::new(experiment) }).await;
        match self.answer().await {
            FromServer::Accepted { request: 7, experiment_id } => {
                let known = self.overview.experiments.contains_key(&experiment_id);
                assert!(known, "it is known when it is accepted");
                self.watch(experiment_id).await;
                experiment_id
            }
            other => panic!("{other:?}"),
        }
    }

    pub async fn until_over(&mut self, id: ExperimentId) {
        if self.state.experiments.contains_key(&id) {
            let over = |s: &LabState| s.experiments[&id].runs.iter().all(|run| s.runs[run].status.is_over());
            return self.until("every run is over", over).await;
        }
        let over = |o: &Overview| o.experiments.get(&id).is_some_and(|s| !s.progress.is_active());
        self.until_overview("every run is over", over).await;
    }

    pub async fn refusal(&mut self) -> String {
        match self.answer().await {
            FromServer::Refused { reason, .. } => reason,
            other => panic!("{other:?}"),
        }
    }
}

use super::clerk;
use super::outbox::Outbox;
use super::reports::Reports;
use crate::lab::{Lab, Subscription, Update};
use axum::Router;
use axum::extract::State;
use axum::extract::ws::{CloseFrame, Message, Utf8Bytes, WebSocket, WebSocketUpgrade, close_code};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use futures_util::FutureExt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};
use tokio::time::{Instant, interval_at, sleep_until, timeout};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::protocol::{
    FromPage, FromServer, MAX_MESSAGE_BYTES, PROTOCOL_VERSION, SIGN_OF_LIFE_SECS,
};
use tunemask_shared::run::RunId;

/// Sockets at once: browsers open few, a faulty script many.
const SOCKETS: usize = 64;
/// Requests of one page that may wait.
const REQUESTS: usize = 32;
/// How long a page may take to read a message, before it counts as gone.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often each side is shown that the other is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(SIGN_OF_LIFE_SECS);

#[derive(Clone)]
struct Hub {
    lab: Lab,
    reports: Arc<Reports>,
    room: Arc<Semaphore>,
    closed: watch::Receiver<bool>,
}

/// `/ws`. Sockets end when `closed` turns true.
pub(super) fn routes(lab: Lab, closed: watch::Receiver<bool>) -> Router {
    let hub = Hub { lab, reports: Arc::default(), room: Arc::new(Semaphore::new(SOCKETS)), closed };
    Router::new().route("/ws", any(upgrade)).with_state(hub)
}

async fn upgrade(State(hub): State<Hub>, upgrade: WebSocketUpgrade) -> Response {
    let Ok(seat) = hub.room.clone().try_acquire_owned() else {
        let why = format!("{SOCKETS} pages are open already; close some");
        return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
    };
    upgrade
        .max_message_size(MAX_MESSAGE_BYTES)
        .max_frame_size(MAX_MESSAGE_BYTES)
        .on_upgrade(move |socket| attend(hub, socket, seat))
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The page is gone, or does not read.
    Gone,
    /// It is told why.
    Said(u16, &'static str),
}

async fn attend(hub: Hub, socket: WebSocket, _seat: OwnedSemaphorePermit) {
    let (ask, asked) = channel(REQUESTS);
    let (answers, answered) = channel(REQUESTS);
    tokio::spawn(clerk::work(hub.lab.clone(), hub.reports, asked, answers));
    let mut page =
        Page { lab: hub.lab, socket, outbox: Outbox::new(), subscription: None, watched: None, ask };
    let end = page.serve(answered, hub.closed).await;
    if let Err(End::Said(code, reason)) = end {
        let reason = Utf8Bytes::from_static(reason);
        let farewell = Message::Close(Some(CloseFrame { code, reason }));
        // It may be gone already.
        _ = timeout(Duration::from_secs(1), page.socket.send(farewell)).await;
    }
}

/// One page's connection.
struct Page {
    lab: Lab,
    socket: WebSocket,
    outbox: Outbox,
    subscription: Option<Subscription>,
    watched: Option<ExperimentId>,
    ask: Sender<FromPage>,
}

impl Page {
    async fn serve(
        &mut self,
        mut answered: Receiver<FromServer>,
        mut closed: watch::Receiver<bool>,
    ) -> Result<(), End> {
        let mut sign_of_life = interval_at(Instant::now() + SIGN_OF_LIFE, SIGN_OF_LIFE);
        loop {
            let due = self.outbox.due();
            tokio::select! {
                message = self.socket.recv() => match message {
                    Some(Ok(message)) => self.heard(message).await?,
                    Some(Err(error)) => return Err(unreadable(&error)),
                    None => return Err(End::Gone),
                },
                update = next(&mut self.subscription) => self.updated(update).await?,
                Some(answer) = answered.recv() => {
                    // Whatever the answer speaks of was written before: it goes out first.
                    while let Some(update) = next(&mut self.subscription).now_or_never() {
                        self.updated(update).await?;
                    }
                    self.outbox.answer(answer);
                }
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    for message in self.outbox.take() {
                        self.say(&message).await?;
                    }
                }
                _ = sign_of_life.tick() => self.show_life().await?,
                () = ended(&mut closed) => {
                    return Err(End::Said(close_code::AWAY, "tunemask was stopped"));
                }
            }
        }
    }

    async fn heard(&mut self, message: Message) -> Result<(), End> {
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return self.refuse("send text, not bytes".into()).await,
            Message::Close(_) => return Err(End::Gone),
            // The library answers pings.
            Message::Ping(_) | Message::Pong(_) => return Ok(()),
        };
        match serde_json::from_str(&text) {
            Err(error) => self.refuse(format!("the message cannot be read: {error}")).await,
            Ok(FromPage::Hello { protocol }) => self.welcome(protocol).await,
            Ok(_) if self.subscription.is_none() => self.refuse("say hello first".into()).await,
            Ok(FromPage::Watch { experiment_id }) => self.watch(experiment_id).await,
            Ok(other) => match self.ask.try_send(other) {
                Ok(()) => Ok(()),
                Err(_) => self.refuse("too many requests at once; wait for the answers".into()).await,
            },
        }
    }

    async fn greet(&mut self) -> Result<(), End> {
        let (version, device) = (env!("CARGO_PKG_VERSION").to_owned(), self.lab.device());
        self.say(&FromServer::Welcome { protocol: PROTOCOL_VERSION, version, device }).await
    }

    /// A page's script does not see pings, so one that said hello is greeted again.
    async fn show_life(&mut self) -> Result<(), End> {
        match self.subscription {
            Some(_) => self.greet().await,
            None => self.send(Message::Ping(Default::default())).await,
        }
    }

    async fn welcome(&mut self, protocol: u32) -> Result<(), End> {
        self.greet().await?;
        if protocol == PROTOCOL_VERSION {
            self.watched = None;
            self.subscription = Some(self.lab.subscribe());
        }
        Ok(())
    }

    async fn updated(&mut self, update: Option<Update>) -> Result<(), End> {
        match update {
            Some(Update::Events(events)) => {
                self.outbox.add(&events);
                Ok(())
            }
            Some(Update::Snapshot(state)) => {
                self.outbox.clear_events();
                self.outbox.watch([]);
                self.say(&FromServer::Snapshot { state }).await?;
                match self.watched {
                    Some(experiment_id) => self.watch(Some(experiment_id)).await,
                    None => Ok(()),
                }
            }
            Some(Update::Waits(Some(trouble))) => self.refuse(trouble.to_string()).await,
            Some(Update::Waits(None)) => Ok(()),
            Some(Update::Failed(error)) => self.refuse(error.to_string()).await,
            None => Err(End::Said(close_code::AWAY, "tunemask was stopped")),
        }
    }

    async fn watch(&mut self, experiment_id: Option<ExperimentId>) -> Result<(), End> {
        self.outbox.watch([]);
        self.watched = None;
        let Some(experiment_id) = experiment_id else { return Ok(()) };
        let Some(runs) = self.lab.runs(experiment_id) else {
            return self.refuse(format!("there is no experiment {experiment_id}")).await;
        };
        for run in &runs {
            let series = series(self.lab.clone(), experiment_id, run.clone()).await?;
            self.say(&series).await?;
        }
        self.watched = Some(experiment_id);
        self.outbox.watch(runs);
        Ok(())
    }

    async fn refuse(&mut self, reason: String) -> Result<(), End> {
        self.say(&FromServer::Refused { reason }).await
    }

    async fn say(&mut self, message: &FromServer) -> Result<(), End> {
        let text = serde_json::to_string(message).map_err(|error| {
            tracing::error!("a message cannot be written: {error}");
            End::Said(close_code::ERROR, "a fault of tunemask itself")
        })?;
        self.send(Message::Text(text.into())).await
    }

    async fn send(&mut self, message: Message) -> Result<(), End> {
        match timeout(PATIENCE, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(End::Gone),
        }
    }
}

/// All points of a run, read on a thread that may block.
async fn series(lab: Lab, experiment_id: ExperimentId, run: RunId) -> Result<FromServer, End> {
    let read = tokio::task::spawn_blocking(move || match lab.series(&run) {
        Ok((seq, points)) => FromServer::Series { experiment_id, run, seq, points },
        Err(error) => FromServer::Refused { reason: error.to_string() },
    });
    read.await.map_err(|_| End::Said(close_code::ERROR, "a fault of tunemask itself"))
}

/// Ready when the server ends.
async fn ended(closed: &mut watch::Receiver<bool>) {
    // An error means that the server is gone already.
    _ = closed.wait_for(|closed| *closed).await;
}

/// What the lab says next; nothing, before the page has said hello.
async fn next(subscription: &mut Option<Subscription>) -> Option<Update> {
    match subscription {
        Some(subscription) => subscription.next().await,
        None => std::future::pending().await,
    }
}

/// A frame that breaks the rules, or is too long, ends the connection.
fn unreadable(error: &axum::Error) -> End {
    tracing::debug!("a socket ends: {error}");
    End::Said(close_code::SIZE, "messages are text of at most 1 MiB")
}

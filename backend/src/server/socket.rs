use super::access::Peer;
use super::clerk::{self, Desk};
use super::connections::{Full, Limits, Share, Shares};
use super::outbox::Outbox;
use super::snapshots::Snapshots;
use super::wire::{self, Gone, Wire};
use crate::lab::{Lab, Subscription, Update};
use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::watch;
use tokio::time::{Instant, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::protocol::{
    FromPage, FromServer, MAX_MESSAGE_BYTES, PROTOCOL_VERSION, SIGN_OF_LIFE_SECS,
};
use tunemask_shared::run::RunId;

/// Requests of one page that may wait.
const REQUESTS: usize = 32;
/// Longest message that is taken in at all; one between this and [`MAX_MESSAGE_BYTES`] is refused in a sentence.
const MOST_BYTES: usize = 4 * MAX_MESSAGE_BYTES;
/// Pings within the time that a page may be silent.
const PINGS: u32 = 3;
/// How often a page is shown that the server is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(SIGN_OF_LIFE_SECS);

#[derive(Clone)]
struct Hub {
    lab: Lab,
    desk: Desk,
    snapshots: Arc<Snapshots>,
    seats: Shares,
    limits: Limits,
    closed: watch::Receiver<bool>,
}

/// `/ws`. Sockets end when `closed` turns true.
pub(super) fn routes(lab: Lab, limits: Limits, closed: watch::Receiver<bool>) -> Router {
    let seats = Shares::new(limits.sockets, limits.sockets_of_one);
    let hub = Hub { desk: Desk::new(lab.clone()), lab, snapshots: Arc::default(), seats, limits, closed };
    Router::new().route("/ws", get(upgrade)).with_state(hub)
}

async fn upgrade(State(hub): State<Hub>, Extension(peer): Extension<Peer>, request: Request) -> Response {
    let seat = match hub.seats.take(peer.key()) {
        Ok(seat) => seat,
        Err(full) => {
            let why = match full {
                Full::ForAll(most) => format!("{most} pages are open already; close some"),
                Full::ForOne(most) => format!("{most} pages of yours are open already; close some"),
            };
            return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
        }
    };
    let patience = hub.limits.message;
    wire::upgrade(request, MOST_BYTES, patience, move |wire| attend(hub, wire, seat))
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The page is gone, or does not read.
    Gone,
    /// It is told why.
    Said(CloseCode, &'static str),
}

impl From<Gone> for End {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

/// What should not happen.
const FAULT: End = End::Said(CloseCode::Error, "a fault of tunemask itself");

async fn attend(hub: Hub, wire: Wire<TokioIo<Upgraded>>, _seat: Share) {
    let (ask, asked) = channel(REQUESTS);
    let (answers, answered) = channel(REQUESTS);
    tokio::spawn(clerk::work(hub.desk, asked, answers));
    let mut page = Page {
        lab: hub.lab,
        snapshots: hub.snapshots,
        wire,
        outbox: Outbox::new(),
        subscription: None,
        watched: None,
        ask,
        greeted: false,
        unanswered: 0,
        limits: hub.limits,
    };
    let end = page.serve(answered, hub.closed).await;
    if let Err(End::Said(code, reason)) = end {
        let reason = Utf8Bytes::from_static(reason);
        let farewell = Message::Close(Some(CloseFrame { code, reason }));
        // It may be gone already.
        _ = timeout(Duration::from_secs(1), page.wire.send(farewell)).await;
    }
}

/// One page's connection.
struct Page {
    lab: Lab,
    snapshots: Arc<Snapshots>,
    wire: Wire<TokioIo<Upgraded>>,
    outbox: Outbox,
    subscription: Option<Subscription>,
    watched: Option<ExperimentId>,
    ask: Sender<FromPage>,
    /// Whether it has said hello.
    greeted: bool,
    /// Pings since anything came from it, an answer to one of them too.
    unanswered: u32,
    limits: Limits,
}

impl Page {
    async fn serve(
        &mut self,
        mut answered: Receiver<FromServer>,
        mut closed: watch::Receiver<bool>,
    ) -> Result<(), End> {
        let begin = Instant::now();
        let mut sign_of_life = interval_at(begin + SIGN_OF_LIFE, SIGN_OF_LIFE);
        let listen = self.limits.silence / PINGS;
        let mut listen = interval_at(begin + listen, listen);
        for timer in [&mut sign_of_life, &mut listen] {
            // What is late is late: several at once say no more than one.
            timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
        }
        loop {
            let due = self.outbox.due();
            tokio::select! {
                message = self.wire.next() => match message {
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
                _ = listen.tick() => self.listen().await?,
                () = sleep_until(begin + self.limits.hello), if !self.greeted => {
                    return Err(End::Said(CloseCode::Policy, "no hello came"));
                }
                () = ended(&mut closed) => {
                    return Err(End::Said(CloseCode::Away, "tunemask was stopped"));
                }
            }
        }
    }

    async fn heard(&mut self, message: Message) -> Result<(), End> {
        self.unanswered = 0;
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return self.refuse("send text, not bytes".into()).await,
            Message::Close(_) => return Err(End::Gone),
            // The library answers pings.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
        };
        if text.len() > MAX_MESSAGE_BYTES {
            let (length, most) = (text.len(), MAX_MESSAGE_BYTES);
            return self.refuse(format!("the message has {length} bytes; at most {most} are read")).await;
        }
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
            None => Ok(()),
        }
    }

    /// Asks for an answer, which browsers give without their pages; ends if none came for long.
    async fn listen(&mut self) -> Result<(), End> {
        if self.unanswered >= PINGS {
            return Err(End::Said(CloseCode::Policy, "nothing was heard for a while"));
        }
        self.unanswered += 1;
        Ok(self.wire.send(Message::Ping(Default::default())).await?)
    }

    async fn welcome(&mut self, protocol: u32) -> Result<(), End> {
        self.greet().await?;
        self.greeted = true;
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
                let seq = state.seq;
                // Not held while it is written: see `Feed::state`.
                drop(state);
                let written = self.snapshots.at_least(&self.lab, seq).await.ok_or(FAULT)?;
                self.outbox.start_behind(written.seq);
                self.outbox.watch([]);
                self.wire.send_text(written.text).await?;
                match self.watched {
                    Some(experiment_id) => self.watch(Some(experiment_id)).await,
                    None => Ok(()),
                }
            }
            Some(Update::Waits(Some(trouble))) => self.refuse(trouble.to_string()).await,
            Some(Update::Waits(None)) => Ok(()),
            Some(Update::Failed(error)) => self.refuse(error.to_string()).await,
            // What cannot be written was said before; the program ends a moment later.
            None if self.lab.failure().is_some() => {
                Err(End::Said(CloseCode::Away, "the log cannot be written any more, so tunemask ends"))
            }
            None => Err(End::Said(CloseCode::Away, "tunemask was stopped")),
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
            FAULT
        })?;
        Ok(self.wire.send_text(text.into()).await?)
    }
}

/// All points of a run, read on a thread that may block.
async fn series(lab: Lab, experiment_id: ExperimentId, run: RunId) -> Result<FromServer, End> {
    let read = tokio::task::spawn_blocking(move || match lab.series(&run) {
        Ok((seq, points)) => FromServer::Series { experiment_id, run, seq, points },
        Err(error) => FromServer::Refused { reason: error.to_string() },
    });
    read.await.map_err(|_| FAULT)
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
fn unreadable(error: &Error) -> End {
    tracing::debug!("a socket ends: {error}");
    match error {
        Error::Capacity(_) => End::Said(CloseCode::Size, "the message is far too long"),
        Error::Protocol(_) | Error::Utf8(_) => {
            End::Said(CloseCode::Protocol, "that is not a websocket's message")
        }
        _ => End::Gone,
    }
}

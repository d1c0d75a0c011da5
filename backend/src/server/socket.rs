//! One page's connection, from its upgrade to its close.
//!
//! 1. A request for `/ws` is upgraded if its peer has a place left (`Shares`). The place is given back when the
//!    connection ends, however it ends.
//! 2. The page says `Hello` within `Limits::hello`, else the connection is closed. If it speaks this
//!    version of the protocol it hears `Welcome`, is subscribed to the lab, and gets a snapshot and then every line behind it;
//!    else it hears `OtherVersion` alone.
//! 3. Lines gather in a `SendQueue`, which lets them out at most ten times a second. A page that does not keep up gets a
//!    new snapshot instead of what it missed; one that takes longer than `Limits::message` for a message is given up.
//! 4. `Hello` and `Watch` are answered here. All other requests may take long: they go to a `RequestWorker` in a task of
//!    its own, and their answers come back through a channel. An answer goes out behind the lines that it relies on.
//! 5. Every three seconds the page hears `Welcome` again, as a heartbeat: it knows by it that the server is there. The
//!    browser is sent pings, which it answers without its page; if nothing at all comes for `Limits::silence` the
//!    connection is closed.
//! 6. When the server shuts down the page is told so in a close frame. What it asked for is still carried out: the worker's
//!    task ends when it has emptied its queue. Answers of which nobody hears are dropped.
//!
//! Odd input: a message that cannot be read, or comes before `Hello`, or is longer than `MAX_MESSAGE_BYTES`, is refused in
//! a sentence and the connection goes on. A frame that breaks the rules of websockets or is far too long ends it.

use super::access::Peer;
use super::connections::{Full, Limits, Share, Shares};
use super::request_worker::RequestWorker;
use super::send_queue::SendQueue;
use super::snapshots::Snapshots;
use super::wire::{self, Gone, Wire};
use crate::lab::{Lab, Subscription, Update};
use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use futures_util::FutureExt;
use serde::Serialize;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::sync::watch;
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{Error, Message, Utf8Bytes};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::protocol::{
    FromPage, FromServer, HEARTBEAT_SECS, MAX_MESSAGE_BYTES, OtherVersion, PROTOCOL_VERSION,
};
use tunemask_shared::run::RunId;

/// The program's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Requests of one page that may wait; those beyond are refused.
const MAX_REQUESTS: usize = 32;
/// Longest message that is taken in at all; one between this and [`MAX_MESSAGE_BYTES`] is refused in a sentence.
const MAX_FRAME_BYTES: usize = 4 * MAX_MESSAGE_BYTES;
/// Pings within the time that a page may be silent.
const PINGS: u32 = 3;
/// How often a page is shown that the server is there.
const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECS);
/// How long a page may take to hear why its connection is closed.
const CLOSING: Duration = Duration::from_secs(1);

/// What all connections share.
#[derive(Clone)]
struct AppState {
    lab: Lab,
    /// Carries out requests that may take long; at most so many at once, of all pages.
    worker: RequestWorker,
    /// The latest snapshot as text: pages that come together get the same bytes.
    snapshots: Arc<Snapshots>,
    /// Places for connections, of which one peer may have a part only.
    places: Shares,
    limits: Limits,
    /// Turns true when the server shuts down; every connection ends then.
    shutdown: watch::Receiver<bool>,
}

/// `/ws`. Connections end when `shutdown` turns true.
pub(super) fn routes(lab: Lab, limits: Limits, shutdown: watch::Receiver<bool>) -> Router {
    let places = Shares::new(limits.sockets, limits.sockets_of_one);
    let worker = RequestWorker::new(lab.clone());
    let state = AppState { lab, worker, snapshots: Arc::default(), places, limits, shutdown };
    Router::new().route("/ws", get(upgrade)).with_state(state)
}

async fn upgrade(
    State(state): State<AppState>,
    Extension(peer): Extension<Peer>,
    request: Request,
) -> Response {
    let place = match state.places.take(peer.key()) {
        Ok(place) => place,
        Err(full) => {
            let why = match full {
                Full::ForAll(most) => format!("{most} pages are open already; close some"),
                Full::ForOne(most) => format!("{most} pages of yours are open already; close some"),
            };
            return (StatusCode::SERVICE_UNAVAILABLE, why).into_response();
        }
    };
    let patience = state.limits.message;
    wire::upgrade(request, MAX_FRAME_BYTES, patience, move |wire| serve(state, wire, place))
}

/// Serves one page until its connection ends; gives its place back then.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(state: AppState, wire: Wire<S>, _place: Share) {
    let (requests, requested) = channel(MAX_REQUESTS);
    let (answers, answered) = channel(MAX_REQUESTS);
    tokio::spawn(state.worker.run(requested, answers));
    let mut connection = Connection {
        lab: state.lab,
        snapshots: state.snapshots,
        wire,
        queue: SendQueue::new(),
        subscription: None,
        watched: None,
        requests,
        said_hello: false,
        unanswered_pings: 0,
        limits: state.limits,
    };
    if let Err(End::Close { code, reason }) = connection.run(answered, state.shutdown).await {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        // It may be gone already.
        _ = timeout(CLOSING, connection.wire.send(Message::Close(Some(frame)))).await;
    }
}

/// Why a connection ends.
#[derive(Debug)]
enum End {
    /// The page is gone, or does not read.
    Gone,
    /// It is told why.
    Close { code: CloseCode, reason: &'static str },
}

impl End {
    const fn close(code: CloseCode, reason: &'static str) -> Self {
        Self::Close { code, reason }
    }
}

impl From<Gone> for End {
    fn from(Gone: Gone) -> Self {
        Self::Gone
    }
}

/// What should not happen.
const FAULT: End = End::close(CloseCode::Error, "a fault of tunemask itself");

/// The state of one page's connection.
struct Connection<S> {
    lab: Lab,
    snapshots: Arc<Snapshots>,
    wire: Wire<S>,
    /// Lines and answers that are not sent yet.
    queue: SendQueue,
    /// What the lab writes; `None` before the page has said hello in this version of the protocol.
    subscription: Option<Subscription>,
    /// The experiment whose points the page gets whole. Series are sent again after every snapshot.
    watched: Option<ExperimentId>,
    /// To the page's worker; dropped with the connection, so that the worker ends when it has done what was asked.
    requests: Sender<FromPage>,
    /// Whether the page has said hello, in whatever version.
    said_hello: bool,
    /// Pings since anything came from the page, an answer to one of them too.
    unanswered_pings: u32,
    limits: Limits,
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// Serves the page until there is a reason to end.
    async fn run(
        &mut self,
        mut answered: Receiver<FromServer>,
        mut shutdown: watch::Receiver<bool>,
    ) -> Result<(), End> {
        let begin = Instant::now();
        let mut heartbeat = every(HEARTBEAT);
        let mut ping = every(self.limits.silence / PINGS);
        loop {
            tokio::select! {
                message = self.wire.next() => match message {
                    Some(Ok(message)) => self.receive(message).await?,
                    Some(Err(error)) => return Err(unreadable(&error)),
                    None => return Err(End::Gone),
                },
                update = next(&mut self.subscription) => self.receive_update(update).await?,
                Some(answer) = answered.recv() => {
                    // Whatever the answer speaks of was written before: it goes out first.
                    while let Some(update) = next(&mut self.subscription).now_or_never() {
                        self.receive_update(update).await?;
                    }
                    self.queue.answer(answer);
                }
                () = self.queue.ready() => {
                    for message in self.queue.take() {
                        self.send(&message).await?;
                    }
                }
                _ = heartbeat.tick() => self.send_heartbeat().await?,
                _ = ping.tick() => self.ping().await?,
                () = sleep_until(begin + self.limits.hello), if !self.said_hello => {
                    return Err(End::close(CloseCode::Policy, "no hello came"));
                }
                () = ended(&mut shutdown) => {
                    return Err(End::close(CloseCode::Away, "tunemask was stopped"));
                }
            }
        }
    }

    /// Does what the page says, or hands it to the worker.
    async fn receive(&mut self, message: Message) -> Result<(), End> {
        self.unanswered_pings = 0;
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
            Ok(FromPage::Hello { protocol }) => self.receive_hello(protocol).await,
            Ok(_) if self.subscription.is_none() => self.refuse("say hello first".into()).await,
            Ok(FromPage::Watch { experiment_id }) => self.watch(experiment_id).await,
            Ok(other) => match self.requests.try_send(other) {
                Ok(()) => Ok(()),
                Err(_) => self.refuse("too many requests at once; wait for the answers".into()).await,
            },
        }
    }

    async fn receive_hello(&mut self, protocol: u32) -> Result<(), End> {
        self.said_hello = true;
        if protocol != PROTOCOL_VERSION {
            let device = self.lab.device();
            let other = OtherVersion { protocol: PROTOCOL_VERSION, version: VERSION.into(), device };
            return self.send(&other).await;
        }
        self.send_welcome().await?;
        self.watched = None;
        self.subscription = Some(self.lab.subscribe());
        Ok(())
    }

    async fn send_welcome(&mut self) -> Result<(), End> {
        self.send(&FromServer::Welcome { version: VERSION.into(), device: self.lab.device() }).await
    }

    /// Shows the page that the server is there. Its script does not see pings.
    async fn send_heartbeat(&mut self) -> Result<(), End> {
        match self.subscription {
            Some(_) => self.send_welcome().await,
            None => Ok(()),
        }
    }

    /// Asks for an answer, which browsers give without their pages; ends if none came for long.
    async fn ping(&mut self) -> Result<(), End> {
        if self.unanswered_pings >= PINGS {
            return Err(End::close(CloseCode::Policy, "nothing was heard for a while"));
        }
        self.unanswered_pings += 1;
        Ok(self.wire.send(Message::Ping(Default::default())).await?)
    }

    /// Puts what the lab wrote on its way to the page; a snapshot is sent at once.
    async fn receive_update(&mut self, update: Option<Update>) -> Result<(), End> {
        match update {
            Some(Update::Events(events)) => {
                self.queue.add(&events);
                Ok(())
            }
            Some(Update::Snapshot(state)) => {
                let seq = state.seq;
                // Not held while it is written: see `Feed::state`.
                drop(state);
                self.send_snapshot(seq).await
            }
            Some(Update::Waits(Some(trouble))) => self.refuse(trouble.to_string()).await,
            Some(Update::Waits(None)) => Ok(()),
            Some(Update::Failed(error)) => self.refuse(error.to_string()).await,
            // What cannot be written was said before; the program ends a moment later.
            None if self.lab.failure().is_some() => {
                Err(End::close(CloseCode::Away, "the log cannot be written any more, so tunemask ends"))
            }
            None => Err(End::close(CloseCode::Away, "tunemask was stopped")),
        }
    }

    /// Sends a snapshot that holds at least the lines up to `seq`, and the series of what the page watches.
    async fn send_snapshot(&mut self, seq: u64) -> Result<(), End> {
        let written = self.snapshots.at_least(&self.lab, seq).await.ok_or(FAULT)?;
        self.queue.start_behind(written.seq);
        self.queue.watch([]);
        self.wire.send_text(written.text).await?;
        match self.watched {
            Some(experiment_id) => self.watch(Some(experiment_id)).await,
            None => Ok(()),
        }
    }

    /// Sends the points of an experiment's runs, and from then on all that come; `None` watches nothing.
    async fn watch(&mut self, experiment_id: Option<ExperimentId>) -> Result<(), End> {
        self.queue.watch([]);
        self.watched = None;
        let Some(experiment_id) = experiment_id else { return Ok(()) };
        let Some(runs) = self.lab.runs(experiment_id) else {
            return self.refuse(format!("there is no experiment {experiment_id}")).await;
        };
        for run in &runs {
            let series = series(self.lab.clone(), experiment_id, run.clone()).await?;
            self.send(&series).await?;
        }
        self.watched = Some(experiment_id);
        self.queue.watch(runs);
        Ok(())
    }

    async fn refuse(&mut self, reason: String) -> Result<(), End> {
        self.send(&FromServer::Refused { reason }).await
    }

    async fn send(&mut self, message: &impl Serialize) -> Result<(), End> {
        let text = serde_json::to_string(message).map_err(|error| {
            tracing::error!("a message cannot be written: {error}");
            FAULT
        })?;
        Ok(self.wire.send_text(text.into()).await?)
    }
}

/// Ticks from one period on. What is late is late: several ticks at once say no more than one.
fn every(period: Duration) -> Interval {
    let mut timer = interval_at(Instant::now() + period, period);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}

/// All points of a run, read on a thread that may block.
async fn series(lab: Lab, experiment_id: ExperimentId, run: RunId) -> Result<FromServer, End> {
    let read = tokio::task::spawn_blocking(move || match lab.series(&run) {
        Ok((seq, points)) => FromServer::Series { experiment_id, run, seq, points },
        Err(error) => FromServer::Refused { reason: error.to_string() },
    });
    read.await.map_err(|_| FAULT)
}

/// Ready when the server shuts down.
async fn ended(shutdown: &mut watch::Receiver<bool>) {
    // An error means that the server is gone already.
    _ = shutdown.wait_for(|shutdown| *shutdown).await;
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
        Error::Capacity(_) => End::close(CloseCode::Size, "the message is far too long"),
        Error::Protocol(_) | Error::Utf8(_) => {
            End::close(CloseCode::Protocol, "that is not a websocket's message")
        }
        _ => End::Gone,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{LabOptions, OlderQueue};
    use futures_util::{SinkExt, StreamExt};
    use tokio::io::{AsyncReadExt, DuplexStream, duplex};
    use tokio_tungstenite::WebSocketStream;
    use tokio_tungstenite::tungstenite::protocol::Role;
    use tunemask_engine::Device;

    /// A page at the other end of a connection, with what must live as long.
    struct Client {
        socket: WebSocketStream<DuplexStream>,
        shutdown: watch::Sender<bool>,
        _home: tempfile::TempDir,
    }

    impl Client {
        async fn connect(limits: Limits) -> Self {
            let home = tempfile::tempdir().unwrap();
            let (older_queue, device) = (OlderQueue::Continue, Device::cpu());
            let lab = Lab::open(&LabOptions { home: home.path().into(), older_queue, device }).unwrap();
            let (near, far) = duplex(1 << 20);
            let (shutdown, closed) = watch::channel(false);
            let places = Shares::new(1, 1);
            let place = places.take(Peer::new([127, 0, 0, 1].into(), None).key()).unwrap();
            let worker = RequestWorker::new(lab.clone());
            let state = AppState { lab, worker, snapshots: Arc::default(), places, limits, shutdown: closed };
            let wire = Wire::new(near, MAX_FRAME_BYTES, limits.message).await;
            tokio::spawn(serve(state, wire, place));
            let socket = WebSocketStream::from_raw_socket(far, Role::Client, None).await;
            Self { socket, shutdown, _home: home }
        }

        async fn say_hello(&mut self) {
            let hello = FromPage::Hello { protocol: PROTOCOL_VERSION };
            self.socket.send(Message::text(serde_json::to_string(&hello).unwrap())).await.unwrap();
        }

        /// What comes next; the reason if the connection is closed. Pings are answered.
        async fn hear(&mut self) -> Result<FromServer, String> {
            loop {
                match self.socket.next().await {
                    Some(Ok(Message::Text(text))) => return Ok(serde_json::from_str(&text).unwrap()),
                    Some(Ok(Message::Close(frame))) => return Err(frame.unwrap().reason.to_string()),
                    Some(Ok(_)) => {}
                    other => return Err(format!("{other:?}")),
                }
            }
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_says_nothing_is_closed_when_its_time_is_over() {
        let limits = Limits::default();
        let mut client = Client::connect(limits).await;
        let begin = Instant::now();
        assert_eq!(client.hear().await.unwrap_err(), "no hello came");
        assert_eq!(begin.elapsed().as_secs(), limits.hello.as_secs());
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_is_there_hears_a_heartbeat_and_stays() {
        let limits = Limits::default();
        let mut client = Client::connect(limits).await;
        client.say_hello().await;
        assert!(matches!(client.hear().await, Ok(FromServer::Welcome { .. })));
        assert!(matches!(client.hear().await, Ok(FromServer::Snapshot { .. })));
        let begin = Instant::now();
        let mut last = begin;
        while begin.elapsed() < 10 * limits.silence {
            assert!(matches!(client.hear().await, Ok(FromServer::Welcome { .. })));
            assert!(last.elapsed() <= HEARTBEAT + Duration::from_millis(10), "{:?}", last.elapsed());
            last = Instant::now();
        }
        client.shutdown.send(true).unwrap();
        assert_eq!(client.hear().await.unwrap_err(), "tunemask was stopped");
    }

    #[tokio::test(start_paused = true)]
    async fn a_page_that_answers_no_ping_is_given_up() {
        let limits = Limits::default();
        let mut client = Client::connect(limits).await;
        client.say_hello().await;
        // It does not even read, as behind a cable that was pulled: frames are looked at when all is over.
        let Client { socket, shutdown: _shutdown, _home } = client;
        let mut stream = socket.into_inner();
        tokio::time::sleep(limits.silence + 2 * (limits.silence / PINGS)).await;
        let mut sent = Vec::new();
        stream.read_to_end(&mut sent).await.unwrap();
        let sent = String::from_utf8_lossy(&sent);
        assert!(sent.ends_with("nothing was heard for a while"), "{sent}");
        // All that time it was spoken to.
        let heartbeats = limits.silence.as_secs() / HEARTBEAT.as_secs();
        assert!(sent.matches("\"welcome\"").count() as u64 > heartbeats, "{sent}");
    }
}

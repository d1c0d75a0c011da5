//! The state of one page's connection, and what it does with what comes from either side.

use super::AppState;
use super::end::{End, FAULT, unreadable};
use super::series::UnsentSeries;
use crate::lab::{Lab, Subscription, Update};
use crate::server::connections::Limits;
use crate::server::latest_question::LatestQuestion;
use crate::server::overviews::{Freshness, Overviews};
use crate::server::parts::{Parts, Written};
use crate::server::send_queue::SendQueue;
use crate::server::shutdown::Shutdown;
use crate::server::wire::{Frame, Wire};
use futures_util::FutureExt;
use serde::Serialize;
use std::future::ready;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::error::TrySendError;
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::time::{Instant, Interval, MissedTickBehavior, interval_at, sleep_until, timeout};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::Utf8Bytes;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tunemask_shared::frame::LONG_BYTES;
use tunemask_shared::overview::Overview;
use tunemask_shared::protocol::{
    FromPage, FromServer, HEARTBEAT_SECS, MAX_MESSAGE_BYTES, OtherVersion, PROTOCOL_VERSION,
};
use tunemask_shared::watched::{MAX_WATCHED, Watch};

/// The program's version.
const VERSION: &str = env!("CARGO_PKG_VERSION");
/// Pings within the time that a page may be silent.
pub(super) const PINGS: u32 = 3;
/// How often a page is shown that the server is there.
pub(super) const HEARTBEAT: Duration = Duration::from_secs(HEARTBEAT_SECS);
/// How long a page waits for its last answers when the server shuts down. With the close frame behind them, this is less
/// than the server waits for its connections.
const LAST_ANSWERS: Duration = Duration::from_millis(1500);
/// How long a page may take to hear why its connection is closed.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// What a page of another version is told of whatever it sends.
const RELOAD: &str = "this page is of another version of tunemask: reload it";

/// How a page has said hello.
enum Greeting {
    /// Not yet.
    Awaited,
    /// In another version of the protocol.
    OtherVersion,
    /// In this version: it hears what the lab writes.
    Welcomed(Subscription),
}

/// The state of one page's connection.
pub(super) struct Connection<S> {
    lab: Lab,
    overviews: Overviews,
    parts: Arc<Parts>,
    wire: Wire<S>,
    /// Lines and answers that are not sent yet.
    queue: SendQueue,
    greeting: Greeting,
    /// Number of the last line that came out of the subscription.
    heard: u64,
    /// What the page was last told of the lab as a whole; `None` before it was.
    last_overview: Option<Arc<Overview>>,
    /// Runs of what the page watches whose points are still to be sent.
    unsent: UnsentSeries,
    /// Pings since anything came from the page, an answer to one of them too.
    unanswered_pings: u32,
    /// What it asks of a text.
    latest: LatestQuestion,
    limits: Limits,
}

impl<S> Drop for Connection<S> {
    fn drop(&mut self) {
        self.latest.forget();
    }
}

impl<S: AsyncRead + AsyncWrite + Unpin> Connection<S> {
    /// A page that has not said hello yet; `latest` is what its worker answers of a text.
    pub(super) fn new(state: &AppState, wire: Wire<S>, latest: LatestQuestion) -> Self {
        Self {
            lab: state.lab.clone(),
            overviews: state.overviews.clone(),
            parts: state.parts.clone(),
            wire,
            queue: SendQueue::new(),
            greeting: Greeting::Awaited,
            heard: 0,
            last_overview: None,
            unsent: UnsentSeries::default(),
            unanswered_pings: 0,
            latest,
            limits: state.limits,
        }
    }

    /// Tells the page why its connection ends. It may be gone already.
    pub(super) async fn close(&mut self, code: CloseCode, reason: &'static str) {
        let frame = CloseFrame { code, reason: Utf8Bytes::from_static(reason) };
        _ = timeout(CLOSE_TIMEOUT, self.wire.send(Message::Close(Some(frame)))).await;
    }

    /// Serves the page until there is a reason to end.
    ///
    /// `requests` go to the page's worker, which ends when they have been dropped and it has done what was asked.
    pub(super) async fn run(
        &mut self,
        requests: Sender<FromPage>,
        mut answered: Receiver<FromServer>,
        mut shutdown: Shutdown,
    ) -> Result<(), End> {
        let begin = Instant::now();
        let mut heartbeat = every(HEARTBEAT);
        let mut ping = every(self.limits.silence / PINGS);
        loop {
            tokio::select! {
                message = self.wire.next() => match message {
                    Some(Ok(message)) => self.receive(message, &requests).await?,
                    Some(Err(error)) => return Err(unreadable(&error)),
                    None => return Err(End::Gone),
                },
                update = next(&mut self.greeting) => self.receive_update(update).await?,
                Some(answer) = answered.recv() => self.receive_answer(answer).await?,
                () = self.queue.ready() => self.send_queued().await?,
                // Piece by piece, so that all else is heard and said meanwhile.
                () = ready(()), if !self.unsent.is_empty() => self.send_series().await?,
                _ = heartbeat.tick() => self.send_heartbeat().await?,
                _ = ping.tick() => self.ping().await?,
                () = sleep_until(begin + self.limits.hello), if matches!(self.greeting, Greeting::Awaited) => {
                    return Err(End::close(CloseCode::Policy, "the page did not say hello"));
                }
                () = shutdown.requested() => break,
            }
        }
        drop(requests);
        // Those that take longer are carried out all the same.
        if let Ok(sent) = timeout(LAST_ANSWERS, self.send_last_answers(answered)).await {
            sent?;
        }
        Err(End::close(CloseCode::Away, "tunemask was stopped"))
    }

    /// Puts an answer behind the lines that it relies on: they were written before, and go out first.
    async fn receive_answer(&mut self, answer: FromServer) -> Result<(), End> {
        self.receive_updates().await?;
        self.queue.answer(answer);
        Ok(())
    }

    /// Takes all lines that were written so far.
    async fn receive_updates(&mut self) -> Result<(), End> {
        while let Some(update) = next(&mut self.greeting).now_or_never() {
            self.receive_update(update).await?;
        }
        Ok(())
    }

    /// Sends lines and answers that wait, whether or not they are due.
    async fn send_queued(&mut self) -> Result<(), End> {
        for message in self.queue.take_events() {
            self.send(&message).await?;
        }
        if self.queue.take_overview() {
            // What an answer speaks of must be known.
            let freshness = if self.queue.has_answers() { Freshness::Now } else { Freshness::Recent };
            self.send_overview(freshness).await?;
        }
        for message in self.queue.take_answers() {
            self.send(&message).await?;
        }
        Ok(())
    }

    /// Sends what the worker still answers, until it has done all that was asked.
    async fn send_last_answers(&mut self, mut answered: Receiver<FromServer>) -> Result<(), End> {
        while let Some(answer) = answered.recv().await {
            self.receive_answer(answer).await?;
            self.send_queued().await?;
        }
        // What was asked for may have written lines without an answer.
        self.receive_updates().await?;
        self.send_queued().await
    }

    /// Does what the page says, or hands it to the worker.
    async fn receive(&mut self, message: Message, requests: &Sender<FromPage>) -> Result<(), End> {
        self.unanswered_pings = 0;
        let text = match message {
            Message::Text(text) => text,
            Message::Binary(_) => return self.refuse_message("send text, not bytes".into()).await,
            Message::Close(_) => return Err(End::Gone),
            // The library answers pings.
            Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => return Ok(()),
        };
        if text.len() > MAX_MESSAGE_BYTES {
            let (length, most) = (text.len(), MAX_MESSAGE_BYTES);
            let why = format!("the message has {length} bytes; at most {most} are read");
            return self.refuse_message(why).await;
        }
        match serde_json::from_str(&text) {
            Err(error) => self.refuse_message(format!("the message cannot be read: {error}")).await,
            Ok(FromPage::Hello { protocol }) => self.receive_hello(protocol).await,
            Ok(_) if !matches!(self.greeting, Greeting::Welcomed(_)) => {
                self.refuse_message("say hello first".into()).await
            }
            Ok(FromPage::Watch { watch }) => self.watch(watch).await,
            Ok(FromPage::StopPredicting) => {
                self.latest.forget();
                Ok(())
            }
            Ok(other) => match self.hand_on(other, requests) {
                Ok(()) => Ok(()),
                Err(TrySendError::Full(other)) => {
                    let reason = "too many requests at once; wait for the answers".to_owned();
                    self.send(&FromServer::Refused { request: other.request(), reason }).await
                }
                Err(TrySendError::Closed(_)) => {
                    tracing::error!("a page's request worker has ended before its page");
                    // The page connects again, and gets another worker.
                    Err(FAULT)
                }
            },
        }
    }

    /// Hands a request to the worker.
    fn hand_on(&self, message: FromPage, requests: &Sender<FromPage>) -> Result<(), TrySendError<FromPage>> {
        // Now, and not when its turn comes: it takes the place of the one that is being answered.
        if let FromPage::Predict { request, .. } = message {
            self.latest.ask(request);
        }
        requests.try_send(message)
    }

    async fn receive_hello(&mut self, protocol: u32) -> Result<(), End> {
        if protocol != PROTOCOL_VERSION {
            self.greeting = Greeting::OtherVersion;
            self.unwatch();
            // Nobody is there to be told of the lab.
            self.queue.take_overview();
            let device = self.lab.device();
            let other = OtherVersion { protocol: PROTOCOL_VERSION, version: VERSION.into(), device };
            return self.send(&other).await;
        }
        self.send_welcome().await?;
        self.unwatch();
        self.last_overview = None;
        self.greeting = Greeting::Welcomed(self.lab.subscribe());
        Ok(())
    }

    async fn send_welcome(&mut self) -> Result<(), End> {
        self.send(&FromServer::Welcome { version: VERSION.into(), device: self.lab.device() }).await
    }

    /// Shows the page that the server is there. Its script does not see pings.
    async fn send_heartbeat(&mut self) -> Result<(), End> {
        match self.greeting {
            Greeting::Welcomed(_) => self.send_welcome().await,
            Greeting::Awaited | Greeting::OtherVersion => Ok(()),
        }
    }

    /// Asks for an answer, which browsers give without their pages; ends if none came for long.
    async fn ping(&mut self) -> Result<(), End> {
        if self.unanswered_pings >= PINGS {
            return Err(End::close(CloseCode::Policy, "the page was silent for too long"));
        }
        self.unanswered_pings += 1;
        Ok(self.wire.send(Message::Ping(Default::default())).await?)
    }

    /// Puts what the lab wrote on its way to the page; a snapshot is sent at once.
    async fn receive_update(&mut self, update: Option<Update>) -> Result<(), End> {
        match update {
            Some(Update::Events(events)) => {
                self.heard = events.last().map_or(self.heard, |event| event.seq);
                self.queue.add(&events);
                Ok(())
            }
            Some(Update::Snapshot(state)) => {
                self.heard = state.seq;
                // Not held while others are written: see `Feed::state`.
                drop(state);
                self.begin_anew().await
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

    /// Tells the page of the lab, and once more of what it watches: it has just said hello, or lines were lost on the way.
    async fn begin_anew(&mut self) -> Result<(), End> {
        self.send_overview(Freshness::Now).await?;
        match self.queue.watched().map(|watched| watched.asked.clone()) {
            Some(watch) => self.watch(watch).await,
            None => Ok(()),
        }
    }

    /// Tells the page of the lab as a whole: all of it, or what has become different since.
    async fn send_overview(&mut self, freshness: Freshness) -> Result<(), End> {
        let latest = self.overviews.latest(freshness).await;
        if latest.seq < self.heard {
            self.queue.want_overview();
        }
        let told = self.last_overview.replace(latest.clone());
        let message = match told {
            None => FromServer::Snapshot { overview: Box::new(Overview::clone(&latest)) },
            Some(told) => match told.change_to(&latest) {
                Some(change) => FromServer::Changed { change },
                None => return Ok(()),
            },
        };
        self.send(&message).await
    }

    /// Tells the page of a part of the lab from now on, with the points of its runs where it shows them.
    async fn watch(&mut self, watch: Vec<Watch>) -> Result<(), End> {
        self.unwatch();
        if watch.is_empty() {
            return Ok(());
        }
        if watch.len() > MAX_WATCHED {
            let asked = watch.len();
            let why =
                format!("{asked} experiments are too many to watch at once: ask for {MAX_WATCHED} at most");
            return self.refuse(why).await;
        }
        let written = self.parts.at_least(&self.lab, self.heard, watch).await;
        let Written { watched, seq, frame } = match written {
            Ok(written) => written,
            Err(why) => return self.refuse(why.to_string()).await,
        };
        self.queue.begin(watched.clone(), seq);
        self.wire.send_frame(frame).await?;
        self.unsent = UnsentSeries::new(self.lab.read(|state| watched.with_curves(state)));
        Ok(())
    }

    fn unwatch(&mut self) {
        self.queue.end();
        self.unsent = UnsentSeries::default();
    }

    /// Sends the points of some of the runs whose points are still to be sent.
    async fn send_series(&mut self) -> Result<(), End> {
        match self.unsent.next_message(&self.lab).await? {
            Ok(series) if series.is_empty() => Ok(()),
            Ok(series) => self.send(&FromServer::Series { series }).await,
            Err(error) => self.refuse(error.to_string()).await,
        }
    }

    /// Refuses what the page sent. One of another version knows other rules: to it they are no reason.
    async fn refuse_message(&mut self, reason: String) -> Result<(), End> {
        match self.greeting {
            Greeting::OtherVersion => self.refuse(RELOAD.into()).await,
            Greeting::Awaited | Greeting::Welcomed(_) => self.refuse(reason).await,
        }
    }

    async fn refuse(&mut self, reason: String) -> Result<(), End> {
        self.send(&FromServer::Refused { request: None, reason }).await
    }

    async fn send(&mut self, message: &impl Serialize) -> Result<(), End> {
        let unwritten = |error: &dyn std::fmt::Display| {
            tracing::error!("a message cannot be written: {error}");
            FAULT
        };
        let text = serde_json::to_string(message).map_err(|error| unwritten(&error))?;
        let frame = match text.len() {
            0..LONG_BYTES => Frame::Text(text.into()),
            _ => {
                let compressed = tokio::task::spawn_blocking(move || Frame::of(text)).await;
                let frame = compressed.map_err(|error| unwritten(&error))?;
                frame.map_err(|error| unwritten(&error))?
            }
        };
        Ok(self.wire.send_frame(frame).await?)
    }
}

/// Ticks from one period on. What is late is late: several ticks at once say no more than one.
fn every(period: Duration) -> Interval {
    let mut timer = interval_at(Instant::now() + period, period);
    timer.set_missed_tick_behavior(MissedTickBehavior::Delay);
    timer
}

/// What the lab says next; nothing to a page that was not welcomed.
async fn next(greeting: &mut Greeting) -> Option<Update> {
    match greeting {
        Greeting::Welcomed(subscription) => subscription.next().await,
        Greeting::Awaited | Greeting::OtherVersion => std::future::pending().await,
    }
}

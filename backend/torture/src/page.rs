//! A page at the other end of a socket: it folds what it hears as the protocol says, and never takes a wrong message for a
//! right one.

use futures_util::{SinkExt, StreamExt};
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::TcpStream;
use tokio::time::{Instant, timeout_at};
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

/// Why a page hears no more.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// The connection broke, as the campaign or the program wanted it.
    #[error("the connection is gone: {0}")]
    Gone(String),
    /// The server is there and says nothing.
    #[error("nothing came in time: {0}")]
    Silent(String),
    /// The server said what it must not.
    #[error("the server broke the protocol: {0}")]
    Wrong(String),
}

impl From<Error> for PageError {
    fn from(error: Error) -> Self {
        Self::Gone(error.to_string())
    }
}

/// One page.
#[derive(Debug)]
pub struct Page {
    socket: WebSocketStream<MaybeTlsStream<TcpStream>>,
    /// What it knows of the lab.
    pub overview: Overview,
    /// The part of the lab that it watches.
    pub part: LabState,
    /// Which that is; none before it has come.
    pub watched: Vec<Watch>,
    /// The points that it has, each run's up to a line.
    pub series: BTreeMap<RunId, (u64, Buckets)>,
    /// Every line that it was shown.
    pub shown: Vec<Event>,
}

impl Page {
    /// Opens a socket, says hello and hears of the lab.
    ///
    /// # Errors
    /// The connection breaks, or not all of it comes by then.
    pub async fn open(address: SocketAddr, by: Instant) -> Result<Self, PageError> {
        let request = || -> Result<_, Error> {
            let mut request = format!("ws://{address}/ws").into_client_request()?;
            request.headers_mut().insert("origin", format!("http://{address}").parse()?);
            Ok(request)
        };
        let connected = timeout_at(by, connect_async(request()?)).await;
        let (socket, _) = connected.map_err(|_| PageError::Silent("no socket was made".into()))??;
        let (watched, series, shown) = (Vec::new(), BTreeMap::new(), Vec::new());
        let (overview, part) = (Overview::default(), LabState::default());
        let mut page = Self { socket, overview, part, watched, series, shown };
        page.say(&FromPage::Hello { protocol: PROTOCOL_VERSION }).await?;
        while !matches!(page.hear(by).await?, FromServer::Snapshot { .. }) {}
        Ok(page)
    }

    /// Says something.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn say(&mut self, message: &FromPage) -> Result<(), PageError> {
        let text = serde_json::to_string(message).map_err(|error| PageError::Wrong(error.to_string()))?;
        self.say_text(text).await
    }

    /// Says something as it is written.
    ///
    /// # Errors
    /// The connection is broken.
    pub async fn say_text(&mut self, text: String) -> Result<(), PageError> {
        Ok(self.socket.send(Message::Text(text.into())).await?)
    }

    /// The next message, folded.
    ///
    /// # Errors
    /// The connection breaks; nothing comes by then; what comes cannot be read or leaves out a line.
    pub async fn hear(&mut self, by: Instant) -> Result<FromServer, PageError> {
        loop {
            let next = timeout_at(by, self.socket.next()).await;
            let next = next.map_err(|_| PageError::Silent("no message".into()))?;
            let text = match next.ok_or_else(|| PageError::Gone("its end".into()))?? {
                Message::Text(text) => text.to_string(),
                Message::Binary(data) => {
                    let text = expand(&data).map_err(|error| PageError::Wrong(error.to_string()))?;
                    String::from_utf8(text).map_err(|error| PageError::Wrong(error.to_string()))?
                }
                Message::Close(frame) => {
                    let why = frame.map_or_else(String::new, |frame| frame.reason.to_string());
                    return Err(PageError::Gone(why));
                }
                Message::Ping(_) | Message::Pong(_) | Message::Frame(_) => continue,
            };
            let message = serde_json::from_str(&text);
            let message = message.map_err(|error| PageError::Wrong(format!("{error}: {text:.200}")))?;
            self.fold(&message)?;
            return Ok(message);
        }
    }

    /// The next message that answers a request.
    ///
    /// # Errors
    /// As [`Page::hear`].
    pub async fn answer(&mut self, by: Instant) -> Result<FromServer, PageError> {
        loop {
            match self.hear(by).await? {
                FromServer::Events { .. } | FromServer::Series { .. } | FromServer::Snapshot { .. } => {}
                FromServer::Welcome { .. } | FromServer::Changed { .. } | FromServer::Watched { .. } => {}
                answer => return Ok(answer),
            }
        }
    }

    /// Starts an experiment.
    ///
    /// # Errors
    /// As [`Page::hear`]; it is not accepted.
    pub async fn start(&mut self, experiment: &Experiment, by: Instant) -> Result<ExperimentId, PageError> {
        let experiment = Box::new(experiment.clone());
        self.say(&FromPage::Start { request: 1, experiment }).await?;
        match self.answer(by).await? {
            FromServer::Accepted { experiment_id, .. } => Ok(experiment_id),
            other => Err(PageError::Wrong(format!("the experiment is not accepted: {other:?}"))),
        }
    }

    /// Watches all runs of an experiment, and listens until they and their points have come.
    ///
    /// # Errors
    /// As [`Page::hear`].
    pub async fn watch(&mut self, experiment_id: ExperimentId, by: Instant) -> Result<(), PageError> {
        let watch = vec![Watch { experiment_id, detail: Detail::Runs }];
        self.say(&FromPage::Watch { watch: watch.clone() }).await?;
        while self.watched != watch {
            self.hear(by).await?;
        }
        Ok(())
    }

    /// Takes over what a message says.
    fn fold(&mut self, message: &FromServer) -> Result<(), PageError> {
        match message {
            FromServer::Snapshot { overview } => self.overview = (**overview).clone(),
            FromServer::Changed { change } => self.overview.apply(change.clone()),
            FromServer::Watched { part, watch } => {
                (self.part, self.watched) = ((**part).clone(), watch.clone());
                self.series.clear();
            }
            FromServer::Series { series } => {
                for RunSeries { run, seq, buckets } in series {
                    self.series.insert(run.clone(), (*seq, buckets.clone()));
                }
            }
            FromServer::Events { after, events } => {
                if *after != self.part.seq {
                    let had = self.part.seq;
                    return Err(PageError::Wrong(format!(
                        "lines behind {after} came to a page that has {had}"
                    )));
                }
                events.iter().try_for_each(|event| self.take(event))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn take(&mut self, event: &Event) -> Result<(), PageError> {
        if event.seq <= self.part.seq {
            let had = self.part.seq;
            return Err(PageError::Wrong(format!("line {} came again to a page that has {had}", event.seq)));
        }
        // What lies between concerns others.
        self.part.seq = event.seq - 1;
        self.part.apply(event).map_err(|gap| PageError::Wrong(gap.to_string()))?;
        self.shown.push(event.clone());
        match &event.kind {
            EventKind::Points { run, points } => match self.series.get_mut(run) {
                Some((seq, whole)) if event.seq > *seq => {
                    whole.extend(points);
                    *seq = event.seq;
                }
                Some(_) => {}
                None if points.step.first() == Some(&1) => {
                    let buckets = Buckets::of(points, most_buckets(self.part.runs.len()));
                    self.series.insert(run.clone(), (event.seq, buckets));
                }
                // Its points so far are still to come.
                None => {}
            },
            EventKind::Queued { run, .. } => {
                if let Some((seq, whole)) = self.series.get_mut(run).filter(|(seq, _)| event.seq > *seq) {
                    (*seq, *whole) = (event.seq, Buckets::new(whole.most()));
                }
            }
            _ => {}
        }
        Ok(())
    }

    /// Listens to all that still comes of a connection that was cut.
    pub async fn drain(&mut self, within: Duration) {
        let by = Instant::now() + within;
        while self.hear(by).await.is_ok() {}
    }
}

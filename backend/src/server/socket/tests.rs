//! A connection over a pipe, on a clock that stands still unless all wait.

use super::connection::{HEARTBEAT, PINGS};
use super::*;
use crate::lab::{LabOptions, OlderQueue};
use crate::server::shutdown::ShutdownSender;
use futures_util::{SinkExt, StreamExt};
use std::time::Duration;
use tokio::io::{AsyncReadExt, DuplexStream, duplex};
use tokio::time::{Instant, timeout};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::Role;
use tunemask_engine::Device;
use tunemask_shared::protocol::{FromPage, FromServer, OtherVersion, PROTOCOL_VERSION};

/// A page at the other end of a connection, with what must live as long.
struct Client {
    socket: WebSocketStream<DuplexStream>,
    shutdown: ShutdownSender,
    _home: tempfile::TempDir,
}

impl Client {
    async fn connect(limits: Limits) -> Self {
        let home = tempfile::tempdir().unwrap();
        let (older_queue, device) = (OlderQueue::Continue, Device::cpu());
        let lab = Lab::open(&LabOptions { home: home.path().into(), older_queue, device }).unwrap();
        let (near, far) = duplex(1 << 20);
        let shutdown = ShutdownSender::new();
        let places = Shares::new(1, 1);
        let place = places.take(Peer::new([127, 0, 0, 1].into(), None).key()).unwrap();
        let worker = RequestWorker::new(lab.clone());
        let (overviews, parts) = (Overviews::new(lab.clone()), Arc::default());
        let tasks = TaskTracker::new();
        let state =
            AppState { lab, worker, overviews, parts, places, limits, shutdown: shutdown.subscribe(), tasks };
        let wire = Wire::new(near, MAX_FRAME_BYTES, limits.message).await;
        tokio::spawn(serve(state, wire, place));
        let socket = WebSocketStream::from_raw_socket(far, Role::Client, None).await;
        Self { socket, shutdown, _home: home }
    }

    async fn say(&mut self, message: &FromPage) {
        self.socket.send(Message::text(serde_json::to_string(message).unwrap())).await.unwrap();
    }

    async fn say_hello(&mut self) {
        self.say(&FromPage::Hello { protocol: PROTOCOL_VERSION }).await;
    }

    /// What comes next, as it is written; the reason if the connection is closed. Pings are answered.
    async fn hear_text(&mut self) -> Result<String, String> {
        loop {
            match self.socket.next().await {
                Some(Ok(Message::Text(text))) => return Ok(text.to_string()),
                Some(Ok(Message::Close(frame))) => return Err(frame.unwrap().reason.to_string()),
                Some(Ok(_)) => {}
                other => return Err(format!("{other:?}")),
            }
        }
    }

    /// The same, read.
    async fn hear(&mut self) -> Result<FromServer, String> {
        Ok(serde_json::from_str(&self.hear_text().await?).unwrap())
    }

    /// Says hello in a version that is not the server's, and hears which is.
    async fn say_hello_in_another_version(&mut self) {
        self.say(&FromPage::Hello { protocol: PROTOCOL_VERSION + 1 }).await;
        let told: OtherVersion = serde_json::from_str(&self.hear_text().await.unwrap()).unwrap();
        assert_eq!(told.protocol, PROTOCOL_VERSION);
    }
}

#[tokio::test(start_paused = true)]
async fn a_page_that_says_nothing_is_closed_when_its_time_is_over() {
    let limits = Limits::default();
    let mut client = Client::connect(limits).await;
    let begin = Instant::now();
    assert_eq!(client.hear().await.unwrap_err(), "the page did not say hello");
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
    client.shutdown.request();
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
    assert!(sent.ends_with("the page was silent for too long"), "{sent}");
    // All that time it was spoken to.
    let heartbeats = limits.silence.as_secs() / HEARTBEAT.as_secs();
    assert!(sent.matches("\"welcome\"").count() as u64 > heartbeats, "{sent}");
}

#[tokio::test(start_paused = true)]
async fn a_page_of_another_version_is_told_to_reload_whatever_it_sends() {
    let mut client = Client::connect(Limits::default()).await;
    client.say_hello_in_another_version().await;
    let known = Message::text(serde_json::to_string(&FromPage::Pause).unwrap());
    for message in [known, Message::text("{\"type\":\"of that version\"}"), Message::binary(vec![1])] {
        client.socket.send(message).await.unwrap();
        let Ok(FromServer::Refused { reason, .. }) = client.hear().await else { panic!("it is refused") };
        assert!(reason.contains("another version") && reason.contains("reload"), "{reason}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_second_hello_in_another_version_ends_the_subscription() {
    let mut client = Client::connect(Limits::default()).await;
    client.say_hello().await;
    assert!(matches!(client.hear().await, Ok(FromServer::Welcome { .. })));
    assert!(matches!(client.hear().await, Ok(FromServer::Snapshot { .. })));
    client.say_hello_in_another_version().await;
    // Not even a heartbeat; the next is due half of one later, and comes behind what follows.
    assert!(timeout(7 * HEARTBEAT / 2, client.hear_text()).await.is_err());
    client.say_hello().await;
    assert!(matches!(client.hear().await, Ok(FromServer::Welcome { .. })));
    assert!(matches!(client.hear().await, Ok(FromServer::Snapshot { .. })));
}

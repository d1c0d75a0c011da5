//! What is refused: messages that cannot be read or are too long, other versions, other sites, too many sockets.

use super::{served, served_within, watch};
use crate::support::page::{Page, connect};
use crate::support::{PATIENCE, small};
use futures_util::SinkExt;
use std::collections::HashSet;
use std::time::Duration;
use tokio_tungstenite::tungstenite::{Error, Message};
use tunemask::server::Limits;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::protocol::{FromPage, FromServer, MAX_MESSAGE_BYTES, OtherVersion, PROTOCOL_VERSION};
use tunemask_shared::run::RunId;
use tunemask_shared::watched::{Detail, MAX_WATCHED};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_refused_and_the_socket_goes_on() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    for text in
        ["", "{", "[]", "{\"type\":\"shutdown\"}", "{\"type\":\"hello\"}", "{\"type\":\"cancel\",\"runs\":7}"]
    {
        page.say_text(text.into()).await;
        assert!(page.refusal().await.contains("cannot be read"), "{text}");
    }
    page.socket.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    assert!(page.refusal().await.contains("text"));
    page.say(&FromPage::Watch { watch: vec![watch(ExperimentId(9), Detail::Runs)] }).await;
    assert!(page.refusal().await.contains("no experiment 9"));
    let too_many = (0..=MAX_WATCHED as u64).map(|id| watch(ExperimentId(id), Detail::Runs)).collect();
    page.say(&FromPage::Watch { watch: too_many }).await;
    assert!(page.refusal().await.contains("too many to watch"));
    page.say(&FromPage::Retry { runs: vec![RunId("none".into())] }).await;
    assert!(page.refusal().await.contains("no run none"));
    page.say(&FromPage::Inspect { request: 3, model: "builtin:tiny".into(), data: Some("nowhere".into()) })
        .await;
    let FromServer::Facts { request: 3, facts } = page.answer().await else { panic!("facts were asked for") };
    assert!(facts.model.unwrap().is_ok() && facts.data.unwrap().is_err());
    let wrong = Experiment { masks: vec!["everything".into()], epochs: Some(0), ..small() };
    page.say(&FromPage::Start { request: 4, experiment: Box::new(wrong) }).await;
    let FromServer::Rejected { request: 4, errors } = page.answer().await else { panic!("it is wrong") };
    assert_eq!(errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["masks[0]", "epochs"]);
    // Whoever asks for too much at once learns which request will not be answered.
    for request in 5..205 {
        page.say(&FromPage::Plan { request, experiment: Box::new(small()) }).await;
    }
    let mut waits: HashSet<u32> = (5..205).collect();
    let mut refused = 0;
    while !waits.is_empty() {
        match page.answer().await {
            FromServer::Planned { request, .. } => assert!(waits.remove(&request)),
            FromServer::Refused { request: Some(request), reason } => {
                assert!(waits.remove(&request) && reason.contains("too many requests"), "{reason}");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_says_hello_first_and_in_this_protocol() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    page.socket = connect(served.address, "/ws", &[]).await.unwrap();
    page.say(&FromPage::Pause).await;
    assert!(page.refusal().await.contains("hello"));
    page.say(&FromPage::Hello { protocol: PROTOCOL_VERSION + 1 }).await;
    let told: OtherVersion = serde_json::from_str(&page.try_hear_text().await.unwrap()).unwrap();
    assert_eq!(told.protocol, PROTOCOL_VERSION);
    // No snapshot follows that the page might misread.
    page.say(&FromPage::Pause).await;
    assert!(page.refusal().await.contains("reload"));
    assert!(!served.lab.state().paused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_too_long_is_refused_and_one_far_too_long_ends_its_socket_alone() {
    let served = served().await;
    let mut other = Page::open(served.address).await;
    let mut page = Page::open(served.address).await;
    page.say_text("x".repeat(MAX_MESSAGE_BYTES + 1)).await;
    let refusal_text = page.refusal().await;
    assert!(refusal_text.contains("1048577 bytes; at most 1048576"), "{refusal_text}");
    // The server may hang up before all of it was sent.
    _ = page.socket.send(Message::Text("x".repeat(MAX_MESSAGE_BYTES * 5).into())).await;
    assert!(page.try_hear().await.is_none());
    other.say(&FromPage::Pause).await;
    other.until_overview("the pause is told", |o| o.paused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_and_names_are_refused() {
    let served = served().await;
    let port = served.address.port();
    let refused = [
        vec![("origin", "http://evil.example".to_owned())],
        vec![("origin", format!("http://localhost:{port}"))],
        vec![("origin", "null".to_owned())],
        vec![("host", format!("evil.example:{port}"))],
        vec![("host", format!("evil.example:{port}")), ("origin", format!("http://evil.example:{port}"))],
    ];
    for headers in refused {
        let headers: Vec<(&'static str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        match connect(served.address, "/ws", &headers).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{headers:?}"),
            other => panic!("{headers:?}: {:?}", other.map(|_| "it connected")),
        }
    }
    let local = format!("localhost:{port}");
    connect(served.address, "/ws", &[("host", &local), ("origin", &format!("http://{local}"))])
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_bounded() {
    let served = served_within(Limits { sockets_of_one: 6, hello: PATIENCE * 2, ..Limits::default() }).await;
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(connect(served.address, "/ws", &[]).await.unwrap());
    }
    let Err(Error::Http(response)) = connect(served.address, "/ws", &[]).await else {
        panic!("there is no room")
    };
    assert_eq!(response.status(), 503);
    open.truncate(4);
    let begin = std::time::Instant::now();
    while connect(served.address, "/ws", &[]).await.is_err() {
        assert!(begin.elapsed() < PATIENCE, "room is given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

//! Those who keep a server waiting: it ends with each of them, and the others are answered.

use crate::support::http::ask;
use crate::support::page::{Page, connect};
use crate::support::{PATIENCE, served::serving};
use futures_util::StreamExt;
use std::fs::File;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};
use tokio_tungstenite::tungstenite::Message;
use tunemask::server::{Limits, ServeOptions};
use tunemask_shared::protocol::FromServer;

const SHORT: Duration = Duration::from_millis(300);

fn limited(change: impl FnOnce(&mut Limits)) -> impl FnOnce(&mut ServeOptions) {
    move |options| {
        // Only what is changed is to end anything.
        let long = PATIENCE * 10;
        options.limits = Limits { head: long, unread: long, hello: long, silence: long, ..Limits::default() };
        change(&mut options.limits);
    }
}

/// Asks until there is room.
fn until_answered(at: SocketAddr) {
    let begin = Instant::now();
    while ask(at, "GET", "/healthz", "").status != 200 {
        assert!(begin.elapsed() < PATIENCE, "a place is given back");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn block_on<T>(work: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap().block_on(work)
}

#[test]
fn a_head_that_does_not_come_ends_the_connection() {
    serving(limited(|limits| limits.head = SHORT), |served| {
        for begun in ["", "GET / HT", "GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "] {
            let mut stream = TcpStream::connect(served.address).unwrap();
            stream.set_read_timeout(Some(PATIENCE)).unwrap();
            stream.write_all(begun.as_bytes()).unwrap();
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer).unwrap();
            assert!(!answer.starts_with(b"HTTP/1.1 200"), "{begun}");
        }
        // Nor is a connection kept for a next request that does not come.
        let mut stream = TcpStream::connect(served.address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        write!(stream, "GET /healthz HTTP/1.1\r\nHost: {}\r\n\r\n", served.address).unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).unwrap();
        assert!(answer.starts_with(b"HTTP/1.1 200"));
    });
}

#[test]
fn connections_of_one_peer_are_bounded() {
    serving(limited(|limits| limits.connections_of_one = 3), |served| {
        let silent: Vec<TcpStream> = (0..3).map(|_| TcpStream::connect(served.address).unwrap()).collect();
        let begin = Instant::now();
        // Those that came first may not have been taken yet.
        while ask(served.address, "GET", "/healthz", "").status != 503 {
            assert!(begin.elapsed() < PATIENCE);
        }
        drop(silent);
        until_answered(served.address);
    });
}

#[test]
fn who_does_not_read_is_not_waited_for() {
    let limits = limited(|limits| {
        limits.unread = SHORT;
        limits.connections_of_one = 1;
    });
    serving(limits, |served| {
        // More than any system keeps for a reader.
        let whole = 256 << 20;
        File::create(served.page.join("large.bin")).unwrap().set_len(whole).unwrap();
        let mut slow = TcpStream::connect(served.address).unwrap();
        let address = served.address;
        write!(slow, "GET /pkg/large.bin HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
        // It has its place: what it reads of the answer is the beginning alone.
        slow.read_exact(&mut [0; 12]).unwrap();
        until_answered(served.address);
        let mut got = 0;
        let mut part = vec![0; 1 << 20];
        while let Ok(n @ 1..) = slow.read(&mut part) {
            got += n as u64;
        }
        assert!(got < whole, "it was given up before its end");
    });
}

#[test]
fn sockets_that_say_nothing_give_their_seats_back() {
    let limits = limited(|limits| {
        limits.hello = SHORT;
        limits.sockets_of_one = 2;
    });
    serving(limits, |served| {
        let at = served.address;
        block_on(async {
            let mut silent = connect(at, "/ws", &[]).await.unwrap();
            let mut why = None;
            while let Some(Ok(message)) = silent.next().await {
                if let Message::Close(frame) = message {
                    why = frame.map(|frame| frame.reason.to_string());
                }
            }
            assert_eq!(why.as_deref(), Some("the page did not say hello"));
            for _ in 0..6 {
                // The seats of those before are given back, though nobody closed them.
                let begin = Instant::now();
                let seat = loop {
                    match connect(at, "/ws", &[]).await {
                        Ok(seat) => break seat,
                        Err(_) => assert!(begin.elapsed() < PATIENCE),
                    }
                    tokio::time::sleep(Duration::from_millis(20)).await;
                };
                std::mem::forget(seat);
            }
        });
    });
}

#[test]
fn a_page_that_is_gone_without_a_word_gives_its_seat_back_and_one_that_is_there_keeps_it() {
    let limits = limited(|limits| {
        limits.silence = SHORT;
        limits.sockets_of_one = 2;
    });
    serving(limits, |served| {
        let at = served.address;
        block_on(async {
            // It says hello and then does not even answer pings, as a page behind a cable that was pulled.
            let gone = Page::open(at).await;
            let mut here = Page::open(at).await;
            let begin = Instant::now();
            let mut signs = 0;
            let mut seat = None;
            while seat.is_none() || signs < 2 {
                assert!(begin.elapsed() < PATIENCE);
                // Hearing answers pings.
                signs += u32::from(matches!(here.hear().await, FromServer::Welcome { .. }));
                if seat.is_none() {
                    seat = connect(at, "/ws", &[]).await.ok();
                }
            }
            drop(gone);
        });
    });
}

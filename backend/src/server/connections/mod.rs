//! Connections, each with who is at its other end: bounded in number, in all and from one peer, and in the time that
//! they may keep the server waiting. In reading order:

/// How many, and how long.
mod limits;
/// Places, of which one peer may have a part only.
mod shares;

pub use limits::{Limits, raise_descriptors};
pub(super) use shares::{Full, Share, Shares};

use super::access::Peer;
use super::shutdown::Shutdown;
use axum::Router;
use axum::body::Body;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use std::io::ErrorKind;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;
use tokio_io_timeout::TimeoutStream;
use tower::ServiceExt;

/// Most bytes of a request's head, and of an answer that waits to be sent.
const BUFFER_BYTES: usize = 64 << 10;

/// How long one may take to hear that there is no room.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);

/// Said to whom there is no room for, before the connection is closed.
const FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: text/plain; charset=utf-8\r\n\
    Content-Length: 62\r\nRetry-After: 10\r\nConnection: close\r\n\r\n\
    too many connections are open already; close some or try later";

/// Answers until the server is to end; then until all that are being answered have been.
pub(super) async fn serve(listener: TcpListener, router: Router, limits: Limits, mut shutdown: Shutdown) {
    let room = Arc::new(Semaphore::new(limits.connections));
    let shares = Shares::new(limits.connections, limits.connections_of_one);
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = shutdown.requested() => break,
        };
        let (stream, theirs) = match accepted {
            Ok(accepted) => accepted,
            Err(error) => {
                rest_after(&error).await;
                continue;
            }
        };
        let Ok(permit) = room.clone().try_acquire_owned() else {
            // Nobody waits for one that does not take it.
            _ = stream.try_write(FULL);
            continue;
        };
        // Gone already.
        let Ok(ours) = stream.local_addr() else { continue };
        let (router, shares, shutdown) = (router.clone(), shares.clone(), shutdown.clone());
        tokio::spawn(async move {
            let peer = Peer::at(theirs, ours).await;
            match shares.take(peer.key()) {
                Ok(share) => {
                    let place = Admission { _permit: permit, _share: share };
                    answer(stream, router, peer, limits, shutdown, place).await;
                }
                Err(_) => refuse(stream, limits).await,
            }
        });
    }
    drop(listener);
    // Who has every place knows that nobody else has one; it is never closed.
    _ = room.acquire_many(u32::try_from(limits.connections).unwrap_or(u32::MAX)).await;
}

/// A connection's place among all and among those of its peer; given back when dropped.
struct Admission {
    _permit: OwnedSemaphorePermit,
    _share: Share,
}

/// Answers all requests of one connection. Gives its place back when it ends or becomes a socket, of which there are
/// places of their own.
async fn answer(
    stream: TcpStream,
    router: Router,
    peer: Peer,
    limits: Limits,
    mut shutdown: Shutdown,
    _place: Admission,
) {
    // Small messages go out at once.
    _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    // Also after it has become a socket.
    stream.set_write_timeout(Some(limits.unread));
    let service = service_fn(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(peer);
        router.clone().oneshot(request)
    });
    let mut connection = pin!(
        http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(limits.head)
            .max_buf_size(BUFFER_BYTES)
            .serve_connection(TokioIo::new(Box::pin(stream)), service)
            .with_upgrades()
    );
    let ended = tokio::select! {
        ended = &mut connection => ended,
        () = shutdown.requested() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!("a connection from {peer:?} ends: {error}");
    }
}

/// Tells a peer that it has all the connections that one may have.
async fn refuse(mut stream: TcpStream, limits: Limits) {
    let tell = async {
        // What was not read when a connection is closed takes with it what was sent.
        let _head = stream.read(&mut [0; 4096]).await?;
        stream.write_all(FULL).await?;
        stream.shutdown().await
    };
    // It may be gone, or say nothing.
    _ = timeout(limits.head.min(REFUSAL_TIMEOUT), tell).await;
}

/// A connection that broke before it was taken is its client's affair. Anything else, such as no descriptor being
/// left, may pass.
async fn rest_after(error: &std::io::Error) {
    use ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    if !matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset) {
        tracing::error!("no connection can be taken for a second: {error}");
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::FULL;

    #[test]
    fn the_refusal_says_its_own_length() {
        let text = std::str::from_utf8(FULL).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        assert!(head.contains(&format!("Content-Length: {}\r\n", body.len())), "{}", body.len());
    }
}

//! The websocket: made, and written to in pieces.

use axum::body::Body;
use axum::extract::Request;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use futures_util::{SinkExt, StreamExt};
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::handshake::server::create_response_with_body;
use tokio_tungstenite::tungstenite::protocol::frame::Frame as RawFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Bytes, Error, Message, Utf8Bytes};
use tokio_util::task::TaskTracker;
use tunemask_shared::frame::{LONG_BYTES, compress};

/// Longest part of a message that is sent in one piece. What is sent next is moved about for every part of a piece that
/// the network takes, and the room for a piece is kept: a snapshot of a large home would hold up all pages.
const PIECE_BYTES: usize = 128 << 10;

/// A message as it travels, see [`tunemask_shared::frame`].
#[derive(Clone, Debug)]
pub(super) enum Frame {
    /// As it is.
    Text(Utf8Bytes),
    /// Compressed.
    Compressed(Bytes),
}

impl Frame {
    /// A text as it travels: compressed where it is long, which takes a while where it is very long.
    ///
    /// # Errors
    /// None today.
    pub(super) fn of(text: String) -> std::io::Result<Self> {
        match text.len() {
            0..LONG_BYTES => Ok(Self::Text(text.into())),
            _ => Ok(Self::Compressed(compress(&text)?.into())),
        }
    }
}

/// A websocket.
#[derive(Debug)]
pub(super) struct Wire<S> {
    socket: WebSocketStream<S>,
    patience: Duration,
}

/// The page is gone, or does not read.
#[derive(Debug)]
pub(super) struct Gone;

/// Answers a request that asks for a websocket, and calls `then` with it in one of the `tasks`.
///
/// No message of more than `most_bytes` is taken in, and none may take longer than `patience` to be sent.
pub(super) fn upgrade<F: Future<Output = ()> + Send>(
    mut request: Request,
    most_bytes: usize,
    patience: Duration,
    tasks: &TaskTracker,
    then: impl FnOnce(Wire<TokioIo<Upgraded>>) -> F + Send + 'static,
) -> Response {
    let answer = match create_response_with_body(&request, Body::empty) {
        Ok(answer) => answer,
        Err(error) => {
            let why = format!("this is the address of the page's websocket: {error}");
            return (StatusCode::BAD_REQUEST, why).into_response();
        }
    };
    let upgraded = hyper::upgrade::on(&mut request);
    tasks.spawn(async move {
        match upgraded.await {
            Ok(stream) => then(Wire::new(TokioIo::new(stream), most_bytes, patience).await).await,
            Err(error) => tracing::debug!("no websocket was made: {error}"),
        }
    });
    answer
}

impl<S: AsyncRead + AsyncWrite + Unpin> Wire<S> {
    pub(super) async fn new(stream: S, most_bytes: usize, patience: Duration) -> Self {
        let config =
            WebSocketConfig::default().max_message_size(Some(most_bytes)).max_frame_size(Some(most_bytes));
        let socket = WebSocketStream::from_raw_socket(stream, Role::Server, Some(config)).await;
        Self { socket, patience }
    }

    /// What comes next; `None` at the end. Pings are answered here.
    pub(super) async fn next(&mut self) -> Option<Result<Message, Error>> {
        self.socket.next().await
    }

    /// Sends a short message.
    pub(super) async fn send(&mut self, message: Message) -> Result<(), Gone> {
        match timeout(self.patience, self.socket.send(message)).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }

    /// Sends a message of any length.
    pub(super) async fn send_frame(&mut self, frame: Frame) -> Result<(), Gone> {
        let (whole, kind) = match frame {
            Frame::Text(text) if text.len() <= PIECE_BYTES => return self.send(Message::Text(text)).await,
            Frame::Compressed(data) if data.len() <= PIECE_BYTES => {
                return self.send(Message::Binary(data)).await;
            }
            Frame::Text(text) => (Bytes::from(text), Data::Text),
            Frame::Compressed(data) => (data, Data::Binary),
        };
        let pieces = async {
            for begin in (0..whole.len()).step_by(PIECE_BYTES) {
                let end = whole.len().min(begin + PIECE_BYTES);
                let kind = if begin == 0 { kind } else { Data::Continue };
                let piece =
                    RawFrame::message(whole.slice(begin..end), OpCode::Data(kind), end == whole.len());
                self.socket.send(Message::Frame(piece)).await?;
            }
            Ok::<(), Error>(())
        };
        match timeout(self.patience, pieces).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) | Err(_) => Err(Gone),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::io::duplex;
    use tunemask_shared::frame::expand;

    #[tokio::test]
    async fn a_text_of_any_length_arrives_as_one_message() {
        let (near, far) = duplex(10_000);
        let mut server = Wire::new(near, 1 << 20, Duration::from_secs(60)).await;
        let mut page = WebSocketStream::from_raw_socket(far, Role::Client, None).await;
        // Pieces end within letters of several bytes.
        let texts: Vec<String> =
            [3, PIECE_BYTES / 3, PIECE_BYTES, 5 * PIECE_BYTES].map(|n| "ä€".repeat(n)).into();
        // Numbers that do not repeat stay long when they are compressed.
        let figures: String =
            (0..90_000_u64).map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_string()).collect();
        let sent = texts.clone();
        let sender = tokio::spawn(async move {
            for text in sent {
                server.send_frame(Frame::Text(text.clone().into())).await.unwrap();
                server.send_frame(Frame::of(text).unwrap()).await.unwrap();
            }
            server.send_frame(Frame::of(figures).unwrap()).await.unwrap();
        });
        let mut long = 0;
        for text in texts {
            let heard = page.next().await.unwrap().unwrap();
            assert!(heard == Message::text(text.clone()));
            match page.next().await.unwrap().unwrap() {
                Message::Text(short) => assert!(short.len() < LONG_BYTES && short.as_str() == text),
                Message::Binary(data) => assert!(expand(&data).unwrap() == text.as_bytes()),
                other => panic!("{other:?}"),
            }
        }
        if let Message::Binary(data) = page.next().await.unwrap().unwrap() {
            long = data.len();
        }
        assert!(long > 2 * PIECE_BYTES, "{long}");
        sender.await.unwrap();
    }
}

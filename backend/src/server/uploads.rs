//! Files of the user's own that a page sends: `POST /uploads`, as `multipart/form-data`.
//!
//! Whoever may open the page may send them. Their bytes go from the connection to a thread that writes them, and are never
//! all in memory. An upload that is refused is read on for a moment all the same: a browser that still sends would not
//! hear why.

use super::connections::Limits;
use crate::data::uploads::{Incoming, UploadError, sweep};
use crate::files::free_bytes;
use axum::extract::multipart::{Field, MultipartRejection};
use axum::extract::{DefaultBodyLimit, Multipart, State};
use axum::http::StatusCode;
use axum::http::header::{CACHE_CONTROL, CONTENT_LENGTH, HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::sync::mpsc::{Receiver, Sender, channel};
use tokio::time::{Instant, timeout};
use tunemask_shared::dataset::{UPLOAD_PATH, Uploaded};

/// Uploads that go on at once.
const MAX_CONCURRENT_UPLOADS: usize = 4;
/// Pieces that wait to be written; each is at most what the network gives at once.
const MAX_WAITING_PIECES: usize = 16;
/// How long an upload that is refused is still read.
const REFUSED_READ_TIMEOUT: Duration = Duration::from_secs(5);
/// Bytes of an upload that are no file's: names and borders.
const BORDERS: u64 = 64 << 10;

#[derive(Clone)]
struct Uploads {
    home: Arc<Path>,
    permits: Arc<Semaphore>,
    limits: Limits,
}

/// A part of an upload.
enum Piece {
    /// A field begins: a file, under this name, or something else.
    Field(Option<String>),
    /// More of it.
    Bytes(axum::body::Bytes),
    /// All have come.
    End,
}

/// The connection gives nothing more.
struct Gone;

/// `/uploads`, into a home folder that this program alone writes to.
pub(super) fn routes(home: PathBuf, limits: Limits) -> Router {
    sweep(&home);
    let uploads =
        Uploads { home: home.into(), permits: Arc::new(Semaphore::new(MAX_CONCURRENT_UPLOADS)), limits };
    Router::new().route(UPLOAD_PATH, post(take)).layer(DefaultBodyLimit::disable()).with_state(uploads)
}

async fn take(
    State(uploads): State<Uploads>,
    headers: HeaderMap,
    multipart: Result<Multipart, MultipartRejection>,
) -> Response {
    let answer = match multipart {
        Ok(multipart) => uploads.receive(length(&headers), multipart).await,
        Err(_) => {
            let why = "send files as multipart/form-data, as `curl -F file=@reviews.csv` does";
            (StatusCode::BAD_REQUEST, why).into_response()
        }
    };
    ([(CACHE_CONTROL, HeaderValue::from_static("no-store"))], answer).into_response()
}

impl Uploads {
    async fn receive(&self, length: Option<u64>, mut multipart: Multipart) -> Response {
        let patience = self.limits.unread;
        let Ok(_permit) = self.permits.try_acquire() else {
            return busy(&mut multipart, patience).await;
        };
        if let Err(error) = self.room(length) {
            // The connection may break, too; either way it ends.
            _ = forward(&mut multipart, None, patience).await;
            return refusal(&error);
        }
        let (pieces, written) = channel(MAX_WAITING_PIECES);
        let (home, most) = (self.home.clone(), self.limits.upload_bytes);
        let writer = tokio::task::spawn_blocking(move || write(&home, most, written));
        // If the connection is gone the writer hears of no end, and nothing is kept.
        _ = forward(&mut multipart, Some(pieces), patience).await;
        match writer.await {
            Ok(Ok(uploaded)) => {
                tracing::info!("{} uploaded files are in {}", uploaded.files.len(), uploaded.folder);
                Json(uploaded).into_response()
            }
            Ok(Err(error)) => refusal(&error),
            Err(error) => {
                tracing::error!("an upload failed: {error}");
                let why = format!("an internal error of tunemask ({error}); please report it");
                (StatusCode::INTERNAL_SERVER_ERROR, why).into_response()
            }
        }
    }

    /// Refuses what is too large, or has no room, before any of it is written.
    fn room(&self, length: Option<u64>) -> Result<(), UploadError> {
        let (Some(needed), most) = (length, self.limits.upload_bytes) else { return Ok(()) };
        if needed.saturating_sub(BORDERS) > most {
            return Err(UploadError::Large { most });
        }
        match free_bytes(&self.home) {
            Some(free) if free < needed => {
                Err(UploadError::Room { needed, free, folder: self.home.to_path_buf() })
            }
            _ => Ok(()),
        }
    }
}

/// Bytes of the request's body, if it says how many.
fn length(headers: &HeaderMap) -> Option<u64> {
    headers.get(CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}

/// Writes what comes, on a thread that may block.
fn write(home: &Path, most: u64, mut pieces: Receiver<Piece>) -> Result<Uploaded, UploadError> {
    let mut incoming = Incoming::begin(home, most)?;
    while let Some(piece) = pieces.blocking_recv() {
        match piece {
            Piece::Field(name) => incoming.field(name.as_deref())?,
            Piece::Bytes(bytes) => incoming.write(&bytes)?,
            Piece::End => return incoming.finish(),
        }
    }
    Err(UploadError::Broken)
}

/// Hands files on as they come. Where nobody takes them any more, or nobody ever did, they are read on for a moment.
async fn forward(
    multipart: &mut Multipart,
    mut to: Option<Sender<Piece>>,
    patience: Duration,
) -> Result<(), Gone> {
    let mut until = to.is_none().then(|| Instant::now() + REFUSED_READ_TIMEOUT);
    loop {
        let next = timeout(patience, multipart.next_field()).await;
        let Some(mut field) = next.map_err(|_| Gone)?.map_err(|_| Gone)? else { break };
        // A form of which no file was chosen has one without a name.
        let name = field.file_name().filter(|name| !name.is_empty()).map(str::to_owned);
        give(&mut to, &mut until, Piece::Field(name)).await;
        while let Some(bytes) = chunk(&mut field, patience).await? {
            give(&mut to, &mut until, Piece::Bytes(bytes)).await;
            if until.is_some_and(|until| Instant::now() > until) {
                return Ok(());
            }
        }
    }
    give(&mut to, &mut until, Piece::End).await;
    Ok(())
}

async fn chunk(field: &mut Field<'_>, patience: Duration) -> Result<Option<axum::body::Bytes>, Gone> {
    timeout(patience, field.chunk()).await.map_err(|_| Gone)?.map_err(|_| Gone)
}

/// Gives a piece to the writer, if it still takes any; notes since when it does not.
async fn give(to: &mut Option<Sender<Piece>>, until: &mut Option<Instant>, piece: Piece) {
    let Some(sender) = to.as_ref() else { return };
    if sender.send(piece).await.is_err() {
        *to = None;
        *until = Some(Instant::now() + REFUSED_READ_TIMEOUT);
    }
}

async fn busy(multipart: &mut Multipart, patience: Duration) -> Response {
    _ = forward(multipart, None, patience).await;
    let why = format!("{MAX_CONCURRENT_UPLOADS} uploads go on already; wait for one of them");
    (StatusCode::SERVICE_UNAVAILABLE, why).into_response()
}

fn refusal(error: &UploadError) -> Response {
    let status = match error {
        UploadError::Large { .. } | UploadError::Many => StatusCode::PAYLOAD_TOO_LARGE,
        UploadError::Room { .. } => StatusCode::INSUFFICIENT_STORAGE,
        UploadError::Write { cause, .. } => match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StatusCode::INSUFFICIENT_STORAGE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        },
        UploadError::NoFile | UploadError::Broken => StatusCode::BAD_REQUEST,
        UploadError::Twice(_) | UploadError::Data(_) => StatusCode::UNPROCESSABLE_ENTITY,
        UploadError::Altered(_) => StatusCode::CONFLICT,
    };
    (status, error.to_string()).into_response()
}

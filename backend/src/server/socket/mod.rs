//! One page's connection, from its upgrade to its close.
//!
//! 1. A request for `/ws` is upgraded if its peer has a place left (`Shares`). The place is given back when the
//!    connection ends, however it ends.
//! 2. The page says `Hello` within `Limits::hello`, else the connection is closed. If it speaks this
//!    version of the protocol it hears `Welcome`, is subscribed to the lab, and gets what every page knows (`Overviews`), and
//!    what becomes different of that; else it hears `OtherVersion` alone.
//! 3. A page that watches an experiment gets that part of the lab (`Parts`) and the lines behind it that concern it. They
//!    gather in a `SendQueue`, which lets them out at most ten times a second. A page that does not keep up gets the part
//!    anew instead of what it missed; one that takes longer than `Limits::message` for a message is given up.
//! 4. `Hello` and `Watch` are answered here. All other requests may take long: they go to a `RequestWorker` in a task of
//!    its own, and their answers come back through a channel. An answer goes out behind the lines that it relies on.
//! 5. Every three seconds the page hears `Welcome` again, as a heartbeat: it knows by it that the server is there. The
//!    browser is sent pings, which it answers without its page; if nothing at all comes for `Limits::silence` the
//!    connection is closed.
//! 6. What a page has asked for is carried out even if the page is gone: the worker's task ends when it has emptied its
//!    queue. Answers that nobody waits for are dropped. What runs say of a text changes nothing: that question alone ends with
//!    its page, and when the page asks another.
//! 7. When the server shuts down nothing more is read. The page gets the answers that are ready within `LAST_ANSWERS`, and
//!    then a close frame that says why. The server waits for connections and workers, for a bounded time.
//!
//! Odd input: a message that cannot be read, or comes before `Hello`, or is longer than `MAX_MESSAGE_BYTES`, is refused in
//! a sentence and the connection goes on; to a page of another version that sentence says to reload it. A frame that breaks the rules of websockets or is far too long ends it.

/// Its state, and what it does.
mod connection;
/// Why it ends.
mod end;
/// The points of runs that its page watches.
mod series;

use super::access::Peer;
use super::connections::{Full, Limits, Share, Shares};
use super::latest_question::LatestQuestion;
use super::overviews::Overviews;
use super::parts::Parts;
use super::request_worker::RequestWorker;
use super::shutdown::Shutdown;
use super::wire::{self, Wire};
use crate::lab::Lab;
use axum::Router;
use axum::extract::{Extension, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use connection::Connection;
use end::End;
use std::sync::Arc;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::sync::mpsc::channel;
use tokio_util::task::TaskTracker;
use tunemask_shared::protocol::MAX_MESSAGE_BYTES;

/// Requests of one page that may wait; those beyond are refused.
const MAX_REQUESTS: usize = 32;
/// Longest message that is taken in at all; one between this and [`MAX_MESSAGE_BYTES`] is refused in a sentence.
const MAX_FRAME_BYTES: usize = 4 * MAX_MESSAGE_BYTES;

/// What all connections share.
#[derive(Clone)]
struct AppState {
    lab: Lab,
    /// Carries out requests that may take long; at most so many at once, of all pages.
    worker: RequestWorker,
    /// What every page knows, folded once for all.
    overviews: Overviews,
    /// The part that was asked for last: pages that come together get the same bytes.
    parts: Arc<Parts>,
    /// Places for connections, of which one peer may have a part only.
    places: Shares,
    limits: Limits,
    /// Every connection ends when the server is to.
    shutdown: Shutdown,
    /// Connections and their workers, which the server waits for when it shuts down.
    tasks: TaskTracker,
}

/// `/ws`. Connections end when the server is to; they and their workers run as `tasks`.
pub(super) fn routes(
    worker: RequestWorker,
    limits: Limits,
    shutdown: Shutdown,
    tasks: TaskTracker,
) -> Router {
    let places = Shares::new(limits.sockets, limits.sockets_of_one);
    let lab = worker.lab().clone();
    let (overviews, parts) = (Overviews::new(lab.clone()), Arc::default());
    let state = AppState { lab, worker, overviews, parts, places, limits, shutdown, tasks };
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
    let (patience, tasks) = (state.limits.message, state.tasks.clone());
    wire::upgrade(request, MAX_FRAME_BYTES, patience, &tasks, move |wire| serve(state, wire, place))
}

/// Serves one page until its connection ends; gives its place back then.
async fn serve<S: AsyncRead + AsyncWrite + Unpin>(state: AppState, wire: Wire<S>, _place: Share) {
    let (requests, requested) = channel(MAX_REQUESTS);
    let (answers, answered) = channel(MAX_REQUESTS);
    let latest = LatestQuestion::default();
    let mut connection = Connection::new(&state, wire, latest.clone());
    state.tasks.spawn(state.worker.run(requested, answers, latest));
    if let Err(End::Close { code, reason }) = connection.run(requests, answered, state.shutdown).await {
        connection.close(code, reason).await;
    }
}

#[cfg(test)]
mod tests;

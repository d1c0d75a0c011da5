//! The websocket: opened, opened again when it breaks, and spoken through.

use super::lab::{Answer, Lab};
use super::link::{Link, Silence, silence, wait_ms};
use super::wire;
use crate::root;
use leptos::prelude::*;
use std::cell::{Cell, RefCell};
use std::time::Duration;
use tunemask_shared::protocol::{FromPage, FromServer, PROTOCOL_VERSION};
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::{CloseEvent, MessageEvent, WebSocket};

/// Remembers in the tab for which protocol it was already loaded again.
const RELOADED: &str = "tunemask-reloaded";

/// How often the page looks whether the server still speaks.
const LISTEN_EVERY: Duration = Duration::from_secs(1);

/// Milliseconds after which a try that has led to nothing makes room for the next.
const TRY_MS: f64 = 10e3;

/// A socket and what it calls.
struct Connection {
    socket: WebSocket,
    _open: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

thread_local! {
    static CONNECTION: RefCell<Option<Connection>> = const { RefCell::new(None) };
    /// When the server spoke last, in milliseconds since 1970.
    static HEARD_MS: Cell<f64> = const { Cell::new(0.0) };
    /// When the last try to connect began.
    static TRIED_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// Says something to the server. Whether it could be sent; it is lost if not.
pub fn send(message: &FromPage) -> bool {
    let Some(text) = message.write() else { return false };
    CONNECTION.with_borrow(|connection| match connection {
        Some(c) if c.socket.ready_state() == WebSocket::OPEN => c.socket.send_with_str(&text).is_ok(),
        _ => false,
    })
}

/// Connects, and stays connected for the life of the page.
pub fn open(lab: Lab) {
    connect(lab, 0);
    // A machine that comes back need not wait for the next try.
    let _ = window_event_listener_untyped("online", move |_| try_now(lab));
    let _ = set_interval_with_handle(move || listen(lab), LISTEN_EVERY);
}

/// Tries at once, if the connection is broken.
pub fn try_now(lab: Lab) {
    if lab.link.with_untracked(|link| matches!(link, Link::Lost { .. })) {
        connect(lab, 1);
    }
}

/// Looks whether the server still speaks, and whether a try to reach it leads to anything.
fn listen(lab: Lab) {
    let now = js_sys::Date::now();
    match lab.link.get_untracked() {
        Link::Live | Link::Silent { .. } => match silence(now - HEARD_MS.get()) {
            Silence::Usual => {}
            Silence::Long(secs) => {
                lab.heard_ms.set(Some(HEARD_MS.get() as u64));
                lab.link.set(Link::Silent { secs });
            }
            Silence::Broken => {
                // The one that is silent may never say that it is closed: it is not waited for.
                drop_connection();
                lost(lab, 1, "nothing was heard for a while".into());
            }
        },
        Link::Lost { attempt, .. } if now - TRIED_MS.get() > TRY_MS => {
            let tries = CONNECTION
                .with_borrow(|c| c.as_ref().is_some_and(|c| c.socket.ready_state() == WebSocket::CONNECTING));
            if tries {
                drop_connection();
                lost(lab, attempt + 1, "it does not answer".into());
            }
        }
        _ => {}
    }
}

fn address() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{}", location.host().ok()?, root::href("/ws")))
}

fn connect(lab: Lab, attempt: u32) {
    TRIED_MS.set(js_sys::Date::now());
    let Some(socket) = address().and_then(|address| WebSocket::new(&address).ok()) else {
        return lost(lab, attempt + 1, String::new());
    };
    let open = Closure::<dyn FnMut()>::new(move || {
        send(&FromPage::Hello { protocol: PROTOCOL_VERSION });
    });
    let mine = socket.clone();
    let message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let Some(text) = event.data().as_string() else { return };
        HEARD_MS.set(js_sys::Date::now());
        if lab.link.with_untracked(|link| matches!(link, Link::Silent { .. })) {
            lab.link.set(Link::Live);
        }
        match wire::read(&text) {
            Ok(message) => receive(lab, &mine, message),
            Err(error) => {
                leptos::logging::warn!("a message could not be read: {error}");
                // 4000 and above are the application's; the close event carries the reason on.
                let _ = mine.close_with_code_and_reason(4000, "unreadable message");
            }
        }
    });
    let mine = socket.clone();
    let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
        let current = CONNECTION.with_borrow(|c| c.as_ref().is_some_and(|c| c.socket == mine));
        if current && !lab.link.with_untracked(|link| matches!(link, Link::Outdated { .. })) {
            let tried = match lab.link.get_untracked() {
                Link::Lost { attempt, .. } => attempt,
                Link::Connecting => attempt,
                _ => 0,
            };
            lost(lab, tried + 1, event.reason());
        }
    });
    socket.set_onopen(Some(open.as_ref().unchecked_ref()));
    socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
    socket.set_onclose(Some(close.as_ref().unchecked_ref()));
    let connection = Connection { socket, _open: open, _message: message, _close: close };
    drop_connection();
    CONNECTION.set(Some(connection));
}

/// Ends the connection before, which is closed or broken; its closures may go, as none of them is running.
fn drop_connection() {
    if let Some(before) = CONNECTION.take() {
        before.socket.set_onopen(None);
        before.socket.set_onclose(None);
        before.socket.set_onmessage(None);
        let _ = before.socket.close();
    }
}

fn lost(lab: Lab, attempt: u32, reason: String) {
    if lab.link.with_untracked(|link| matches!(link, Link::Live | Link::Silent { .. })) {
        lab.heard_ms.set(Some(HEARD_MS.get() as u64));
        lab.answer.update(|answer| {
            answer.get_or_insert(Answer::Unknown);
        });
    }
    lab.link.set(Link::Lost { attempt, reason });
    let wait = wait_ms(attempt, js_sys::Math::random());
    let again = move || {
        // Another way may have brought it back, or be trying.
        if lab.link.with_untracked(|link| matches!(link, Link::Lost { attempt: a, .. } if *a == attempt)) {
            connect(lab, attempt);
        }
    };
    set_timeout(again, Duration::from_millis(u64::from(wait)));
}

fn receive(lab: Lab, socket: &WebSocket, message: FromServer) {
    if let FromServer::Welcome { protocol, .. } = &message
        && *protocol != PROTOCOL_VERSION
    {
        return outdated(lab, *protocol);
    }
    let snapshot = matches!(message, FromServer::Snapshot { .. });
    if !lab.receive(message) {
        let _ = socket.close_with_code_and_reason(4001, "events out of order");
    } else if snapshot {
        lab.link.set(Link::Live);
    }
}

/// The page is of another version than the program: loads itself again, once.
fn outdated(lab: Lab, server: u32) {
    let storage = window().session_storage().ok().flatten();
    let mark = server.to_string();
    let tried = storage.as_ref().and_then(|s| s.get_item(RELOADED).ok().flatten());
    lab.link.set(Link::Outdated { server });
    if tried.as_deref() != Some(&mark)
        && let Some(storage) = storage
        && storage.set_item(RELOADED, &mark).is_ok()
    {
        let _ = window().location().reload();
    }
}

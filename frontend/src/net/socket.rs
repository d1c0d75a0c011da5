//! The websocket: opened, opened again when it breaks, and spoken through.

use super::fold::OutOfOrder;
use super::link::{Link, Silence, retry_delay_ms, silence};
use crate::root;
use js_sys::Uint8Array;
use leptos::prelude::*;
use std::rc::Rc;
use std::time::Duration;
use tunemask_shared::frame::expand;
use tunemask_shared::protocol::{FromPage, FromServer, OtherVersion, PROTOCOL_VERSION};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{BinaryType, CloseEvent, MessageEvent, WebSocket};

/// Remembers in the tab for which protocol it was already loaded again.
const RELOADED: &str = "tunemask-reloaded";

/// How often the page looks whether the server still speaks.
const CHECK_EVERY: Duration = Duration::from_secs(1);

/// Milliseconds after which a try that has led to nothing makes room for the next.
const TRY_MS: f64 = 10e3;

/// What a socket calls.
pub struct Handlers {
    /// Takes a message; an error closes the connection, and the next one starts from a snapshot.
    pub message: Box<dyn Fn(FromServer) -> Result<(), OutOfOrder>>,
    /// A connection that stood has broken.
    pub lost: Box<dyn Fn()>,
}

/// A connection and what it calls.
struct Connection {
    socket: WebSocket,
    _open: Closure<dyn FnMut()>,
    _message: Closure<dyn FnMut(MessageEvent)>,
    _close: Closure<dyn FnMut(CloseEvent)>,
}

#[derive(Default)]
struct Inner {
    connection: Option<Connection>,
    handlers: Option<Rc<Handlers>>,
    /// When the server spoke last, in milliseconds since 1970.
    heard_ms: f64,
    /// When the last try to connect began.
    tried_ms: f64,
}

/// The page's websocket. Copies are the same socket.
#[derive(Clone, Copy)]
pub struct Socket {
    /// The connection.
    pub link: RwSignal<Link>,
    /// When the server spoke last before it fell silent, in milliseconds since 1970.
    pub heard_ms: RwSignal<Option<u64>>,
    inner: StoredValue<Inner, LocalStorage>,
}

impl Socket {
    /// One that is not connected yet.
    pub fn new() -> Socket {
        Socket {
            link: RwSignal::new(Link::Connecting),
            heard_ms: RwSignal::new(None),
            inner: StoredValue::new_local(Inner::default()),
        }
    }

    /// Connects, and stays connected for the life of the page.
    pub fn open(self, handlers: Handlers) {
        self.inner.update_value(|inner| inner.handlers = Some(Rc::new(handlers)));
        self.connect(0);
        // A machine that comes back need not wait for the next try.
        let _ = window_event_listener_untyped("online", move |_| self.try_now());
        let _ = set_interval_with_handle(move || self.check(), CHECK_EVERY);
    }

    /// Sends a message to the server. Whether it could be sent; it is lost if not.
    pub fn send(&self, message: &FromPage) -> bool {
        let Ok(text) = serde_json::to_string(message) else { return false };
        self.inner.with_value(|inner| match &inner.connection {
            Some(c) if c.socket.ready_state() == WebSocket::OPEN => c.socket.send_with_str(&text).is_ok(),
            _ => false,
        })
    }

    /// Tries at once, if the connection is broken.
    pub fn try_now(self) {
        if self.link.with_untracked(|link| matches!(link, Link::Lost { .. })) {
            self.connect(1);
        }
    }

    /// Looks whether the server still speaks, and whether a try to reach it leads to anything.
    fn check(self) {
        let now = js_sys::Date::now();
        let (heard_ms, tried_ms) = self.inner.with_value(|inner| (inner.heard_ms, inner.tried_ms));
        match self.link.get_untracked() {
            Link::Live | Link::Silent { .. } => match silence(now - heard_ms) {
                Silence::Usual => {}
                Silence::Long(secs) => {
                    self.heard_ms.set(Some(heard_ms as u64));
                    self.link.set(Link::Silent { secs });
                }
                Silence::Broken => {
                    // The one that is silent may never say that it is closed: it is not waited for.
                    self.drop_connection();
                    self.lost(1, "the server was silent for too long".into());
                }
            },
            Link::Lost { attempt, .. } if now - tried_ms > TRY_MS && self.is_connecting() => {
                self.drop_connection();
                self.lost(attempt + 1, "the server does not answer".into());
            }
            _ => {}
        }
    }

    fn is_connecting(&self) -> bool {
        let connecting = |c: &Connection| c.socket.ready_state() == WebSocket::CONNECTING;
        self.inner.with_value(|inner| inner.connection.as_ref().is_some_and(connecting))
    }

    fn is_current(&self, socket: &WebSocket) -> bool {
        self.inner.with_value(|inner| inner.connection.as_ref().is_some_and(|c| c.socket == *socket))
    }

    fn connect(self, attempt: u32) {
        self.inner.update_value(|inner| inner.tried_ms = js_sys::Date::now());
        let Some(socket) = address().and_then(|address| WebSocket::new(&address).ok()) else {
            return self.lost(attempt + 1, String::new());
        };
        let open = Closure::<dyn FnMut()>::new(move || {
            self.send(&FromPage::Hello { protocol: PROTOCOL_VERSION });
        });
        let mine = socket.clone();
        let message =
            Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| match text(event.data()) {
                Ok(text) => self.receive(&mine, &text),
                Err(error) => unreadable(&mine, &error),
            });
        let mine = socket.clone();
        let close = Closure::<dyn FnMut(CloseEvent)>::new(move |event: CloseEvent| {
            let outdated = self.link.with_untracked(|link| matches!(link, Link::Outdated { .. }));
            if self.is_current(&mine) && !outdated {
                let tried = match self.link.get_untracked() {
                    Link::Lost { attempt, .. } => attempt,
                    Link::Connecting => attempt,
                    _ => 0,
                };
                self.lost(tried + 1, event.reason());
            }
        });
        // What is compressed is read at once, in its order; a `Blob` would be read later.
        socket.set_binary_type(BinaryType::Arraybuffer);
        socket.set_onopen(Some(open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(close.as_ref().unchecked_ref()));
        self.drop_connection();
        let connection = Connection { socket, _open: open, _message: message, _close: close };
        self.inner.update_value(|inner| inner.connection = Some(connection));
    }

    /// Ends the connection before, which is closed or broken; its closures may go, as none of them is running.
    fn drop_connection(&self) {
        if let Some(before) = self.inner.try_update_value(|inner| inner.connection.take()).flatten() {
            before.socket.set_onopen(None);
            before.socket.set_onclose(None);
            before.socket.set_onmessage(None);
            let _ = before.socket.close();
        }
    }

    fn lost(self, attempt: u32, reason: String) {
        if self.link.with_untracked(|link| matches!(link, Link::Live | Link::Silent { .. })) {
            self.heard_ms.set(Some(self.inner.with_value(|inner| inner.heard_ms) as u64));
            if let Some(handlers) = self.handlers() {
                (handlers.lost)();
            }
        }
        self.link.set(Link::Lost { attempt, reason });
        let again = move || {
            // Another way may have brought it back, or be trying.
            if self.link.with_untracked(|link| matches!(link, Link::Lost { attempt: a, .. } if *a == attempt))
            {
                self.connect(attempt);
            }
        };
        let delay_ms = retry_delay_ms(attempt, js_sys::Math::random());
        set_timeout(again, Duration::from_millis(u64::from(delay_ms)));
    }

    fn handlers(&self) -> Option<Rc<Handlers>> {
        self.inner.with_value(|inner| inner.handlers.clone())
    }

    fn receive(self, socket: &WebSocket, text: &[u8]) {
        self.inner.update_value(|inner| inner.heard_ms = js_sys::Date::now());
        if self.link.with_untracked(|link| matches!(link, Link::Silent { .. })) {
            self.link.set(Link::Live);
        }
        match serde_json::from_slice(text) {
            Ok(message) => self.deliver(socket, message),
            Err(error) => {
                if let Ok(other) = serde_json::from_slice::<OtherVersion>(text) {
                    return self.outdated(other.protocol);
                }
                unreadable(socket, &error);
            }
        }
    }

    fn deliver(&self, socket: &WebSocket, message: FromServer) {
        let snapshot = matches!(message, FromServer::Snapshot { .. });
        let Some(handlers) = self.handlers() else { return };
        match (handlers.message)(message) {
            Ok(()) if snapshot => self.link.set(Link::Live),
            Ok(()) => {}
            Err(OutOfOrder { .. }) => {
                let _ = socket.close_with_code_and_reason(4001, "events out of order");
            }
        }
    }

    /// The page is of another version than the program: loads itself again, once.
    fn outdated(&self, server: u32) {
        let storage = window().session_storage().ok().flatten();
        let mark = server.to_string();
        let tried = storage.as_ref().and_then(|s| s.get_item(RELOADED).ok().flatten());
        self.link.set(Link::Outdated { server });
        if tried.as_deref() != Some(&mark)
            && let Some(storage) = storage
            && storage.set_item(RELOADED, &mark).is_ok()
        {
            let _ = window().location().reload();
        }
    }
}

/// A message as the text that it is, whichever way it travelled.
fn text(data: JsValue) -> std::io::Result<Vec<u8>> {
    match data.as_string() {
        Some(text) => Ok(text.into_bytes()),
        None => expand(&Uint8Array::new(&data).to_vec()),
    }
}

/// Closes a connection over which something came that is no message.
fn unreadable(socket: &WebSocket, error: &dyn std::error::Error) {
    leptos::logging::warn!("a message could not be read: {error}");
    // 4000 and above are the application's; the close event carries the reason on.
    let _ = socket.close_with_code_and_reason(4000, "unreadable message");
}

fn address() -> Option<String> {
    let location = window().location();
    let scheme = if location.protocol().ok()? == "https:" { "wss" } else { "ws" };
    Some(format!("{scheme}://{}{}", location.host().ok()?, root::href("/ws")))
}

/// The socket of this page.
pub fn use_socket() -> Socket {
    expect_context::<Socket>()
}

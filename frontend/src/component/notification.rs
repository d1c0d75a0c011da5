//! Notifications of the browser. Where it has none, or the page is not served from a secure address, nothing is shown.

use super::storage::{store, stored};
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Notification, NotificationOptions, NotificationPermission};

const KEY: &str = "tunemask-notify";
const WANTED: &str = "yes";

/// Whether the reader wants notifications, and whether the browser lets the page show them. Copies are the same.
#[derive(Clone, Copy)]
pub struct Notifications(RwSignal<Allowed>);

/// What the page may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// The browser has no notifications for this page.
    Unsupported,
    /// The browser shows none of this page's, as the reader told it.
    Blocked,
    /// The reader does not want any.
    Off,
    /// They are shown.
    On,
}

/// What the reader wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    /// To be notified.
    Wanted,
    /// Not to be.
    Unwanted,
}

impl Notifications {
    /// As the browser remembers it, for all that is below.
    pub fn provide() {
        provide_context(Notifications(RwSignal::new(allowed())));
    }

    /// What the page may do.
    pub fn allowed(&self) -> Allowed {
        self.0.get()
    }

    /// Turns them on, where the browser asks the reader if it has to, or off. Says what the page may do until that is answered.
    pub fn want(&self, wish: Wish) -> Allowed {
        store(KEY, if wish == Wish::Wanted { WANTED } else { "no" });
        let now = allowed();
        self.0.set(now);
        if wish == Wish::Unwanted
            || !is_supported()
            || Notification::permission() != NotificationPermission::Default
        {
            return now;
        }
        let Ok(asked) = Notification::request_permission() else { return now };
        let answer = self.0;
        spawn_local(async move {
            // Whatever was answered, the browser tells it again.
            let _ = JsFuture::from(asked).await;
            answer.set(allowed());
        });
        now
    }

    /// Shows a notification unless the reader looks at the page. One of the same subject takes the place of the one before;
    /// a click on it brings the page to the front and does what is given.
    pub fn show(&self, notice: Notice, clicked: impl FnOnce() + 'static) {
        if self.0.get_untracked() != Allowed::On || document().has_focus().unwrap_or(true) {
            return;
        }
        let options = NotificationOptions::new();
        options.set_body(&notice.body);
        options.set_tag(&notice.subject);
        // Some browsers show them from a service worker alone.
        let Ok(shown) = Notification::new_with_options(&notice.title, &options) else { return };
        let closing = shown.clone();
        let click = Closure::once_into_js(move || {
            let _ = window().focus();
            closing.close();
            clicked();
        });
        shown.set_onclick(Some(click.unchecked_ref()));
    }
}

/// The notifications of this page.
pub fn use_notifications() -> Notifications {
    expect_context::<Notifications>()
}

/// What a notification says.
pub struct Notice {
    /// What it is about; never shown.
    pub subject: String,
    /// The first line.
    pub title: String,
    /// What stands below it.
    pub body: String,
}

fn is_supported() -> bool {
    window().is_secure_context() && js_sys::Reflect::has(&window(), &"Notification".into()).unwrap_or(false)
}

fn allowed() -> Allowed {
    if !is_supported() {
        return Allowed::Unsupported;
    }
    match (Notification::permission(), stored(KEY).as_deref() == Some(WANTED)) {
        (NotificationPermission::Denied, _) => Allowed::Blocked,
        (NotificationPermission::Granted, true) => Allowed::On,
        _ => Allowed::Off,
    }
}

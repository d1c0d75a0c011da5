//! What the reader wants of the page, whatever it shows: its theme, notifications; and the way to its keys.

use super::shortcuts::use_shortcuts;
use crate::component::icon::Icon;
use crate::component::notification::{Allowed, Wish, use_notifications};
use crate::component::theme::ThemeChoice;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// A button and the box that it opens.
#[component]
pub fn Preferences() -> impl IntoView {
    let shortcuts = use_shortcuts();
    view! {
        <button class="quiet" popovertarget="preferences" aria-haspopup="dialog">{Icon::Sliders.show()} "Preferences"</button>
        <div id="preferences" popover="auto" role="dialog" aria-label="Preferences" class="preferences">
            <ThemeChoice />
            <NotificationChoice />
            <button popovertarget="preferences" popovertargetaction="hide" on:click=move |_| shortcuts.show()>
                "Keyboard and mouse" <kbd>"?"</kbd>
            </button>
        </div>
    }
}

/// Whether the browser tells of what ended.
#[component]
fn NotificationChoice() -> impl IntoView {
    let notifications = use_notifications();
    let hint = move || match notifications.allowed() {
        Allowed::Unsupported => {
            "This browser shows none for this address: they need https, or a server on this machine."
        }
        Allowed::Blocked => {
            "The browser blocks notifications of this page; allow them in its settings for this address."
        }
        Allowed::Off | Allowed::On => "While this page is open in another tab or window.",
    };
    let choose = move |event: leptos::ev::Event| {
        let wish = if event_target_checked(&event) { Wish::Wanted } else { Wish::Unwanted };
        let now = notifications.want(wish);
        // The box says what is: there are none until the browser has asked, nor if nobody answers it.
        let own = event.target().and_then(|target| target.dyn_into::<web_sys::HtmlInputElement>().ok());
        if let Some(own) = own {
            own.set_checked(now == Allowed::On);
        }
    };
    let possible = move || matches!(notifications.allowed(), Allowed::Off | Allowed::On);
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || notifications.allowed() == Allowed::On
                disabled=move || !possible()
                aria-describedby="notify-hint"
                on:change=choose
            />
            <span>"Notify me when an experiment ends"</span>
        </label>
        <p class="hint" id="notify-hint">{hint}</p>
    }
}

//! What the reader wants of the page, whatever it shows: its theme, notifications; and the way to its keys.

use super::shortcuts::use_shortcuts;
use crate::component::icon::Icon;
use crate::component::notification::{Allowed, use_notifications};
use crate::component::theme::ThemeChoice;
use leptos::prelude::*;

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
            "This browser shows none for this address: it takes https, or a program on this machine."
        }
        Allowed::Blocked => {
            "The browser blocks those of this page; its settings for this address allow them."
        }
        Allowed::Off | Allowed::On => "While this page is open in another tab or window.",
    };
    let possible = move || matches!(notifications.allowed(), Allowed::Off | Allowed::On);
    view! {
        <label class="check">
            <input
                type="checkbox"
                prop:checked=move || notifications.allowed() == Allowed::On
                disabled=move || !possible()
                aria-describedby="notify-hint"
                on:change=move |event| notifications.want(event_target_checked(&event))
            />
            <span>"Notify me when an experiment ends"</span>
        </label>
        <p class="hint" id="notify-hint">{hint}</p>
    }
}

//! Whether the page goes to paper, where there is no scrolling to what is out of sight.

use leptos::prelude::*;

/// Whether the page is being printed.
pub fn printed() -> RwSignal<bool> {
    let printed = RwSignal::new(false);
    for (event, now) in [("beforeprint", true), ("afterprint", false)] {
        let listener = window_event_listener_untyped(event, move |_| printed.set(now));
        on_cleanup(move || listener.remove());
    }
    printed
}

//! What is drawn after the first picture, so that the page can be used sooner.

use crate::net::client::use_client;
use leptos::prelude::*;
use std::time::Duration;

/// How long the first picture waits for the connection before the rest is drawn without it.
const WITHOUT_CONNECTION: Duration = Duration::from_secs(1);

/// How long after the connection stands what is below the edge of the window is drawn: the first picture is out by then.
const DRAW_AFTER: Duration = Duration::from_millis(100);

/// Whether to draw what comes later: `after` the connection stands, or a second after now if it does not; at once if
/// `now`. It may be set before.
pub fn drawn_later(now: bool, after: Duration) -> RwSignal<bool> {
    let client = use_client();
    let drawn = RwSignal::new(now);
    // The page may be another by the time.
    let draw = move || {
        let _ = drawn.try_set(true);
    };
    if !now {
        set_timeout(draw, WITHOUT_CONNECTION);
    }
    Effect::new(move |_| {
        if client.is_live() {
            set_timeout(draw, after);
        }
    });
    drawn
}

/// What lies below the edge of the window when the page is opened.
#[component]
pub fn Later(children: ChildrenFn) -> impl IntoView {
    let drawn = drawn_later(false, DRAW_AFTER);
    view! { <Show when=move || drawn.get()>{children()}</Show> }
}

//! What is drawn after the first picture, so that the page can be used sooner.

use crate::net::client::use_client;
use leptos::prelude::*;
use std::time::Duration;

/// How long the first picture waits for the connection before the rest is drawn without it. A page that is not seen has no
/// pictures, and waits as long.
const WITHOUT_CONNECTION: Duration = Duration::from_secs(1);

/// Between a turn and the next, so that what was pressed meanwhile is answered in between.
const BETWEEN_TURNS: Duration = Duration::from_millis(20);

/// When a part is drawn that comes later. Each turn is a task of its own: no part of the form holds the page up for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// At once, with the first picture.
    Now,
    /// Right below the edge of the window.
    Next,
    /// Behind that.
    Third,
    /// At the end of the page.
    Fourth,
    /// What is folded.
    Last,
}

/// Whether to draw what comes later: at its turn once the connection stands and the picture that says so is out, or a second
/// after now without one. It may be set before.
pub fn drawn_later(turn: Turn) -> RwSignal<bool> {
    let Some(before) = (turn as u32).checked_sub(Turn::Next as u32) else { return RwSignal::new(true) };
    let client = use_client();
    let drawn = RwSignal::new(false);
    // The page may be another by the time.
    let draw = move || {
        let _ = drawn.try_set(true);
    };
    let after = BETWEEN_TURNS * before;
    set_timeout(draw, WITHOUT_CONNECTION + after);
    Effect::new(move |_| {
        if client.is_live() {
            // The first frame draws what the connection has changed; when the second begins, it has been seen.
            request_animation_frame(move || request_animation_frame(move || set_timeout(draw, after)));
        }
    });
    drawn
}

/// What lies below the edge of the window when the page is opened.
#[component]
pub fn Later(turn: Turn, children: ChildrenFn) -> impl IntoView {
    let drawn = drawn_later(turn);
    view! { <Show when=move || drawn.get()>{children()}</Show> }
}

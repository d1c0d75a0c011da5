//! A section that folds. What it hides is drawn after what is seen, so that the form can be used sooner: as soon as it is
//! opened, else shortly after the connection stands. A section that begins open is drawn at once.

use crate::net::client::use_client;
use leptos::prelude::*;
use std::time::Duration;

/// How long after the connection stands what is hidden is drawn; by then the form has been laid out.
const DRAW_AFTER: Duration = Duration::from_millis(200);

/// A `details` of a class, with what always stands on it and what it hides.
#[component]
pub fn Fold(class: &'static str, open: bool, summary: AnyView, children: ChildrenFn) -> impl IntoView {
    let client = use_client();
    let drawn = RwSignal::new(open);
    // The form may be gone by the time.
    let draw = move || {
        let _ = drawn.try_set(true);
    };
    Effect::new(move |_| {
        if client.is_live() {
            set_timeout(draw, DRAW_AFTER);
        }
    });
    view! {
        <details class=class open=open on:toggle=move |_| draw()>
            <summary>{summary}</summary>
            <Show when=move || drawn.get()>{children()}</Show>
        </details>
    }
}

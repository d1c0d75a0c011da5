//! A section that folds. What it hides is drawn after what is seen, so that the form can be used sooner: as soon as it is
//! opened, else shortly after the connection stands. A section that begins open is drawn at once.

use super::later::drawn_later;
use leptos::prelude::*;
use std::time::Duration;

/// How long after the connection stands what is hidden is drawn; by then the form has been laid out.
const DRAW_AFTER: Duration = Duration::from_millis(200);

/// A `details` of a class, with what always stands on it and what it hides.
#[component]
pub fn Fold(class: &'static str, open: bool, summary: AnyView, children: ChildrenFn) -> impl IntoView {
    let drawn = drawn_later(open, DRAW_AFTER);
    view! {
        <details class=class open=open on:toggle=move |_| drawn.set(true)>
            <summary>{summary}</summary>
            <Show when=move || drawn.get()>{children()}</Show>
        </details>
    }
}

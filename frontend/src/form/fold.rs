//! A section that folds. What it hides is drawn after what is seen, so that the form can be used sooner: as soon as it is
//! opened, else shortly after the connection stands. A section that begins open is drawn at once.

use super::later::{Turn, drawn_later};
use leptos::prelude::*;

/// A `details` of a class, with what always stands on it and what it hides.
#[component]
pub fn Fold(class: &'static str, open: bool, summary: AnyView, children: ChildrenFn) -> impl IntoView {
    let drawn = drawn_later(if open { Turn::Now } else { Turn::Last });
    view! {
        <details class=class open=open on:toggle=move |_| drawn.set(true)>
            <summary>{summary}</summary>
            <Show when=move || drawn.get()>{children()}</Show>
        </details>
    }
}

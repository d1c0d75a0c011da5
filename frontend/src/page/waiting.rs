//! What stands in the place of a page until the server has told what it shows.

use leptos::prelude::*;

/// A title, and that more will come.
#[component]
pub fn Waiting(
    /// What is waited for.
    title: &'static str,
) -> impl IntoView {
    view! {
        <div class="empty">
            <h1>{title}</h1>
            <p role="status">"Loading…"</p>
        </div>
    }
}

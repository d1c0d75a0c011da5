//! What stands in the place of a page that is not there: not yet, or not at all.

use crate::root::href;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;

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

/// That there is no such experiment, and the way to those that are there.
#[component]
pub fn NoExperiment(id: ExperimentId) -> impl IntoView {
    view! {
        <div class="empty">
            <h1>{format!("No experiment {id}")}</h1>
            <p><a href=href("/")>"All experiments"</a></p>
        </div>
    }
}

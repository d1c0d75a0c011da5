//! What of a report is shown when it is asked for.

use super::words::Words;
use leptos::prelude::*;

/// Blocks that a reader opens.
#[component]
pub fn ReportFold(
    /// What they are.
    summary: String,
    children: Children,
) -> impl IntoView {
    view! {
        <details class="fold">
            <summary><Words text=summary /></summary>
            {children()}
        </details>
    }
}

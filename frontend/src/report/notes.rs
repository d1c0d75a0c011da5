//! What a reader must know of what stands above.

use super::words::Words;
use crate::format::counted;
use leptos::prelude::*;

/// So many notes stand open, among them those that say what the signs of a table mean; more are opened by the reader.
const OPEN: usize = 8;

/// A sentence each; nothing if there is none.
#[component]
pub fn ReportNotes(
    /// The sentences.
    notes: Vec<String>,
) -> impl IntoView {
    let count = notes.len();
    let items = notes.into_iter().map(|text| view! { <li><Words text=text /></li> }).collect_view();
    (count > 0).then(|| {
        view! {
            <details class="notes" open=count <= OPEN>
                <summary>{counted(count, "note")}</summary>
                <ul>{items}</ul>
            </details>
        }
    })
}

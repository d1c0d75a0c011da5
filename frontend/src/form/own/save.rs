//! The button that writes a folder's `dataset.toml`, and what becomes of it.

use super::choice::wrong;
use super::state::Own;
use crate::component::icon::Icon;
use crate::net::client::use_client;
use leptos::prelude::*;
use tunemask_shared::dataset::{SETTINGS_FILE, SavedSettings};

/// The button, and what is written.
pub fn save(own: Own) -> AnyView {
    let client = use_client();
    Effect::new(move |_| client.data_saved.with(|saved| saved.iter().for_each(|saved| own.saved(saved))));
    let open =
        Memo::new(move |_| own.read(|own| own.facts.as_ref().map_or(1, |facts| facts.questions.len())));
    let waits = move || own.is_old() || open.get() > 0 || !client.is_live();
    let writes = move || match open.get() {
        0 => format!("Writes {SETTINGS_FILE} into {}, and ticks the task.", own.place()),
        1 => "Answer one question above first.".to_owned(),
        n => format!("Answer {n} questions above first."),
    };
    view! {
        <div class="own-save">
            <button
                type="button"
                disabled=waits
                aria-describedby="own-save-hint"
                on:click=move |_| own.save(None)
            >
                "Save"
            </button>
            <p class="hint" id="own-save-hint">{writes}</p>
            <div class="own-saved" role="status">{move || client.data_saved.get().map(|saved| became(own, saved))}</div>
        </div>
    }
    .into_any()
}

/// What became of it.
fn became(own: Own, saved: SavedSettings) -> AnyView {
    match saved {
        SavedSettings::Written { path, .. } => {
            view! { <p class="found">{Icon::Tick.show()} <span>{format!("Saved as {path}")}</span></p> }
                .into_any()
        }
        SavedSettings::Failed { reason } => wrong(reason),
        SavedSettings::Exists { path, text } => {
            let over = text.clone();
            view! {
                {wrong(format!("{path} is there already, and says something else."))}
                <pre tabindex="0">{text}</pre>
                <button type="button" class="danger" on:click=move |_| own.save(Some(over.clone()))>
                    "Replace it"
                </button>
            }
            .into_any()
        }
    }
}

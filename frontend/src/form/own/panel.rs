//! All of a folder of the user's own data: what is read as what, what is in it, and the button that keeps it so.

use super::choice::wrong;
use super::roles::roles;
use super::save::save;
use super::sets::{files, folders};
use super::state::Own;
use super::tables::tables;
use crate::form::state::Form;
use leptos::prelude::*;
use tunemask_shared::dataset::SETTINGS_FILE;

/// The section. Nothing where the data folder holds no data of the user's own.
#[component]
pub fn OwnPanel(form: Form) -> impl IntoView {
    let own = Own::new(form);
    let any = Memo::new(move |_| own.known.with(Option::is_some));
    let readable = Memo::new(move |_| own.read(|own| own.facts.is_ok()));
    let waits = Memo::new(move |_| own.waits());
    let shown = move || match (any.get(), waits.get()) {
        (true, _) => Some(section(own, readable)),
        // Seen where it takes a while.
        (false, true) => {
            Some(view! { <p class="hint late" role="status">"Reading the data folder…"</p> }.into_any())
        }
        (false, false) => None,
    };
    view! { {shown} }
}

fn section(own: Own, readable: Memo<bool>) -> AnyView {
    let task = move || own.read(|own| own.facts.as_ref().map(|facts| facts.task.clone()).unwrap_or_default());
    let why = move || own.read(|own| own.facts.as_ref().err().cloned()).map(wrong);
    let settings = move || readable.get().then(|| (roles(own), files(own)));
    let seen = move || readable.get().then(|| seen(own));
    let kept = move || readable.get().then(|| save(own));
    view! {
        <section class="panel own-data" aria-labelledby="own-data" aria-busy=move || own.is_old().to_string()>
            <h2 id="own-data">"Data of your own " <span class="count">{task}</span></h2>
            {folders(own)}
            {why}
            {settings}
            {seen}
            {kept}
        </section>
    }
    .into_any()
}

/// What can be seen of it.
fn seen(own: Own) -> AnyView {
    let note = |note: &String| view! { <li>{note.clone()}</li> };
    let notes =
        move || own.read(|own| own.facts.iter().flat_map(|facts| &facts.notes).map(note).collect::<Vec<_>>());
    let toml = move || own.read(|own| own.facts.as_ref().map(|facts| facts.toml.clone()).unwrap_or_default());
    view! {
        {tables(own)}
        <ul class="own-notes">{notes}</ul>
        <details class="more">
            <summary>{SETTINGS_FILE}</summary>
            <pre tabindex="0">{toml}</pre>
        </details>
    }
    .into_any()
}

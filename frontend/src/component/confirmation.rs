//! A question before what cannot be undone with one click.

use leptos::html::Dialog;
use leptos::prelude::*;

/// Shows the question of a dialog.
pub fn ask(dialog: NodeRef<Dialog>) {
    if let Some(dialog) = dialog.get_untracked() {
        let _ = dialog.show_modal();
    }
}

/// The question, over all else; Escape and the second button leave it.
#[component]
pub fn Confirmation(
    /// Its dialog, which [`ask`] shows.
    dialog: NodeRef<Dialog>,
    /// The question.
    title: String,
    /// The word of what would be done.
    word: &'static str,
    /// The word of what is done otherwise.
    otherwise: &'static str,
    /// Whether it can be done now.
    possible: Signal<bool>,
    /// Does it.
    confirmed: Callback<()>,
    /// What follows from it.
    children: Children,
) -> impl IntoView {
    let close = move || {
        if let Some(dialog) = dialog.get_untracked() {
            dialog.close();
        }
    };
    let confirm = move |_| {
        close();
        confirmed.run(());
    };
    let label = title.clone();
    view! {
        <dialog node_ref=dialog class="question" aria-label=label>
            <h2>{title}</h2>
            {children()}
            <div class="actions">
                <button class="danger" disabled=move || !possible.get() on:click=confirm>{word}</button>
                <button autofocus on:click=move |_| close()>{otherwise}</button>
            </div>
        </dialog>
    }
}

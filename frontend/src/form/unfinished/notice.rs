//! What the form says of drafts: that it holds one, or that there is one elsewhere.

use super::kept::use_unfinished;
use crate::component::icon::Icon;
use crate::form::draft::Draft;
use crate::form::field::Field;
use crate::form::focus::focus_control;
use crate::form::state::Form;
use crate::root::href;
use leptos::prelude::*;

/// The form at `address`, which begins with `start` unless a draft was `restored`.
#[component]
pub fn Notice(form: Form, address: String, start: Draft, restored: RwSignal<bool>) -> impl IntoView {
    let unfinished = use_unfinished();
    let address = StoredValue::new(address);
    let elsewhere = Memo::new(move |_| {
        let found = address.with_value(|address| unfinished.elsewhere(address));
        found.map(|kept| (kept.place, name_of(&kept.draft)))
    });
    let start_over = move |_: leptos::ev::MouseEvent| {
        form.draft.set(start.clone());
        address.with_value(|address| unfinished.forget(address));
        restored.set(false);
        // The button is gone now.
        focus_control(Field::Name.name());
    };
    let shown = move || {
        if restored.get() {
            let start_over = start_over.clone();
            return Some(
                view! {
                    <p class="unfinished">
                        {Icon::Undo.show()}
                        <span>"What you typed here before is restored."</span>
                        <button type="button" class="small" on:click=start_over>"Discard it"</button>
                    </p>
                }
                .into_any(),
            );
        }
        let (kept, name) = elsewhere.get()?;
        let link = href(&kept.address);
        let (discarded, taken) = (kept.clone(), kept);
        let discard = move |_| {
            unfinished.discard(&discarded);
            focus_control(Field::Name.name());
        };
        // Of another tab the draft may be one of this address, to which the link does not lead.
        let restore = move |event: leptos::ev::MouseEvent| {
            // The browser opens the link in another tab, which is offered the draft.
            if event.ctrl_key() || event.meta_key() || event.shift_key() {
                return;
            }
            unfinished.take_over(&taken);
            if address.with_value(|address| *address == taken.address) {
                event.prevent_default();
                if let Some(draft) = unfinished.at(&taken.address) {
                    form.draft.set(draft);
                    restored.set(true);
                    focus_control(Field::Name.name());
                }
            }
        };
        Some(
            view! {
                <p class="unfinished">
                    {Icon::Pencil.show()}
                    <span>{format!("You have an unfinished draft, {name}.")}</span>
                    <a class="button small" href=link on:click=restore>"Restore it"</a>
                    <button type="button" class="small" on:click=discard>"Discard it"</button>
                </p>
            }
            .into_any(),
        )
    };
    view! { <div class="unfinished-place" role="status">{shown}</div> }
}

/// A draft as a reader knows it.
fn name_of(draft: &Draft) -> String {
    match draft.text(Field::Name).trim() {
        "" => "without a name".to_owned(),
        name => format!("“{name}”"),
    }
}

//! Joining what is painted with another mask: the paper's, or one of the experiment.

use super::state::Painter;
use crate::form::draft::PLAIN_MASKS;
use crate::form::state::Form;
use leptos::prelude::*;
use tunemask_shared::mask::{Mask, SetOperation};

/// The controls.
#[component]
pub fn Sets(form: Form, painter: Painter) -> impl IntoView {
    let chosen = RwSignal::new(Mask::LayerNorms.to_string());
    let masks = Memo::new(move |_| {
        let mut all: Vec<String> = PLAIN_MASKS.iter().map(Mask::to_string).collect();
        let more = form.masks().into_iter().map(|mask| mask.to_string());
        for text in more {
            if !all.contains(&text) {
                all.push(text);
            }
        }
        all
    });
    let options = move || {
        let option = |text: String| view! { <option value=text.clone()>{text.clone()}</option> };
        masks.get().into_iter().map(option).collect_view()
    };
    let other = move || chosen.get_untracked().parse::<Mask>().ok();
    let refused = RwSignal::new(false);
    let join = move |operation: SetOperation| {
        let joined = other().map(|other| painter.mask.with_untracked(|mask| mask.joined(operation, &other)));
        refused.set(joined == Some(None));
        if let Some(mask) = joined.flatten() {
            painter.take(mask);
        }
    };
    let button = move |sign: &'static str, label: &'static str, operation: SetOperation| {
        view! { <button type="button" class="small" title=label aria-label=label on:click=move |_| join(operation)>{sign}</button> }
    };
    let replace = move |_| {
        refused.set(false);
        if let Some(mask) = other() {
            painter.take(mask);
        }
    };
    view! {
        <fieldset class="painter-sets">
            <legend>"With another mask"</legend>
            <select aria-label="Other mask" prop:value=move || chosen.get() on:change=move |e| chosen.set(event_target_value(&e))>
                {options}
            </select>
            <button type="button" class="small" on:click=replace>"Start from it"</button>
            {button("+", "Add it", SetOperation::Union)}
            {button("−", "Take it away", SetOperation::Difference)}
            {button("&", "Keep what both have", SetOperation::Intersection)}
            <Show when=move || refused.get()>
                <p class="error" role="alert">"They cannot be one mask: together they have more rules than one may have, or one of them is LoRA."</p>
            </Show>
        </fieldset>
    }
}

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
    let refused = RwSignal::new(None::<&'static str>);
    let join = move |operation: SetOperation| {
        let Some(other) = other() else { return };
        let joined = painter.mask.with_untracked(|mask| joined(mask, operation, &other));
        refused.set(joined.as_ref().err().copied());
        if let Ok(mask) = joined {
            painter.take(mask);
        }
    };
    let button = move |sign: &'static str, label: &'static str, operation: SetOperation| {
        view! { <button type="button" class="small" title=label aria-label=label on:click=move |_| join(operation)>{sign}</button> }
    };
    let replace = move |_| {
        refused.set(None);
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
            {move || refused.get().map(|why| view! { <p class="error" role="alert">{why}</p> })}
        </fieldset>
    }
}

/// Two masks as one, or why they cannot be.
fn joined(mask: &Mask, operation: SetOperation, other: &Mask) -> Result<Mask, &'static str> {
    let why = match (mask, other) {
        (Mask::Lora(_), _) | (_, Mask::Lora(_)) => "LoRA cannot be joined with another mask.",
        _ => "Too many rules for one mask.",
    };
    mask.joined(operation, other).ok_or(why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn why_two_masks_are_not_one_is_said() {
        let mask = |text: &str| text.parse::<Mask>().unwrap();
        let add = |one: &str, other: &str| joined(&mask(one), SetOperation::Union, &mask(other));
        assert!(add("mha", "ffn").is_ok());
        for (one, other) in
            [("mha", "lora:8:16 in layers(*).mha.query"), ("lora:8:16 in layers(*).mha.query", "mha")]
        {
            assert_eq!(add(one, other), Err("LoRA cannot be joined with another mask."));
        }
    }
}

//! Which scalars of what is painted train: all, or those that a rule picks.

use super::state::Painter;
use leptos::prelude::*;
use tunemask_shared::mask::{ElementRule, Pick, Pool};

/// What a rule begins with.
const START: ElementRule = ElementRule { pick: Pick::Largest, count: 16, seed: None, pool: Pool::Tensor };

/// Choices of a rule with their values and words.
const PICKS: [(&str, Pick, &str); 4] = [
    ("largest", Pick::Largest, "the largest |w|"),
    ("smallest", Pick::Smallest, "the smallest |w|"),
    ("farthest", Pick::Farthest, "those farthest from their mean"),
    ("random", Pick::Random, "drawn at random"),
];

const POOLS: [(&str, Pool, &str); 3] = [
    ("tensor", Pool::Tensor, "of each tensor"),
    ("module", Pool::Module, "of each module"),
    ("all", Pool::Region, "of all together"),
];

/// The controls of the rule.
#[component]
pub fn RuleControls(painter: Painter) -> impl IntoView {
    let rule = Memo::new(move |_| painter.mask.with(|mask| mask.element_rule()));
    // What has rules and is none cannot be shown by these controls.
    let combined = Memo::new(move |_| {
        painter.mask.with(|mask| !mask.holds_whole_tensors() && mask.element_rule().is_none())
    });
    let change = move |change: &dyn Fn(&mut ElementRule)| {
        let mut next = rule.get_untracked().unwrap_or(START);
        change(&mut next);
        painter.take(painter.mask.with_untracked(|mask| mask.picking(Some(next))));
    };
    let picked = move |value: String| match PICKS.iter().find(|(name, ..)| *name == value) {
        Some((_, pick, _)) => change(&|rule| {
            rule.pick = *pick;
            rule.seed = None;
        }),
        None => painter.take(painter.mask.with_untracked(|mask| mask.picking(None))),
    };
    let pooled = move |value: String| {
        if let Some((_, pool, _)) = POOLS.iter().find(|(name, ..)| *name == value) {
            change(&|rule| rule.pool = *pool);
        }
    };
    let counted = move |value: String| {
        if let Ok(count) = value.trim().parse::<usize>() {
            change(&|rule| rule.count = count.max(1));
        }
    };
    let option = |value: &'static str, words: &'static str, chosen: bool| {
        view! { <option value=value selected=chosen>{words}</option> }
    };
    let picks = move || {
        let chosen = rule.get().map(|rule| rule.pick);
        let options = PICKS.map(|(value, pick, words)| option(value, words, chosen == Some(pick)));
        view! {
            {option("every", "every scalar", chosen.is_none())}
            {options.into_iter().collect_view()}
        }
    };
    let pools = move || {
        let chosen = rule.get().map(|rule| rule.pool);
        POOLS
            .map(|(value, pool, words)| option(value, words, chosen == Some(pool)))
            .into_iter()
            .collect_view()
    };
    view! {
        <fieldset class="painter-rule">
            <legend>"Of what is painted"</legend>
            <Show
                when=move || !combined.get()
                fallback=|| view! { <p class="hint">"This mask combines rules; its text says which, and can be changed there."</p> }
            >
                <select aria-label="Which scalars train" on:change=move |e| picked(event_target_value(&e))>{picks}</select>
                <Show when=move || rule.get().is_some()>
                    <input
                        type="number"
                        min="1"
                        step="1"
                        aria-label="How many"
                        prop:value=move || rule.get().map(|rule| rule.count.to_string()).unwrap_or_default()
                        on:input=move |e| counted(event_target_value(&e))
                    />
                    <select aria-label="Picked from" on:change=move |e| pooled(event_target_value(&e))>{pools}</select>
                </Show>
            </Show>
        </fieldset>
    }
}

//! The ways from a run to comparisons: with another of its experiment, or with those that are chosen already.

use crate::chart::board::Board;
use crate::component::icon::Icon;
use crate::format::counted;
use crate::grouping::Grouping;
use crate::legend::{Legend, Run};
use crate::net::store::use_store;
use crate::page::compare::basket::use_basket;
use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::comparison::{ComparedRun, Comparison};
use tunemask_shared::run::RunId;
use wasm_bindgen::JsCast;

/// Most runs of which a list is shown: more are found by words.
const SHOWN: usize = 40;

/// A list of the other runs, to be opened.
#[component]
pub fn CompareWith(board: Board, run: StoredValue<RunId>) -> impl IntoView {
    let (store, basket) = (use_store(), use_basket());
    let (open, words) = (RwSignal::new(false), RwSignal::new(String::new()));
    let seen = move |run: RunId| ComparedRun { experiment_id: board.id, run };
    let this = move || seen(run.get_value());
    let others = Memo::new(move |_| {
        let words = words.with(|words| words.to_lowercase());
        store.state.with(|state| {
            let all = state.experiments.get(&board.id).map(|found| &found.runs[..]).unwrap_or_default();
            let legend = state
                .experiments
                .get(&board.id)
                .map(|found| Legend::new(found, &state.runs))
                .unwrap_or_default();
            let other = |id: &RunId| {
                let state = state.runs.get(id).filter(|_| run.with_value(|run| run != id))?;
                let name = legend.name(Run { id, state }, Grouping::Runs);
                let text = name.to_lowercase();
                words.split_whitespace().all(|word| text.contains(word)).then(|| (id.clone(), name))
            };
            all.iter().filter_map(other).collect::<Vec<_>>()
        })
    });
    let way = move |(id, name): (RunId, String)| {
        let address = Page::Compare(Ok(Comparison::Runs(vec![this(), seen(id)]))).url();
        view! { <li><a href=href(&address)>{name}</a></li> }
    };
    let more = move || {
        let left = others.with(Vec::len).saturating_sub(SHOWN);
        (left > 0).then(
            || view! { <p class="hint">{format!("and {left} more: type part of a name to find one")}</p> },
        )
    };
    let chosen = move || {
        let mut runs = basket.runs.get();
        let others = runs.iter().filter(|other| **other != this()).count();
        runs.retain(|other| *other != this());
        runs.insert(0, this());
        let comparison = Comparison::Runs(runs).checked().ok()?;
        let address = href(&Page::Compare(Ok(comparison)).url());
        Some(
            view! { <p><a href=address>{format!("Compare with {} chosen before", counted(others, "run"))}</a></p> },
        )
    };
    let has = Memo::new(move |_| basket.has(&this()));
    let toggle = move |event: leptos::ev::Event| {
        let details = event.target().and_then(|t| t.dyn_into::<web_sys::HtmlDetailsElement>().ok());
        open.set(details.is_some_and(|d| d.open()));
    };
    view! {
        <details class="compare-with" on:toggle=toggle>
            <summary class="button">{Icon::Compare.show()} "Compare with…"</summary>
            <Show when=move || open.get()>
                <div class="panel">
                    <label class="tick">
                        <input type="checkbox" prop:checked=move || has.get() on:change=move |_| basket.toggle(this()) />
                        "Keep this run, to compare it with others"
                    </label>
                    {chosen}
                    <input
                        type="search"
                        aria-label="Find a run to compare with"
                        placeholder="Mask, task, rate, seed"
                        prop:value=move || words.get()
                        on:input=move |e| words.set(event_target_value(&e))
                    />
                    <ul>
                        {move || others.with(|all| all.iter().take(SHOWN).cloned().map(way).collect_view())}
                    </ul>
                    {more}
                    <Show when=move || others.with(Vec::is_empty)>
                        <p class="hint">"No other run of this experiment matches."</p>
                    </Show>
                </div>
            </Show>
        </details>
    }
}

//! Runs that are chosen to be compared, here and in other experiments: how many, and the way to their comparison.

use crate::format::counted;
use crate::page::compare::basket::use_basket;
use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::comparison::Comparison;

/// What is chosen; nothing until something is.
#[component]
pub fn ChosenRuns() -> impl IntoView {
    let basket = use_basket();
    let bar = move || {
        let runs = basket.runs.get();
        let count = runs.len();
        let way = match Comparison::Runs(runs).checked() {
            Ok(comparison) => {
                let address = href(&Page::Compare(Ok(comparison)).url());
                view! { <a class="button primary small" href=address>{format!("Compare {count}")}</a> }
                    .into_any()
            }
            Err(_) if count < 2 => {
                view! { <span class="hint">"Choose another to compare them"</span> }.into_any()
            }
            Err(why) => view! { <span class="hint">{why.to_string()}</span> }.into_any(),
        };
        view! {
            <div class="chosen-runs" role="group" aria-label="Chosen to be compared">
                <span role="status">{format!("{} chosen", counted(count, "run"))}</span>
                {way}
                <button class="quiet small" on:click=move |_| basket.runs.set(Vec::new())>"Clear"</button>
            </div>
        }
    };
    view! { <Show when=move || !basket.runs.with(Vec::is_empty)>{bar}</Show> }
}

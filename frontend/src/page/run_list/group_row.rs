//! A group of the list: how many runs it has, the best of them, and the way to see them.

use super::ROW;
use super::items::Fold;
use crate::best::best_of;
use crate::chart::board::Board;
use crate::chart::line::LineKey;
use crate::component::icon::Icon;
use crate::component::part::{picture, sample};
use crate::format::{counted, score};
use crate::grouping::Field;
use crate::legend::{Place, Run};
use crate::nav::use_nav;
use crate::net::store::use_store;
use leptos::prelude::*;
use std::sync::Arc;
use tunemask_shared::run::RunId;

/// The row of a group.
#[component]
pub fn GroupRow(
    board: Board,
    place: usize,
    /// What its runs have in common.
    of: Place,
    runs: Arc<[RunId]>,
    fold: Fold,
    toggle: Callback<()>,
    cursor: RwSignal<usize>,
) -> impl IntoView {
    let (store, nav) = (use_store(), use_nav());
    let grouping = board.grouping.get_untracked();
    let (name, mask) = store.state.with_untracked(|s| {
        let first = runs.first()?;
        let first = Run { id: first, state: s.runs.get(first)? };
        let mask = grouping.has(Field::Mask).then(|| first.state.spec.mask.clone());
        Some((board.legend.with_untracked(|legend| legend.name(first, grouping)), mask))
    })?;
    let pictured = move || board.legend.with(|legend| mask.as_ref().and_then(|mask| picture(legend, mask)));
    let style = Memo::new(move |_| board.legend.with(|legend| legend.style(of, grouping)));
    let count = runs.len();
    let runs = StoredValue::new(runs);
    let seen = Memo::new(move |_| {
        nav.route
            .with(|r| runs.with_value(|runs| runs.iter().filter(|run| r.view.visibility.shows(run)).count()))
    });
    let best = Memo::new(move |_| {
        let found = store
            .state
            .with(|s| runs.with_value(|runs| best_of(runs.iter().filter_map(|id| s.runs.get(id)))));
        found.map(|best| score(best.metric, best.value))
    });
    let line = LineKey::group(of);
    let is_near = line.clone();
    let near = move || board.highlighted.with(|now| now.as_ref() == Some(&is_near));
    let line = StoredValue::new(line);
    let highlight = move |on: bool| board.highlighted.set(on.then(|| line.get_value()));
    let checked = move || match seen.get() {
        0 => "false",
        some if some < count => "mixed",
        _ => "true",
    };
    let open = fold == Fold::Open;
    let said = format!("{name}, {}", counted(count, "run"));
    let title = format!(
        "{said}: Space shows or hides them, O shows them alone, the arrows to the right and left unfold and fold them"
    );
    Some(view! {
        <li
            class="group"
            class:near=near
            class:hidden-run=move || seen.get() == 0
            style=format!("inset-block-start:{}px", place as f64 * ROW)
            on:pointerenter=move |_| highlight(true)
            on:pointerleave=move |_| highlight(false)
        >
            <button
                class="quiet small unfold"
                tabindex="-1"
                aria-expanded=open.to_string()
                aria-label=format!("Runs of {name}")
                on:click=move |_| toggle.run(())
            >
                {Icon::Chevron.show()}
            </button>
            <button
                class="eye"
                role="checkbox"
                aria-checked=checked
                aria-label=said
                title=title
                tabindex=move || if cursor.get() == place { "0" } else { "-1" }
                data-place=place.to_string()
                on:click=move |_| nav.update_view(|v| runs.with_value(|runs| v.visibility.toggle_all(runs)))
                on:focus=move |_| {
                    cursor.set(place);
                    highlight(true);
                }
                on:blur=move |_| highlight(false)
            >
                {move || if seen.get() > 0 { Icon::Eye.show() } else { Icon::EyeOff.show() }}
                {move || sample(style.get())}
                {pictured}
                <span class="name">{name.clone()}</span>
                <span class="count">{count}</span>
            </button>
            <button
                class="quiet small only"
                tabindex="-1"
                aria-label=format!("Only {name}")
                on:click=move |_| nav.update_view(|v| runs.with_value(|runs| v.visibility.toggle_only(runs)))
            >
                "Only"
            </button>
            <span class="best" title="The best of its runs">{move || best.get()}</span>
        </li>
    })
}

//! A run of the list.

use super::ROW;
use super::items::Level;
use crate::best::best_score;
use crate::chart::board::Board;
use crate::component::icon::Icon;
use crate::component::part::{picture, sample};
use crate::format::score;
use crate::grouping::Grouping;
use crate::legend::Run;
use crate::nav::use_nav;
use crate::net::store::use_store;
use crate::page::compare::basket::use_basket;
use leptos::prelude::*;
use tunemask_shared::comparison::ComparedRun;
use tunemask_shared::run::{RunId, RunStatus};

/// The row of a run.
#[component]
pub fn ListedRun(
    board: Board,
    place: usize,
    run: RunId,
    level: Level,
    cursor: RwSignal<usize>,
) -> impl IntoView {
    let (store, nav, basket) = (use_store(), use_nav(), use_basket());
    // A member has the style of its group's line, of which it is part.
    let grouping = if level == Level::Member { board.grouping.get_untracked() } else { Grouping::Runs };
    let (of, name, mask) = store.state.with_untracked(|s| {
        let run = Run { id: &run, state: s.runs.get(&run)? };
        let mask = run.state.spec.mask.clone();
        Some(board.legend.with_untracked(|l| (l.place(run), l.name(run, Grouping::Runs), mask)))
    })?;
    let pictured = move || board.legend.with(|legend| picture(legend, &mask));
    let style = Memo::new(move |_| board.legend.with(|legend| legend.style(of, grouping)));
    let id = StoredValue::new(run);
    let seen = Memo::new(move |_| nav.route.with(|r| id.with_value(|id| r.view.visibility.shows(id))));
    let value = Memo::new(move |_| {
        store.state.with(|s| {
            let run = id.with_value(|id| s.runs.get(id))?;
            let best = best_score(run).map(|best| score(best.metric, best.value));
            Some((run.status, best))
        })
    });
    let end = move || {
        let (status, best) = value.get()?;
        let sign = (status != RunStatus::Finished).then(|| {
            view! {
                <span class=format!("status {}", status.name()) title=status.name()>
                    {Icon::of(status).show()} <span class="visually-hidden">{status.name()}</span>
                </span>
            }
        });
        Some(view! { {sign} <span class="best">{best}</span> })
    };
    let line = Memo::new(move |_| id.with_value(|id| board.line_of(id)));
    let near = move || board.highlighted.with(|now| now.as_ref() == Some(&line.get()));
    let highlight = move |on: bool| board.highlighted.set(on.then(|| line.get_untracked()));
    let pinned = level == Level::Pinned;
    let compared = move || ComparedRun { experiment_id: board.id, run: id.get_value() };
    let chosen = Memo::new(move |_| basket.has(&compared()));
    let title =
        format!("{name}: Space shows or hides it, O shows it alone, P pins it, X chooses it to be compared");
    Some(view! {
        <li
            class:near=near
            class:member=level == Level::Member
            class:pinned-run=pinned
            class:chosen=move || chosen.get()
            class:hidden-run=move || !seen.get()
            style=format!("inset-block-start:{}px", place as f64 * ROW)
            on:pointerenter=move |_| highlight(true)
            on:pointerleave=move |_| highlight(false)
        >
            <input
                type="checkbox"
                class="choose"
                tabindex="-1"
                aria-label=format!("Choose {name} to be compared")
                title="Choose to compare"
                prop:checked=move || chosen.get()
                on:change=move |_| basket.toggle(compared())
            />
            <button
                class="eye"
                role="switch"
                aria-checked=move || seen.get().to_string()
                aria-label=name.clone()
                aria-keyshortcuts="Space O P X"
                title=title
                tabindex=move || if cursor.get() == place { "0" } else { "-1" }
                data-place=place.to_string()
                on:click=move |_| nav.update_view(|v| id.with_value(|id| v.visibility.toggle(id)))
                on:focus=move |_| {
                    cursor.set(place);
                    highlight(true);
                }
                on:blur=move |_| highlight(false)
            >
                {move || if seen.get() { Icon::Eye.show() } else { Icon::EyeOff.show() }}
                {move || sample(style.get())}
                {pictured}
                <span class="name">{name.clone()}</span>
            </button>
            <button
                class="quiet small only"
                tabindex="-1"
                aria-label=format!("Only {name}")
                on:click=move |_| nav.update_view(|v| id.with_value(|id| v.visibility.toggle_only(std::slice::from_ref(id))))
            >
                "Only"
            </button>
            <button
                class="quiet small pin"
                tabindex="-1"
                aria-pressed=pinned.to_string()
                aria-label=format!("Pin {name}")
                title=if pinned { "Unpin" } else { "Pin: first in the list, above all other lines" }
                on:click=move |_| nav.update_view(|v| id.with_value(|id| v.toggle_pin(id)))
            >
                {Icon::Pin.show()}
            </button>
            {end}
        </li>
    })
}

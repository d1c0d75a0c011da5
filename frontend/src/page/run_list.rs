//! The runs beside their charts: which are drawn, and which line is whose. Only the rows in sight are there, however many
//! runs there are. It is one stop of the Tab key: arrows move, Space shows or hides, O shows one alone.

use crate::best::best_score;
use crate::chart::board::Board;
use crate::component::icon::Icon;
use crate::component::part::sample;
use crate::component::virtual_rows::VirtualRows;
use crate::format::{score, thousands};
use crate::legend::Seeds;
use crate::nav::use_nav;
use crate::net::store::use_store;
use crate::visibility::Visibility;
use leptos::html::Div;
use leptos::prelude::*;
use tunemask_shared::run::{RunId, RunStatus};
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Height of a row in pixels, as in the style sheet.
const ROW: f64 = 28.0;

/// The list.
#[component]
pub fn RunList(board: Board) -> impl IntoView {
    let nav = use_nav();
    let node = NodeRef::<Div>::new();
    let runs = board.sorted;
    let count = Memo::new(move |_| runs.with(Vec::len));
    let list = VirtualRows::new(node, count, ROW);
    let rows = move || {
        let shown = list.shown.get();
        let row = |place: usize| runs.with(|runs| Some((place, runs.get(place)?.clone())));
        shown.filter_map(row).collect::<Vec<_>>()
    };
    // The row that the Tab key leads to.
    let cursor = RwSignal::new(0_usize);
    let go_to = move |place: usize, focus: bool| {
        let Some(element) = node.get_untracked() else { return };
        cursor.set(place);
        list.bring_into_sight(place);
        if focus {
            // The row may only now come to be.
            request_animation_frame(move || {
                let found = element.query_selector(&format!("[data-place='{place}']")).ok().flatten();
                if let Some(eye) = found.and_then(|e| e.dyn_into::<HtmlElement>().ok()) {
                    let _ = eye.focus();
                }
            });
        }
    };
    Effect::new(move |_| {
        let Some(sought) = board.sought.get() else { return };
        if let Some(place) = runs.with_untracked(|runs| runs.iter().position(|run| *run == sought)) {
            go_to(place, false);
        }
    });
    let key = move |event: leptos::ev::KeyboardEvent| {
        let (at, last) = (cursor.get_untracked(), count.get_untracked().saturating_sub(1));
        let to = match event.key().as_str() {
            "ArrowDown" => (at + 1).min(last),
            "ArrowUp" => at.saturating_sub(1),
            "Home" => 0,
            "End" => last,
            "PageDown" => (at + 10).min(last),
            "PageUp" => at.saturating_sub(10),
            "o" | "O" => {
                if let Some(run) = runs.with_untracked(|runs| runs.get(at).cloned()) {
                    nav.update_view(|v| v.visibility.toggle_only(&run));
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        go_to(to, true);
    };
    let drawn = Memo::new(move |_| board.drawn.with(Vec::len));
    let words = move || match (drawn.get(), count.get()) {
        (drawn, count) if drawn == count => format!("{} drawn", thousands(count as u64)),
        (drawn, count) => format!("{} of {} drawn", thousands(drawn as u64), thousands(count as u64)),
    };
    view! {
        <aside class="run-list" aria-label="Runs in the charts">
            <input
                type="search"
                aria-label="Filter runs"
                placeholder="Mask, task, rate, seed, status"
                prop:value=move || nav.route.with(|r| r.view.filter.text.clone())
                on:input=move |e| nav.update_view(|v| v.filter.text = event_target_value(&e))
            />
            <div class="run-list-head">
                <span role="status">{words}</span>
                <button
                    class="quiet small"
                    disabled=move || drawn.get() == count.get()
                    on:click=move |_| nav.update_view(|v| v.visibility = Visibility::default())
                >
                    "Draw all"
                </button>
                <button
                    class="quiet small"
                    disabled=move || drawn.get() == 0
                    on:click=move |_| nav.update_view(|v| v.visibility = Visibility::Only(Vec::new()))
                >
                    "Draw none"
                </button>
            </div>
            <div class="run-rows" node_ref=node on:scroll=move |_| list.follow() on:keydown=key>
                <ul style=move || format!("block-size:{}px", list.whole())>
                    <For each=rows key=|row| row.clone() let:row>
                        <Row board=board place=row.0 run=row.1 cursor=cursor />
                    </For>
                </ul>
            </div>
        </aside>
    }
}

/// A run of the list.
#[component]
fn Row(board: Board, place: usize, run: RunId, cursor: RwSignal<usize>) -> impl IntoView {
    let (store, nav) = (use_store(), use_nav());
    let id = StoredValue::new(run);
    let spec = store.state.with_untracked(|s| id.with_value(|id| s.runs.get(id).map(|r| r.spec.clone())))?;
    let (style, name) = board.legend.with_untracked(|l| (l.style(&spec), l.name(&spec, Seeds::Apart)));
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
    let near =
        move || board.highlighted.with(|run| run.as_ref().is_some_and(|run| id.with_value(|id| id == run)));
    let highlight = move |on: bool| board.highlighted.set(on.then(|| id.get_value()));
    let title = format!("{name}: Space shows or hides it, O shows it alone");
    Some(view! {
        <li
            class:near=near
            class:hidden-run=move || !seen.get()
            style=format!("inset-block-start:{}px", place as f64 * ROW)
            on:pointerenter=move |_| highlight(true)
            on:pointerleave=move |_| highlight(false)
        >
            <button
                class="eye"
                role="switch"
                aria-checked=move || seen.get().to_string()
                aria-label=name.clone()
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
                {sample(style)}
                <span class="name">{name.clone()}</span>
            </button>
            <button
                class="quiet small only"
                tabindex="-1"
                aria-label=format!("Only {name}")
                on:click=move |_| nav.update_view(|v| id.with_value(|id| v.visibility.toggle_only(id)))
            >
                "Only"
            </button>
            {end}
        </li>
    })
}

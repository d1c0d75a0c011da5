//! The runs beside their charts: which are drawn, and which line is whose. Only the rows in sight are there, however many
//! runs there are. It is one stop of the Tab key: arrows move and unfold, Space shows or hides, O shows one alone, P pins,
//! X chooses for a comparison.

/// What the list shows.
mod items;
/// A run of the list.
mod run_row;
/// A group of the list.
mod group_row;
/// Runs that are chosen to be compared.
mod chosen;

use crate::chart::board::Board;
use crate::chart::line::LineKey;
use crate::component::virtual_rows::VirtualRows;
use crate::format::thousands;
use crate::grouping::Field;
use crate::legend::{GroupKey, Run};
use crate::nav::use_nav;
use crate::net::store::use_store;
use crate::page::compare::basket::use_basket;
use crate::visibility::Visibility;
use chosen::ChosenRuns;
use group_row::GroupRow;
use items::{Fold, Item, Listed, group_above, items};
use leptos::html::Div;
use leptos::prelude::*;
use run_row::ListedRun;
use std::collections::HashSet;
use tunemask_shared::comparison::ComparedRun;
use wasm_bindgen::JsCast;
use web_sys::HtmlElement;

/// Height of a row in pixels, as in the style sheet.
const ROW: f64 = 28.0;

/// The list.
#[component]
pub fn RunList(board: Board) -> impl IntoView {
    let (nav, basket) = (use_nav(), use_basket());
    let node = NodeRef::<Div>::new();
    let open = RwSignal::new(HashSet::<GroupKey>::new());
    let rows = rows_of(board, open);
    let count = Memo::new(move |_| rows.with(Vec::len));
    let list = VirtualRows::new(node, count, ROW);
    let in_sight = move || {
        let shown = list.shown.get();
        let row = |place: usize| rows.with(|rows| Some((place, rows.get(place)?.clone())));
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
        // A member lies below the group whose line it is part of.
        let is_sought = |item: &Item| match item {
            Item::Run { run, .. } => untrack(|| board.line_of(run)) == sought,
            Item::Group { place, .. } => LineKey::group(*place) == sought,
        };
        if let Some(place) = rows.with_untracked(|rows| rows.iter().position(is_sought)) {
            go_to(place, false);
        }
    });
    let fold = move |at: usize, fold: Fold| {
        let group = rows.with_untracked(|rows| match rows.get(at) {
            Some(Item::Group { key, .. }) => Some(key.clone()),
            _ => None,
        });
        match (group, fold) {
            // The row is another one then, and takes the focus over.
            (Some(key), Fold::Open) => {
                open.update(|open| _ = open.insert(key));
                go_to(at, true);
            }
            (Some(key), Fold::Shut) => {
                open.update(|open| _ = open.remove(&key));
                go_to(at, true);
            }
            // What lies in a group leads to the group.
            (None, Fold::Shut) => {
                if let Some(above) = rows.with_untracked(|rows| group_above(rows, at)) {
                    go_to(above, true);
                }
            }
            (None, Fold::Open) => {}
        }
    };
    let key = move |event: leptos::ev::KeyboardEvent| {
        if event.ctrl_key() || event.meta_key() || event.alt_key() {
            return;
        }
        let (at, last) = (cursor.get_untracked(), count.get_untracked().saturating_sub(1));
        let item = move || rows.with_untracked(|rows| rows.get(at).cloned());
        let to = match event.key().as_str() {
            "ArrowDown" => (at + 1).min(last),
            "ArrowUp" => at.saturating_sub(1),
            "Home" => 0,
            "End" => last,
            "PageDown" => (at + 10).min(last),
            "PageUp" => at.saturating_sub(10),
            "ArrowRight" => return fold(at, Fold::Open),
            "ArrowLeft" => return fold(at, Fold::Shut),
            "o" | "O" => {
                if let Some(item) = item() {
                    nav.update_view(|v| v.visibility.toggle_only(item.runs()));
                }
                return;
            }
            "p" | "P" => {
                if let Some(Item::Run { run, .. }) = item() {
                    nav.update_view(|v| v.toggle_pin(&run));
                    // The row moves; the focus goes with the run.
                    let now =
                        rows.with_untracked(|rows| rows.iter().position(|row| row.runs() == [run.clone()]));
                    go_to(now.unwrap_or(at), true);
                }
                return;
            }
            "x" | "X" => {
                if let Some(Item::Run { run, .. }) = item() {
                    basket.toggle(ComparedRun { experiment_id: board.id, run });
                }
                return;
            }
            _ => return,
        };
        event.prevent_default();
        go_to(to, true);
    };
    view! {
        <aside class="run-list" aria-label="Runs in the charts">
            <Search />
            <Head board=board />
            <div class="run-rows" node_ref=node on:scroll=move |_| list.follow() on:keydown=key>
                <ul style=move || format!("block-size:{}px", list.whole())>
                    <For each=in_sight key=|row| row.clone() let:row>
                        {match row.1 {
                            Item::Run { run, level } => {
                                view! { <ListedRun board=board place=row.0 run=run level=level cursor=cursor /> }.into_any()
                            }
                            Item::Group { place: of, runs, fold: now, .. } => {
                                let toggle = move || fold(row.0, if now == Fold::Open { Fold::Shut } else { Fold::Open });
                                view! {
                                    <GroupRow
                                        board=board
                                        place=row.0
                                        of=of
                                        runs=runs
                                        fold=now
                                        toggle=Callback::new(move |()| toggle())
                                        cursor=cursor
                                    />
                                }
                                    .into_any()
                            }
                        }}
                    </For>
                </ul>
            </div>
            <ChosenRuns />
        </aside>
    }
}

/// What runs are sought by: words, or a regular expression.
#[component]
fn Search() -> impl IntoView {
    let nav = use_nav();
    let fault = Memo::new(move |_| nav.route.with(|r| r.view.filter.fault()));
    view! {
        <input
            type="search"
            aria-label="Filter runs"
            aria-invalid=move || fault.with(Option::is_some).then_some("true")
            placeholder="Mask, task, rate, seed, status, node"
            title="Words that a run has, or a regular expression between slashes: /^(mha|ffn)$/"
            prop:value=move || nav.route.with(|r| r.view.filter.text.clone())
            on:input=move |e| nav.update_view(|v| v.filter.text = event_target_value(&e))
        />
        <p class="hint" role="status" hidden=move || fault.with(Option::is_none)>{move || fault.get()}</p>
    }
}

/// The rows, from top to bottom.
fn rows_of(board: Board, open: RwSignal<HashSet<GroupKey>>) -> Memo<Vec<Item>> {
    let store = use_store();
    Memo::new(move |_| {
        let grouping = board.grouping.get();
        if grouping.has(Field::Status) || grouping.has(Field::Node) {
            store.state.track();
        }
        let listed = store.state.with_untracked(|state| {
            board.legend.with(|legend| {
                let listed = |id: &_| {
                    let state = state.runs.get(id)?;
                    let group = legend.place(Run { id, state }).group(grouping);
                    Some(Listed { run: id.clone(), group, key: legend.group_key(group, grouping) })
                };
                board.sorted.with(|runs| runs.iter().filter_map(listed).collect::<Vec<_>>())
            })
        });
        board.pinned.with(|pinned| open.with(|open| items(&listed, pinned, grouping, open)))
    })
}

/// How many runs are drawn, and the ways to all and none.
#[component]
fn Head(board: Board) -> impl IntoView {
    let nav = use_nav();
    let drawn = Memo::new(move |_| board.drawn.with(Vec::len));
    let all = Memo::new(move |_| board.runs.with(Vec::len));
    let words = move || match (drawn.get(), all.get()) {
        (drawn, all) if drawn == all => format!("{} drawn", thousands(all as u64)),
        (drawn, all) => format!("{} of {} drawn", thousands(drawn as u64), thousands(all as u64)),
    };
    view! {
        <div class="run-list-head">
            <span role="status">{words}</span>
            <button
                class="quiet small"
                disabled=move || drawn.get() == all.get()
                on:click=move |_| nav.update_view(|v| v.visibility = Visibility::default())
            >
                "Draw all"
            </button>
            <button
                class="quiet small"
                disabled=move || drawn.get() == 0
                on:click=move |_| nav.update_view(|v| v.visibility = Visibility::none())
            >
                "Draw none"
            </button>
        </div>
    }
}

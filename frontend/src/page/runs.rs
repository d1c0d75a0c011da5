//! The runs of an experiment as a table: the rows in sight of it, see [`crate::component::virtual_rows`].

use super::failures::SHOWN;
use super::run_row::RunRow;
use crate::chart::board::Board;
use crate::component::resize::on_resize;
use crate::component::virtual_rows::{Gap, VirtualRows};
use crate::format::thousands;
use crate::nav::{Nav, use_nav};
use crate::net::store::use_store;
use crate::progress::failures;
use crate::sort::{Column, Direction, Sort};
use leptos::html::Div;
use leptos::prelude::*;
use tunemask_shared::state::RunState;

/// About how high a row is, in pixels.
const ROW: f64 = 37.0;

/// What the times of runs are.
const TIME: &str = "Time is a run's own: runs that train together share the time of each step by the arithmetic that each \
                    would need alone, so that the times of all runs add up.";

/// The columns: what sorts by them, their titles, and the class of their heads.
const HEADS: [(Column, &str, &str); 10] = [
    (Column::Mask, "Mask", ""),
    (Column::Task, "Task", ""),
    (Column::Rate, "Learning rate", "n"),
    (Column::Seed, "Seed", "n"),
    (Column::Trainable, "Trainable", "n"),
    (Column::Status, "Status", ""),
    (Column::Steps, "Steps", ""),
    (Column::Loss, "Last loss", "n"),
    (Column::Best, "Best dev @ epoch", "n"),
    (Column::Time, "Time", "n"),
];

/// The table of the runs shown.
#[component]
pub fn Runs(board: Board) -> impl IntoView {
    let (store, nav) = (use_store(), use_nav());
    let (region, too_wide) = (NodeRef::<Div>::new(), RwSignal::new(false));
    let count = Memo::new(move |_| board.runs.with(Vec::len));
    let list = VirtualRows::new(region, count, ROW);
    on_resize(
        region,
        |region| std::iter::once(region.clone()).chain(region.first_element_child()).collect(),
        move |region| {
            let now = region.scroll_width() > region.client_width();
            if too_wide.try_with_untracked(|before| *before != now) == Some(true) {
                too_wide.set(now);
            }
            list.measure();
        },
    );
    let together = |run: &RunState| run.together.is_some_and(|runs| runs > 1);
    let shared = Memo::new(move |_| {
        store.state.with(|s| board.runs.with(|ids| ids.iter().filter_map(|id| s.runs.get(id)).any(together)))
    });
    // Reasons of several runs that stand above the charts already.
    let repeated = Memo::new(move |_| {
        store.state.with(|s| {
            let ids = s.experiments.get(&board.id).map(|e| &e.runs[..]).unwrap_or_default();
            let all = failures(ids.iter().filter_map(|id| s.runs.get(id)));
            let several = all.into_iter().take(SHOWN).filter(|failures| failures.runs > 1);
            several.map(|failures| failures.reason).collect::<Vec<_>>()
        })
    });
    let sort = Memo::new(move |_| nav.route.with(|r| r.view.sort));
    let runs = board.sorted;
    Effect::watch(move || runs.track(), move |(), _, _| list.forget(), false);
    // Who chooses an order wants to see what comes first in it.
    Effect::watch(move || sort.get(), move |_, _, _| list.scroll_to_top(), false);
    let rows = move || {
        let shown = list.shown.get();
        runs.with(|runs| runs.get(shown).unwrap_or_default().to_vec())
    };
    let place_of = move |index: usize| list.shown.with(|shown| shown.start) + index;
    view! {
        <section aria-labelledby="runs">
            <h2 id="runs">"Runs" <span class="count">{move || thousands(count.get() as u64)}</span></h2>
            <Show when=move || too_wide.get()>
                <p class="hint sideways">"This table scrolls sideways: more columns lie to the right."</p>
            </Show>
            <div
                class="scroll long"
                class:too-wide=move || too_wide.get()
                node_ref=region
                role="region"
                tabindex="0"
                aria-label="Table of runs"
                on:scroll=move |_| list.follow()
                on:keydown=move |event| list.key(&event)
            >
                <table class="runs" aria-rowcount=move || (count.get() + 1).to_string()>
                    <thead>
                        <tr aria-rowindex="1">
                            {HEADS.map(|it| head(nav, it)).into_iter().collect_view()}
                            <th scope="col" class="act"><span class="visually-hidden">"Action"</span></th>
                        </tr>
                    </thead>
                    <tbody>
                        <Gap height=Signal::derive(move || list.above()) columns=HEADS.len() + 1 />
                        <ForEnumerate
                            each=rows
                            key=|id| id.clone()
                            children=move |index, run| {
                                let place = Signal::derive(move || place_of(index.get()));
                                view! { <RunRow board=board run=run place=place repeated=repeated /> }
                            }
                        />
                        <Gap height=Signal::derive(move || list.below()) columns=HEADS.len() + 1 />
                    </tbody>
                </table>
            </div>
            <Show when=move || shared.get()>
                <p class="hint">{TIME}</p>
            </Show>
            <Show when=move || count.get() == 0>
                <p class="hint">"No run matches the filters above."</p>
            </Show>
        </section>
    }
}

/// A head that sorts by its column: once its way, once the other, then no more.
fn head(nav: Nav, (column, title, class): (Column, &'static str, &'static str)) -> impl IntoView {
    let sorted = move || {
        let sort = nav.route.with(|r| r.view.sort).filter(|sort| sort.column == column)?;
        Some(if sort.direction == Direction::Ascending { "ascending" } else { "descending" })
    };
    let click = move |_| nav.update_view(|v| v.sort = Sort::clicked(v.sort, column));
    view! {
        <th scope="col" class=class aria-sort=sorted title=(column == Column::Time).then_some(TIME)>
            <button class="sort" on:click=click>{title}</button>
        </th>
    }
}

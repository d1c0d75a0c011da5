//! All experiments, the newest first. An empty lab shows the form.

use crate::component::icon::Icon;
use crate::component::part::progress_bar;
use crate::form::experiment_form::ExperimentForm;
use crate::format::{about, ago, counted};
use crate::net::store::use_store;
use crate::progress::Progress;
use crate::root::href;
use crate::route::Prefill;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::task::TaskName;

/// The page at `/`.
#[component]
pub fn ExperimentsPage() -> impl IntoView {
    let store = use_store();
    let ids =
        Memo::new(move |_| store.state.with(|s| s.experiments.keys().rev().copied().collect::<Vec<_>>()));
    let empty = Memo::new(move |_| ids.with(Vec::is_empty));
    move || {
        if empty.get() {
            return view! {
                <ExperimentForm
                    prefill=Prefill::Nothing
                    lead="Nothing has been trained here yet. The form is filled in to compare four masks \
                          of the built-in tiny model on two built-in tasks: press Start and watch."
                />
            }
            .into_any();
        }
        view! {
            <div class="page-head">
                <h1>"Experiments"</h1>
                <a class="button primary" href=href("/new")>{Icon::Plus.show()} "New experiment"</a>
            </div>
            <ol class="experiments">
                <For each=move || ids.get() key=|id| *id let:id>
                    <Item id=id />
                </For>
            </ol>
        }
        .into_any()
    }
}

/// What stands in the list.
#[derive(Clone, PartialEq)]
struct Card {
    name: String,
    model: String,
    grid: String,
    created_ms: u64,
    progress: Progress,
}

#[component]
fn Item(id: ExperimentId) -> impl IntoView {
    let store = use_store();
    let card = Memo::new(move |_| {
        store.state.with(|s| {
            let found = s.experiments.get(&id)?;
            let e = &found.experiment;
            let names: Vec<TaskName> = e.tasks.iter().filter_map(|name| name.parse().ok()).collect();
            let tasks: Vec<&str> = names.iter().map(TaskName::title).collect();
            Some(Card {
                name: e.name.clone(),
                model: e.model.rsplit('/').next().unwrap_or_default().to_owned(),
                grid: format!("{} · {}", tasks.join(", "), e.masks.join(", ")),
                created_ms: found.created_ms,
                progress: Progress::of(s, found),
            })
        })
    });
    let now = js_sys::Date::now() as u64;
    let shown = move |card: Card| {
        let p = &card.progress;
        let left = p.seconds_left.map(|s| format!("about {} left", about(s)));
        let state = if p.is_active() { "active" } else { "over" };
        view! {
            <article class=state>
                <h2><a href=href(&format!("/experiments/{id}"))>{card.name.clone()}</a></h2>
                <p class="facts">
                    <span>{format!("#{id}")}</span>
                    <span>{card.model.clone()}</span>
                    <span>{counted(p.runs, "run")}</span>
                    <span>{ago(card.created_ms, now)}</span>
                </p>
                <p class="grid-words">{card.grid.clone()}</p>
                <div class="progress">
                    {progress_bar(p, format!("Progress of {}", card.name))}
                    <span>{p.words()}</span>
                    <span class="left">{left}</span>
                </div>
            </article>
        }
    };
    view! { <li>{move || card.get().map(shown)}</li> }
}

//! The list of what is compared: the baseline first, each with the ways to make it the baseline, to leave it out, to add more.

use super::basket::use_basket;
use super::page_of;
use crate::chart::preferences::colours;
use crate::component::part::swatch;
use crate::format::counted;
use crate::legend::{Contender, Dimension};
use crate::nav::{HistoryEntry, use_nav};
use crate::net::store::use_store;
use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::comparison::{ComparedRun, Comparison, MAX_COMPARED};
use tunemask_shared::event::ExperimentId;

/// The list.
#[component]
pub fn Members(comparison: Comparison, found: Memo<Option<Vec<Contender>>>) -> impl IntoView {
    let store = use_store();
    let name = move |id: ExperimentId| store.summary(id, |s| s.about.name.clone()).unwrap_or_default();
    let links: Vec<(Page, Option<ComparedRun>, ExperimentId)> = match &comparison {
        Comparison::Experiments(ids) => ids.iter().map(|id| (Page::Experiment(*id), None, *id)).collect(),
        Comparison::Runs(runs) => {
            let link = |seen: &ComparedRun| {
                (Page::Run(seen.experiment_id, seen.run.clone()), Some(seen.clone()), seen.experiment_id)
            };
            runs.iter().map(link).collect()
        }
    };
    let several = comparison.len() > 2;
    let colours = colours(use_nav());
    let palette = Memo::new(move |_| {
        let names: Vec<String> = found.get().into_iter().flatten().map(|contender| contender.name).collect();
        colours.with(|colours| colours.places(Dimension::Contender, &names))
    });
    let colour = move |place: usize| palette.with(|palette| palette.get(place).copied().unwrap_or(place));
    let item = |(place, (page, run, id)): (usize, (Page, Option<ComparedRun>, ExperimentId))| {
        let title = move || match &run {
            None => format!("#{id} {}", name(id)),
            Some(run) => found
                .with(|all| all.as_ref().and_then(|all| all.get(place).map(|c| c.name.clone())))
                .unwrap_or_else(|| run.to_string()),
        };
        let title = Memo::new(move |_| title());
        let baseline = match place {
            0 => view! { <span class="baseline">"Baseline"</span> }.into_any(),
            _ => {
                let address = page_of(comparison.with_baseline(place));
                view! { <a href=address aria-label=move || format!("Make {} the baseline", title.get())>"Make baseline"</a> }.into_any()
            }
        };
        let without = several.then(|| {
            let address = page_of(comparison.without(place));
            view! { <a href=address aria-label=move || format!("Leave {} out", title.get())>"Leave out"</a> }
        });
        view! {
            <li>
                {move || swatch(colour(place))} <a class="name" href=href(&page.url())>{move || title.get()}</a>
                {baseline} {without}
            </li>
        }
    };
    let items = links.into_iter().enumerate().map(item).collect_view();
    view! {
        <ol class="members" aria-label="What is compared">{items}</ol>
        <Add comparison=comparison />
    }
}

/// What can be added.
#[component]
fn Add(comparison: Comparison) -> impl IntoView {
    (comparison.len() < MAX_COMPARED).then(|| match comparison {
        Comparison::Experiments(ids) => view! { <AddExperiment ids=ids /> }.into_any(),
        Comparison::Runs(runs) => view! { <AddRuns runs=runs /> }.into_any(),
    })
}

#[component]
fn AddExperiment(ids: Vec<ExperimentId>) -> impl IntoView {
    let (store, nav) = (use_store(), use_nav());
    let known = ids.clone();
    let others = Memo::new(move |_| {
        store.overview.with(|overview| {
            let others =
                overview.experiments.iter().rev().filter(|(id, s)| !known.contains(id) && !s.about.archived);
            others.map(|(id, s)| (*id, format!("#{id} {}", s.about.name))).collect::<Vec<_>>()
        })
    });
    let add = move |event| {
        let Ok(id) = event_target_value(&event).parse() else { return };
        let mut ids = ids.clone();
        ids.push(ExperimentId(id));
        nav.go_to(Page::Compare(Ok(Comparison::Experiments(ids))), HistoryEntry::Push);
    };
    let option = |(id, name): (ExperimentId, String)| view! { <option value=id.to_string()>{name}</option> };
    view! {
        <Show when=move || !others.with(Vec::is_empty)>
            <label class="add">
                "Add an experiment "
                <select on:change=add.clone()>
                    <option value="">"Choose…"</option>
                    {move || others.get().into_iter().map(option).collect_view()}
                </select>
            </label>
        </Show>
    }
}

#[component]
fn AddRuns(runs: Vec<ComparedRun>) -> impl IntoView {
    let basket = use_basket();
    move || {
        let mut all = runs.clone();
        all.extend(basket.runs.get().into_iter().filter(|run| !runs.contains(run)));
        let more = all.len() - runs.len();
        match Comparison::Runs(all).checked() {
            Ok(comparison) if more > 0 => {
                let address = page_of(comparison);
                let text = format!("Add {} chosen elsewhere", counted(more, "run"));
                view! { <p class="add"><a href=address>{text}</a></p> }.into_any()
            }
            _ => view! {
                <p class="hint add">"More runs can be chosen beside the charts of their experiments, and added here."</p>
            }
            .into_any(),
        }
    }
}

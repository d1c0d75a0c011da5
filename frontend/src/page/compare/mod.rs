//! Runs or experiments beside each other: which, the settings that differ, their curves, their scores, and the tests between
//! them. All of it stands in the address.

/// Runs that are chosen to be compared.
pub mod basket;
/// What is compared, and what of it is watched.
pub mod contenders;
/// The list of what is compared.
mod members;
/// The curves.
mod curves;
/// What the server says of them.
mod findings;

use crate::component::icon::Icon;
use crate::format::counted;
use crate::net::client::use_client;
use crate::net::store::use_store;
use crate::root::href;
use crate::route::Page;
use contenders::{contenders, experiments_behind, use_compared, watch_experiments, watch_runs};
use curves::Curves;
use findings::Findings;
use leptos::prelude::*;
use members::Members;
use tunemask_shared::comparison::{Comparison, WrongChoice};
use tunemask_shared::event::ExperimentId;

/// The page at `/compare`.
#[component]
pub fn ComparePage(chosen: Result<Comparison, WrongChoice>) -> impl IntoView {
    let store = use_store();
    let comparison = match chosen {
        Ok(comparison) => comparison,
        Err(why) => return view! { <Nothing title="Nothing to compare" why=why.to_string() /> }.into_any(),
    };
    let ids = comparison.experiments();
    let missing = Memo::new(move |_| {
        let there = |id: &ExperimentId| store.overview.with(|o| o.experiments.contains_key(id));
        ids.iter().copied().filter(|id| !there(id)).collect::<Vec<_>>()
    });
    let comparison = StoredValue::new(comparison);
    (move || match &missing.get()[..] {
        [] => view! { <Compared comparison=comparison.get_value() /> }.into_any(),
        [id, ..] => {
            let why = format!("There is no experiment {id}; it may have been deleted.");
            view! { <Nothing title="Part of the comparison is missing" why=why /> }.into_any()
        }
    })
    .into_any()
}

/// Why nothing is compared, and the ways on.
#[component]
fn Nothing(title: &'static str, why: String) -> impl IntoView {
    view! {
        <div class="empty">
            <h1>{title}</h1>
            <p>{why}</p>
            <p><a href=href("/")>"All experiments"</a></p>
        </div>
    }
}

#[component]
fn Compared(comparison: Comparison) -> impl IntoView {
    let (store, client, compared) = (use_store(), use_client(), use_compared());
    let title = match &comparison {
        Comparison::Experiments(ids) => counted(ids.len(), "experiment"),
        Comparison::Runs(runs) => counted(runs.len(), "run"),
    };
    // Which runs of an experiment are drawn the report says: those behind its scores.
    match &comparison {
        Comparison::Runs(runs) => compared.0.set(watch_runs(runs)),
        Comparison::Experiments(_) => {
            compared.0.set(Vec::new());
            Effect::new(move |_| {
                let behind =
                    client.reported.with(|report| Some(experiments_behind(report.as_ref()?.as_ref().ok()?)));
                let Some(behind) = behind else { return };
                let watch = watch_experiments(&behind);
                if compared.0.with_untracked(|now| *now != watch) {
                    compared.0.set(watch);
                }
            });
        }
    }
    let asked = StoredValue::new(comparison.clone());
    let found = Memo::new(move |_| {
        let came = compared.0.with(|watch| {
            !watch.is_empty() && watch.iter().all(|watch| store.has(watch.experiment_id, &watch.detail))
        });
        let watch = compared.0.get();
        came.then(|| store.state.with(|state| asked.with_value(|asked| contenders(asked, &watch, state))))
    });
    let curves = move || {
        let contenders = found.get()?;
        let asked = asked.get_value();
        Some(view! { <Curves comparison=asked contenders=contenders /> })
    };
    view! {
        <div class="page-head">
            <div>
                <p class="crumb"><a href=href("/")>"Experiments"</a> " / Compare"</p>
                <h1>{format!("{title} compared")}</h1>
            </div>
        </div>
        <Members comparison=comparison.clone() found=found />
        <Findings comparison=comparison>
            <section aria-labelledby="curves">
                <h2 id="curves">"Curves"</h2>
                {curves}
                <Show when=move || found.with(Option::is_none)>
                    <p class="hint">{Icon::Clock.show()} " The curves appear once the runs have arrived."</p>
                </Show>
            </section>
        </Findings>
    }
}

/// The page of a comparison.
pub fn page_of(comparison: Comparison) -> String {
    href(&Page::Compare(Ok(comparison)).url())
}

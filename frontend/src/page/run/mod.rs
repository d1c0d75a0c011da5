//! One run: where it stands, its curves, its scores, all that determines it, and what is left of it to take away.

/// All that determines it, and what proves its end.
mod facts;
/// Its scores after each epoch.
mod scores;
/// The ways to comparisons with others.
mod compare_with;
/// What happened to it.
mod log;
/// What it leaves.
mod files;

use super::failures::edit;
use super::run_row::{Act, action, note};
use super::waiting::Waiting;
use crate::chart::board::{Board, Subject};
use crate::chart::figure::Chart;
use crate::chart::quantity::Quantity;
use crate::component::part::{bar, status};
use crate::filter::Filter;
use crate::format::{duration, thousands};
use crate::grouping::Grouping;
use crate::legend::Run;
use crate::net::client::use_client;
use crate::net::store::use_store;
use crate::root::href;
use crate::route::{Page, Route, ViewOptions};
use compare_with::CompareWith;
use facts::Facts;
use files::Files;
use leptos::prelude::*;
use log::Log;
use scores::Scores;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{LabState, RunState};
use tunemask_shared::watched::Detail;

/// The page at `/experiments/ID/runs/RUN`.
#[component]
pub fn RunPage(id: ExperimentId, run: RunId) -> impl IntoView {
    let store = use_store();
    let wanted = StoredValue::new(run);
    // A run of another experiment is not this one's. Until the experiment has come, neither is known.
    let exists = Memo::new(move |_| {
        let comes = store.summary(id, |_| ()).is_some() && !store.has(id, &Detail::Runs);
        let held = |s: &LabState| {
            let of = s.experiments.get(&id).is_some_and(|e| wanted.with_value(|run| e.runs.contains(run)));
            of && wanted.with_value(|run| s.runs.contains_key(run))
        };
        (!comes).then(|| store.state.with(held))
    });
    move || match exists.get() {
        None => view! { <Waiting title="Run" /> }.into_any(),
        Some(true) => view! { <RunDetails id=id run=wanted.get_value() /> }.into_any(),
        Some(false) => view! {
            <div class="empty">
                <h1>{format!("No run {} in experiment {id}", wanted.get_value())}</h1>
                <p><a href=href(&Page::Experiment(id).url())>"The experiment"</a></p>
            </div>
        }
        .into_any(),
    }
}

#[component]
fn RunDetails(id: ExperimentId, run: RunId) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let board = Board::new(id, Subject::Run(run.clone()));
    let wanted = StoredValue::new(run.clone());
    let state = Memo::new(move |_| store.state.with(|s| wanted.with_value(|run| s.runs.get(run).cloned())));
    let known = state.get_untracked()?;
    let named = Run { id: &run, state: &known };
    let name = board.legend.with_untracked(|legend| legend.name(named, Grouping::Runs));
    let experiment = move || store.state.with(|s| s.experiments.get(&id).map(|e| e.experiment.name.clone()));
    let standing = Memo::new(move |_| state.with(|s| s.as_ref().map(|s| s.status)));
    let act = {
        let name = name.clone();
        move || action(client, Act { state: standing.get()?, run: wanted, name: &name })
    };
    let beside = Filter { runs: vec![run], ..Filter::default() };
    let among =
        Route { page: Page::Experiment(id), view: ViewOptions { filter: beside, ..ViewOptions::default() } };
    let quantities = Quantity::of_tasks(std::slice::from_ref(&known.spec.task));
    Some(view! {
        <div class="page-head">
            <div>
                <p class="crumb">
                    <a href=href("/")>"Experiments"</a> " / "
                    <a href=href(&Page::Experiment(id).url())>{format!("#{id} ")} {experiment}</a>
                </p>
                <h1>{name}</h1>
                <p class="facts">
                    {move || standing.get().map(status)}
                    <span>{move || state.with(|s| s.as_ref().map(where_it_stands))}</span>
                    <code>{wanted.get_value().0}</code>
                </p>
            </div>
            <div class="actions">
                <a class="button" href=href(&among.url())>"Show in the experiment's charts"</a>
                <CompareWith board=board run=wanted />
                {act}
            </div>
        </div>
        <Progress id=id state=state />
        <Scores run=wanted.get_value() state=state />
        <section aria-labelledby="curves">
            <h2 id="curves">"Curves"</h2>
            <div class="charts">
                {quantities
                    .into_iter()
                    .enumerate()
                    .map(|(place, quantity)| view! { <Chart board=board place=place quantity=quantity /> })
                    .collect_view()}
            </div>
        </section>
        <Facts id=id state=state />
        <Log run=wanted.get_value() state=state />
        <Files id=id run=wanted.get_value() state=state />
    })
}

/// Steps and time.
fn where_it_stands(run: &RunState) -> String {
    let time = duration(run.elapsed_secs);
    match run.steps {
        0 => "not begun".to_owned(),
        steps => format!("step {} of {}, {time}", thousands(run.step), thousands(steps)),
    }
}

/// How far it is, and what is to be said of it.
#[component]
fn Progress(id: ExperimentId, state: Memo<Option<RunState>>) -> impl IntoView {
    let said = move || {
        let (class, text) = state.with(|s| s.as_ref().and_then(note))?;
        let advised = state
            .with(|s| {
                s.as_ref().filter(|s| s.status == RunStatus::Failed).and_then(|s| s.failure_cause.advice())
            })
            .map(|advice| view! { <p class="hint">{advice} " " {edit(id)}</p> });
        Some(view! { <p class=format!("note {class}")>{text}</p> {advised} })
    };
    let notes = move || {
        let notes = state.with(|s| s.as_ref().map(|s| s.notes.clone()).unwrap_or_default());
        (!notes.is_empty()).then(|| {
            let each = notes.into_iter().map(|note| view! { <li>{note}</li> }).collect_view();
            view! { <ul class="hint" aria-label="Notes">{each}</ul> }
        })
    };
    let shown = move || {
        state.with(|s| {
            let run = s.as_ref()?;
            let words = format!("{} %", (100.0 * run.done()).round());
            Some(bar(
                vec![(super::run_row::part(run.status), run.done())],
                run.done(),
                "Progress of the run".into(),
                words,
            ))
        })
    };
    view! { <div class="progress large">{shown}</div> {said} {notes} }
}

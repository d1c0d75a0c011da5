//! One experiment: where it stands, its charts, its results, its runs.

use super::data_files::DataFiles;
use super::experiments::same_runs;
use super::failures::Failures;
use super::filing::{Filing, Written};
use super::report::{Extent, Report};
use super::run_list::RunList;
use super::runs::Runs;
use super::storage::StorageLine;
use super::tabs::{Tab, tabs};
use super::toolbar::Toolbar;
use super::waiting::{NoExperiment, Waiting};
use crate::chart::board::{Board, Subject};
use crate::chart::figure::Chart;
use crate::chart::quantity::Quantity;
use crate::component::announcer::use_announcer;
use crate::component::confirmation::{Confirmation, ask};
use crate::component::icon::Icon;
use crate::component::part::progress_bar;
use crate::component::separator::{ColumnWidth, Separator, Widths};
use crate::form::file::save_as_file;
use crate::format::{about, counted, counted_rates};
use crate::nav::use_nav;
use crate::net::client::use_client;
use crate::net::store::use_store;
use crate::progress::{Progress, words};
use crate::root::href;
use crate::route::{Page, Prefill};
use leptos::html::Dialog;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::plan::Plan;
use tunemask_shared::report::{ReportKind, ReportRequest};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::watched::Detail;

/// How wide the list of runs may be.
const LIST_WIDTHS: Widths = Widths { least: 220.0, most: 640.0, usual: 352.0 };

/// The page at `/experiments/ID`.
#[component]
pub fn ExperimentPage(id: ExperimentId) -> impl IntoView {
    let store = use_store();
    // Not the experiment itself, of which name and rule change: the page would be made anew, and forget how it is looked at.
    let came = Memo::new(move |_| {
        store.has(id, &Detail::Runs) && store.state.with(|s| s.experiments.contains_key(&id))
    });
    let exists = Memo::new(move |_| store.summary(id, |_| ()).is_some());
    move || match (came.get(), exists.get()) {
        (true, _) => view! { <ExperimentDetails id=id /> }.into_any(),
        (false, true) => view! { <Waiting title="Experiment" /> }.into_any(),
        (false, false) => view! { <NoExperiment id=id /> }.into_any(),
    }
}

#[component]
fn ExperimentDetails(id: ExperimentId) -> impl IntoView {
    let (store, board) = (use_store(), Board::new(id, Subject::Filtered));
    let experiment = store.state.with_untracked(|s| s.experiments.get(&id).map(|e| e.experiment.clone()))?;
    let progress = Memo::new(move |_| store.summary(id, |s| s.progress.clone()).unwrap_or_default());
    announce(progress);
    Some(view! {
        <div class="page-head">
            <Title id=id experiment=experiment />
            <Actions id=id progress=progress />
        </div>
        {tabs(id, Tab::Report(ReportKind::Results))}
        <ProgressLine progress=progress />
        <StorageLine id=id />
        <Failures id=id />
        <ResultsAndCharts board=board />
        <Runs board=board />
        <DataFiles id=id />
    })
}

/// The experiment's name, and its grid in a line.
#[component]
fn Title(id: ExperimentId, experiment: Experiment) -> impl IntoView {
    let store = use_store();
    let plan = store
        .state
        .with_untracked(|s| s.experiments.get(&id).and_then(|e| e.plan.as_ref().and_then(planned)));
    let name =
        Memo::new(move |_| store.state.with(|s| s.experiments.get(&id).map(|e| e.experiment.name.clone())));
    let model = experiment.model.rsplit('/').next().unwrap_or_default().to_owned();
    let rates = counted_rates(experiment.learning_rates.len(), experiment.further_rates.len());
    view! {
        <div>
            <p class="crumb"><a href=href("/")>"Experiments"</a> " / " {format!("#{id}")}</p>
            <h1>{move || name.get()}</h1>
            <p class="facts">
                <span title=experiment.model>{model}</span>
                <span>{counted(experiment.tasks.len(), "task")}</span>
                <span>{counted(experiment.masks.len(), "mask")}</span>
                <span>{rates}</span>
                <span>{counted(experiment.seeds.len(), "seed")}</span>
                {plan.map(|text| view! { <span>{text}</span> })}
                {move || store.summary(id, |s| s.about.same_runs_as).flatten().map(same_runs)}
            </p>
            <Written id=id />
        </div>
    }
}

/// What can be done with all of its runs.
#[component]
fn Actions(id: ExperimentId, progress: Memo<Progress>) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let runs_with = move |pick: fn(RunStatus) -> bool| {
        store.state.with_untracked(|s| {
            let runs = s.experiments.get(&id).map(|e| &e.runs[..]).unwrap_or_default();
            let picked = |run: &&RunId| s.runs.get(*run).is_some_and(|run| pick(run.status));
            runs.iter().filter(picked).cloned().collect::<Vec<_>>()
        })
    };
    let cancelling = NodeRef::<Dialog>::new();
    let cancel = move |()| client.cancel(runs_with(|status| !status.is_over()));
    let open = move || counted(progress.with(Progress::open), "run");
    let retry = move |_| client.retry(runs_with(|status| status.can_be_retried()));
    let template = href(&Page::New(Prefill::Experiment(id)).url());
    let save = move |_| {
        store.state.with_untracked(|s| s.experiments.get(&id).map(|e| save_as_file(&e.experiment)));
    };
    view! {
        <div class="actions">
            <a class="button" href=template>{Icon::Copy.show()} "Use as template"</a>
            <button title="The experiment file, as tunemask run reads it" on:click=save>{Icon::Download.show()} "TOML"</button>
            <Show when=move || progress.with(|p| p.to_retry() > 0)>
                <button on:click=retry>
                    {Icon::Retry.show()}
                    {move || format!("Retry {}", counted(progress.with(Progress::to_retry), "run"))}
                </button>
            </Show>
            <Show when=move || progress.with(Progress::is_active)>
                <button class="danger" on:click=move |_| ask(cancelling)>{Icon::Ban.show()} "Cancel experiment"</button>
            </Show>
            <Confirmation
                dialog=cancelling
                title=format!("Cancel experiment #{id}?")
                word="Cancel runs"
                otherwise="Keep them"
                possible=Signal::derive(move || client.is_live())
                confirmed=Callback::new(cancel)
            >
                <p>
                    {move || format!("{} not yet finished will end. Undo or Retry continues each from its last checkpoint.", open())}
                </p>
            </Confirmation>
            <Filing id=id over=Signal::derive(move || !progress.with(Progress::is_active)) />
        </div>
    }
}

/// How far it is: a bar, words, the time left.
#[component]
fn ProgressLine(progress: Memo<Progress>) -> impl IntoView {
    let store = use_store();
    let left = Memo::new(move |_| {
        let time = progress.with(|p| p.seconds_left.map(about))?;
        let paused = if store.overview.with(|o| o.paused) { ", paused" } else { "" };
        Some(format!("about {time} left{paused}"))
    });
    view! {
        <div class="progress large">
            {move || progress.with(|p| progress_bar(p, "Progress of the experiment".into()))}
            <span>{move || progress.with(words)}</span>
            <span class="left">{move || left.get()}</span>
        </div>
    }
}

/// The results, the runs, and the charts of the tasks shown: beside each other where there is room.
#[component]
fn ResultsAndCharts(board: Board) -> impl IntoView {
    let width = ColumnWidth::remembered("tunemask-list-width", LIST_WIDTHS);
    view! {
        <div class="board" style=move || format!("--list-width:{}px", width.now.get())>
            <section class="board-results" aria-labelledby="results">
                <h2 id="results">"Results"</h2>
                <Report id=board.id asked=ReportRequest::default() extent=Extent::Table />
            </section>
            <RunList board=board />
            <Separator width=width label="Width of the list of runs" />
            <Charts board=board />
        </div>
    }
}

#[component]
fn Charts(board: Board) -> impl IntoView {
    let nav = use_nav();
    let quantities = Memo::new(move |_| {
        let order = nav.route.with(|r| r.view.charts.clone());
        order.apply(board.quantities(), Quantity::word)
    });
    let place = move |quantity: &Quantity| {
        quantities.with_untracked(|all| all.iter().position(|q| q == quantity)).unwrap_or(0)
    };
    view! {
        <section class="board-charts" aria-labelledby="charts">
            <h2 id="charts">"Charts"</h2>
            <Toolbar board=board />
            <div class="charts">
                <For each=move || quantities.get() key=Quantity::clone let:quantity>
                    <Chart board=board place=place(&quantity) quantity=quantity />
                </For>
            </div>
        </section>
    }
}

/// Which runs train together, and what that was expected to take: `3 gangs, 71 % computed once, estimated 12 min`.
fn planned(plan: &Plan) -> Option<String> {
    let shared = (100.0 * plan.shared()).round();
    let once = if shared > 0.0 { format!(", {shared} % computed once") } else { String::new() };
    let time = about(plan.expected_secs());
    (plan.runs() > 0).then(|| format!("{}{once}, estimated {time}", counted(plan.gangs.len(), "gang")))
}

/// Says how many runs are over when that changes.
fn announce(progress: Memo<Progress>) {
    let announcer = use_announcer();
    let counts = Memo::new(move |_| progress.with(|p| (p.finished, p.failed, p.runs)));
    Effect::watch(
        move || counts.get(),
        move |(finished, failed, runs), _, _| {
            let wrong = if *failed > 0 { format!(", {failed} failed") } else { String::new() };
            announcer.say(format!("{finished} of {runs} runs finished{wrong}"));
        },
        false,
    );
}

//! Reports, which the server makes: the page asks for them, and again whenever a run has ended.

use super::tabs::{Tab, tabs};
use crate::component::debounce::{Action, debounce};
use crate::component::icon::Icon;
use crate::diagram::kept_focus::KeptFocus;
use crate::legend::Legend;
use crate::net::client::use_client;
use crate::net::store::use_store;
use crate::progress::Progress;
use crate::report::ReportBlocks;
use crate::root::href;
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{MAX_REFERENCE_BYTES, ReferenceFile, ReportKind, ReportRequest};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::HtmlInputElement;

/// Quiet time before a report is made anew: runs of a gang end together.
const REPORT_AFTER: Duration = Duration::from_millis(150);

/// The page at `/experiments/ID/KIND`.
#[component]
pub fn ReportPage(id: ExperimentId, asked: ReportRequest) -> impl IntoView {
    let store = use_store();
    let name = Memo::new(move |_| store.summary(id, |s| s.about.name.clone()));
    let kind = asked.kind;
    let tab = Tab::Report(kind);
    view! {
        <div class="page-head">
            <div>
                <p class="crumb"><a href=href("/")>"Experiments"</a> " / " {format!("#{id}")}</p>
                <h1>{move || name.get().unwrap_or_else(|| format!("No experiment {id}"))}</h1>
            </div>
        </div>
        {tabs(id, tab)}
        <section aria-labelledby="report">
            <h2 id="report">{tab.title()}</h2>
            {(kind == ReportKind::Table).then(|| view! { <Reference /> })}
            <Report id=id asked=asked />
        </section>
    }
}

/// A report.
#[component]
pub fn Report(id: ExperimentId, asked: ReportRequest) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let figures = expect_context::<ReferenceSignal>().0;
    // Points change nothing in a report; ended and queued runs do.
    let settled = Memo::new(move |_| {
        store.summary(id, |s| Progress { under_way: 0.0, seconds_left: None, ..s.progress.clone() })
    });
    let legend =
        Memo::new(move |_| store.state.with(|s| s.experiments.get(&id).map(|e| Legend::new(e, &s.runs))));
    let working = || view! { <p class="hint">"Working it out…"</p> }.into_any();
    client.reported.set(None);
    KeptFocus::provide();
    debounce(REPORT_AFTER, move || {
        // Read, not only tracked: what was never read follows nothing.
        settled.with(|_| ());
        let reference = figures.get().filter(|_| asked.kind == ReportKind::Table);
        let report = Box::new(ReportRequest { reference, ..asked.clone() });
        client.is_live().then(|| Box::new(move || client.report(id, report)) as Action)
    });
    move || match client.reported.get() {
        None => working(),
        Some(Ok(report)) => match legend.get() {
            Some(legend) => view! { <ReportBlocks id=id legend=legend report=report /> }.into_any(),
            None => working(),
        },
        Some(Err(why)) => {
            view! { <p class="error" role="alert">{Icon::Warning.show()} <span>{why}</span></p> }.into_any()
        }
    }
}

/// Figures of others, as the reader chose them; they stay while the page does.
#[derive(Clone, Copy)]
pub struct ReferenceSignal(RwSignal<Option<ReferenceFile>>);

impl ReferenceSignal {
    /// None are chosen yet, for all that is below.
    pub fn provide() {
        provide_context(ReferenceSignal(RwSignal::new(None)));
    }
}

/// Where figures of others are chosen.
#[component]
fn Reference() -> impl IntoView {
    let client = use_client();
    let figures = expect_context::<ReferenceSignal>().0;
    let choose = move |event: leptos::ev::Event| {
        let input = event.target().and_then(|t| t.dyn_into::<HtmlInputElement>().ok());
        let Some(file) = input.and_then(|i| i.files()).and_then(|files| files.get(0)) else { return };
        let name = file.name();
        if file.size() > MAX_REFERENCE_BYTES as f64 {
            let most = MAX_REFERENCE_BYTES / 1000;
            return client
                .reported
                .set(Some(Err(format!("{name} is too large; at most {most} kB are read"))));
        }
        let read = Closure::once(move |text: JsValue| {
            let text = text.as_string().unwrap_or_default();
            figures.set(Some(ReferenceFile { name, text }));
        });
        // A file that cannot be read leaves things as they are.
        let _ = file.text().then(&read);
        read.forget();
    };
    let chosen = move || {
        figures.with(|r| r.as_ref().map(|r| r.name.clone())).map(|name| {
            view! {
                <p class="found">
                    {Icon::Tick.show()} <span>{name}</span>
                    <button class="link" on:click=move |_| figures.set(None)>"Remove"</button>
                </p>
            }
        })
    };
    view! {
        <div class="field reference">
            <label for="reference">"Other people's figures, shown in brackets"</label>
            <input id="reference" type="file" accept=".csv,text/csv" on:change=choose aria-describedby="reference-hint" />
            <p class="hint" id="reference-hint">
                "CSV: mask, task, percent (or value); metric, set, std, source where needed"
            </p>
            {chosen}
        </div>
    }
}

//! Reports, which the server makes: the page asks for them, and again whenever a run has ended.

use super::tabs::{Tab, tabs};
use crate::chart::preferences::colours;
use crate::component::debounce::{Action, debounce};
use crate::component::icon::Icon;
use crate::diagram::kept_focus::KeptFocus;
use crate::format::counted;
use crate::legend::{Legend, PicturedModel};
use crate::nav::use_nav;
use crate::net::client::{Question, use_client};
use crate::net::store::use_store;
use crate::progress::Progress;
use crate::report::{ChosenMap, LongTables, ReportBlocks};
use crate::root::href;
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{
    Block, MAX_REFERENCE_BYTES, ReferenceFile, Report as Made, ReportKind, ReportRequest,
};
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

/// How much of a report stands open.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Extent {
    /// All of it.
    #[default]
    Whole,
    /// Its first table and its files; how to read them is folded below.
    Table,
}

impl Extent {
    /// The blocks of a report, what is folded behind all others.
    fn apply(self, report: Made) -> Made {
        let is_table = |block: &Block| matches!(block, Block::Table(_));
        if self == Extent::Whole || !report.blocks.iter().any(is_table) {
            return report;
        }
        let (open, folded): (Vec<Block>, Vec<Block>) = report
            .blocks
            .into_iter()
            .partition(|block| is_table(block) || matches!(block, Block::Files { .. }));
        let notes =
            folded.iter().map(|block| if let Block::Notes(notes) = block { notes.len() } else { 0 }).sum();
        let summary = match notes {
            0 => "How to read it".to_owned(),
            notes => format!("How to read it, and {}", counted(notes, "note")),
        };
        let fold = (!folded.is_empty()).then_some(Block::Fold { summary, blocks: folded });
        Made { blocks: open.into_iter().chain(fold).collect() }
    }
}

/// A report.
#[component]
pub fn Report(id: ExperimentId, asked: ReportRequest, #[prop(optional)] extent: Extent) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let figures = expect_context::<ReferenceSignal>().0;
    let colours = colours(use_nav());
    // Points change nothing in a report; ended and queued runs do.
    let settled = Memo::new(move |_| {
        store.summary(id, |s| Progress { under_way: 0.0, seconds_left: None, ..s.progress.clone() })
    });
    let question = Memo::new(move |_| {
        store.state.with(|s| s.experiments.get(&id).map(|e| Question::of_model(&e.experiment)))
    });
    Effect::new(move |_| question.get().into_iter().for_each(|question| client.know(question)));
    let model = Memo::new(move |_| {
        let shape = question.with(|question| client.shape(question.as_ref()?))?;
        let switches = store.state.with(|s| s.experiments.get(&id).map(|e| e.experiment.mask_switches()))?;
        Some(PicturedModel { shape, switches })
    });
    let legend = Memo::new(move |_| {
        let legend = store.state.with(|s| s.experiments.get(&id).map(|e| Legend::new(e, &s.runs)))?;
        Some(colours.with(|colours| legend.on(model.get()).coloured(colours)))
    });
    let working = || view! { <p class="hint">"Working it out…"</p> }.into_any();
    client.reported.set(None);
    KeptFocus::provide();
    LongTables::provide();
    ChosenMap::provide();
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
            Some(legend) => {
                view! { <ReportBlocks id=id legend=legend report=extent.apply(report) /> }.into_any()
            }
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

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::report::Table;

    #[test]
    fn beside_charts_a_table_stands_open_and_its_notes_are_folded() {
        let table = Block::Table(Table::new("t", Vec::new(), Vec::new()));
        let files = Block::Files { what: "results".into(), files: Vec::new() };
        let (text, notes) = (Block::Paragraph("Bold".into()), Block::Notes(vec!["a".into(), "b".into()]));
        let report = Made { blocks: vec![table.clone(), text.clone(), notes.clone(), files.clone()] };
        let fold =
            Block::Fold { summary: "How to read it, and 2 notes".into(), blocks: vec![text.clone(), notes] };
        assert_eq!(Extent::Table.apply(report.clone()).blocks, [table, files, fold]);
        assert_eq!(Extent::Whole.apply(report.clone()), report);
        // Words alone are all there is.
        let waiting = Made { blocks: vec![text] };
        assert_eq!(Extent::Table.apply(waiting.clone()), waiting);
    }
}

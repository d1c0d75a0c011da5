//! The pages of an experiment, and the ways from each to the others.

use crate::nav::use_nav;
use crate::root::href;
use crate::route::Page;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{ReportKind, ReportRequest};

/// A page of an experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tab {
    /// A report; that on the results stands with charts and runs.
    Report(ReportKind),
    /// A text of the reader's own.
    Try,
}

impl Tab {
    /// All of them, in their order.
    pub const ALL: [Tab; 6] = [
        Tab::Report(ReportKind::Results),
        Tab::Report(ReportKind::Table),
        Tab::Report(ReportKind::Verdicts),
        Tab::Report(ReportKind::Rates),
        Tab::Report(ReportKind::Weights),
        Tab::Try,
    ];

    /// What it is called.
    pub fn title(self) -> &'static str {
        match self {
            Tab::Report(ReportKind::Results) => "Runs",
            Tab::Report(ReportKind::Table) => "Table",
            Tab::Report(ReportKind::Verdicts) => "Verdicts",
            Tab::Report(ReportKind::Rates) => "Learning rates",
            Tab::Report(ReportKind::Weights) => "Weights",
            Tab::Try => "Try it",
        }
    }
}

/// The ways from one page of an experiment to the others.
pub fn tabs(id: ExperimentId, here: Tab) -> impl IntoView {
    let nav = use_nav();
    let link = move |tab: Tab| {
        let url = move || match tab {
            Tab::Report(ReportKind::Results) => nav.charts_of(id),
            Tab::Report(kind) => Page::Report(id, ReportRequest { kind, ..ReportRequest::default() }).url(),
            Tab::Try => Page::Try(id).url(),
        };
        view! { <a href=move || href(&url()) aria-current=(tab == here).then_some("page")>{tab.title()}</a> }
    };
    view! { <nav class="tabs" aria-label="Experiment">{Tab::ALL.map(link).into_iter().collect_view()}</nav> }
}

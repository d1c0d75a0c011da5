//! Why runs of an experiment failed: each reason once, however many runs it ended.

use crate::component::icon::Icon;
use crate::format::counted;
use crate::net::store::use_store;
use crate::progress::{Failures as Failed, failures};
use crate::root::href;
use crate::route::{Page, Prefill};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;

/// Reasons shown; the rest stand beside their runs.
pub const SHOWN: usize = 3;

/// The way to the form, filled in with the experiment.
pub fn edit(id: ExperimentId) -> impl IntoView {
    let address = href(&Page::New(Prefill::Experiment(id)).url());
    view! { <a href=address>"Edit as a new experiment"</a> }
}

/// The reasons, below the experiment's progress; nothing while no run has failed.
#[component]
pub fn Failures(id: ExperimentId) -> impl IntoView {
    let store = use_store();
    let reasons = Memo::new(move |_| {
        store.state.with(|s| {
            let runs = s.experiments.get(&id).map(|e| &e.runs[..]).unwrap_or_default();
            failures(runs.iter().filter_map(|id| s.runs.get(id)))
        })
    });
    let shown = move || {
        let all = reasons.get();
        let rest: usize = all.iter().skip(SHOWN).map(|failures| failures.runs).sum();
        // Of all of them, also of those whose reasons are not shown; once, though each run diverges at a step of its own.
        let mut advised: Vec<&'static str> =
            all.iter().filter_map(|failures| failures.cause.advice()).collect();
        advised.sort_unstable();
        advised.dedup();
        let advised =
            advised.into_iter().map(|advice| view! { <li>{advice} " " {edit(id)}</li> }).collect_view();
        let reason = |Failed { reason, runs, .. }: Failed| {
            view! { <li><b>{format!("{} failed:", counted(runs, "run"))}</b> " " {reason}</li> }
        };
        let items = all.into_iter().take(SHOWN).map(reason).collect_view();
        let more = (rest > 0).then(|| {
            let runs = counted(rest, "more run");
            view! { <li>{format!("{runs} failed for other reasons; the table of runs gives the reason for \
            each.")}</li> }
        });
        view! { {items} {more} {advised} }
    };
    view! {
        <Show when=move || !reasons.with(Vec::is_empty)>
            <div class="failures">
                {Icon::Warning.show()}
                <ul aria-label="Failures">{shown}</ul>
            </div>
        </Show>
    }
}

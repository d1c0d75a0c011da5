//! Why runs of an experiment failed: each reason once, however many runs it ended.

use crate::component::icon::Icon;
use crate::format::counted;
use crate::net::store::use_store;
use crate::progress::failures;
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;

/// Reasons shown; the rest stand beside their runs.
pub const SHOWN: usize = 3;

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
        let rest: usize = all.iter().skip(SHOWN).map(|(_, count)| count).sum();
        let reason = |(reason, count): (String, usize)| {
            view! { <li><b>{format!("{} failed:", counted(count, "run"))}</b> " " {reason}</li> }
        };
        let items = all.into_iter().take(SHOWN).map(reason).collect_view();
        let more = (rest > 0).then(|| {
            let runs = counted(rest, "more run");
            view! { <li>{format!("{runs} failed for other reasons; the table of runs gives the reason for \
            each.")}</li> }
        });
        view! { {items} {more} }
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

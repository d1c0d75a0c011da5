//! Claims: what the results say of each, in a word, a sentence and a picture; the numbers below, and what could not be compared.

use super::blocks;
use super::words::Words;
use crate::component::icon::Icon;
use crate::diagram::forest::{Headings, forest as draw};
use crate::diagram::view::{DiagramFiles, DiagramPlot, Fitted};
use crate::legend::Legend;
use crate::root::href;
use crate::route::{Page, Prefill};
use leptos::prelude::*;
use std::sync::Arc;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Finding, Forest, ForestClaim, OpenClaim};
use tunemask_shared::text::count;

/// The width of the file of all claims, in pixels.
const FILE_WIDTH: f64 = 900.0;

/// Claims below each other, on one axis.
#[component]
pub fn ReportClaims<'a>(
    /// The experiment.
    id: ExperimentId,
    /// Its masks with their colours.
    legend: &'a Legend,
    /// The claims.
    forest: Forest,
) -> impl IntoView + use<> {
    let forest = Arc::new(forest);
    let claims = (0..forest.claims.len()).map(|at| claim(id, legend, &forest, at)).collect_view();
    let open = (!forest.open.is_empty()).then(|| open_claims(id, &forest.open));
    let all = StoredValue::new(forest.clone());
    let file = move || {
        all.with_value(|all| draw(all, &all.claims.iter().collect::<Vec<_>>(), FILE_WIDTH, Headings::Drawn))
    };
    let files = (!forest.claims.is_empty()).then(|| {
        view! { <DiagramFiles title=forest.title.clone() file=file csv=forest.csv.clone() /> }
    });
    view! {
        <div class="claims">{claims}</div>
        {files}
        {open}
    }
}

fn claim(id: ExperimentId, legend: &Legend, forest: &Arc<Forest>, at: usize) -> impl IntoView + use<> {
    let ForestClaim { sentence, finding, plain, comparisons, details } = forest.claims[at].clone();
    let drawn = forest.clone();
    let fitted = Fitted::new(move |width| draw(&drawn, &[&drawn.claims[at]], width, Headings::Left));
    let (icon, class) = match finding {
        Finding::Supported => (Icon::Tick, "finding supported"),
        Finding::NotSupported => (Icon::Cross, "finding contrary"),
        Finding::Undecided => (Icon::Question, "finding"),
    };
    let summary = comparisons.iter().map(|row| format!("{}.", row.said)).collect::<Vec<_>>().join(" ");
    view! {
        <figure class="chart drawn claim">
            <figcaption>
                <h3>{sentence.clone()}</h3>
                <span class=class>{icon.show()} <span>{finding.title()}</span></span>
                <p><Words text=plain /></p>
            </figcaption>
            <DiagramPlot id=id title=sentence summary=summary fitted=fitted />
            <details>
                <summary>"Show numbers"</summary>
                {blocks(id, legend, details)}
            </details>
        </figure>
    }
}

/// The claims for which runs are missing, and the way to add them.
fn open_claims(id: ExperimentId, open: &[OpenClaim]) -> impl IntoView + use<> {
    let item = |OpenClaim { sentence, reason }: OpenClaim| {
        view! { <li>{Icon::Question.show()} " " {sentence} " " <Words text=reason /></li> }
    };
    let form = href(&Page::New(Prefill::Experiment(id)).url());
    let title = format!("{} undecided, nothing to compare", count(open.len(), "claim"));
    view! {
        <h3>{title}</h3>
        <ul class="open-claims">{open.iter().cloned().map(item).collect_view()}</ul>
        <p class="hint"><a href=form>"Fill the form with this experiment"</a> " to add what is missing; runs that exist are not trained again."</p>
    }
}

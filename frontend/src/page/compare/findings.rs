//! What the server says of what is compared: settings above the curves, scores and tests below them.

use crate::component::debounce::{Action, debounce};
use crate::component::icon::Icon;
use crate::legend::Legend;
use crate::net::client::use_client;
use crate::net::store::use_store;
use crate::progress::Progress;
use crate::report::{LongTables, ReportBlocks};
use leptos::prelude::*;
use std::time::Duration;
use tunemask_shared::comparison::Comparison;
use tunemask_shared::report::{Block, Report};

/// Quiet time before it is asked for anew: runs of a gang end together.
const AFTER: Duration = Duration::from_millis(150);

/// The report, with what stands between its parts.
#[component]
pub fn Findings(comparison: Comparison, children: Children) -> impl IntoView {
    let (store, client) = (use_store(), use_client());
    let ids = comparison.experiments();
    let baseline = ids.first().copied().unwrap_or_default();
    let watched = ids.clone();
    // Points change nothing in it; ended and queued runs do.
    let settled = Memo::new(move |_| {
        let standing = |id: &_| {
            store.summary(*id, |s| Progress { under_way: 0.0, seconds_left: None, ..s.progress.clone() })
        };
        watched.iter().map(standing).collect::<Vec<_>>()
    });
    client.reported.set(None);
    LongTables::provide();
    debounce(AFTER, move || {
        settled.with(|_| ());
        let comparison = comparison.clone();
        client.is_live().then(|| Box::new(move || client.compare(comparison)) as Action)
    });
    let part = move |pick: fn(&Report) -> Vec<Block>| {
        move || match client.reported.get() {
            None => view! { <p class="hint">"Working it out…"</p> }.into_any(),
            Some(Ok(report)) => {
                let report = Report { blocks: pick(&report) };
                view! { <ReportBlocks id=baseline legend=Legend::default() report=report /> }.into_any()
            }
            Some(Err(why)) => {
                view! { <p class="error" role="alert">{Icon::Warning.show()} <span>{why}</span></p> }
                    .into_any()
            }
        }
    };
    view! {
        <section aria-labelledby="settings">
            <h2 id="settings">"Settings"</h2>
            {part(settings)}
        </section>
        {children()}
        <section aria-labelledby="scores">
            <h2 id="scores">"Scores"</h2>
            {part(scores)}
        </section>
        <section aria-labelledby="tests">
            <h2 id="tests">"Tests"</h2>
            {part(tests)}
        </section>
    }
}

/// The blocks below one of the report's headings.
fn below(report: &Report, heading: &str) -> Vec<Block> {
    let is_heading = |block: &&Block| matches!(block, Block::Heading(_));
    let mut blocks =
        report.blocks.iter().skip_while(|block| !matches!(block, Block::Heading(text) if text == heading));
    blocks.next();
    blocks.take_while(|block| !is_heading(block)).cloned().collect()
}

fn settings(report: &Report) -> Vec<Block> {
    below(report, "Settings")
}

fn scores(report: &Report) -> Vec<Block> {
    below(report, "Scores")
}

fn tests(report: &Report) -> Vec<Block> {
    below(report, "Tests")
}

#[cfg(test)]
mod unit {
    use super::*;

    #[test]
    fn each_part_of_the_report_stands_by_itself() {
        let heading = |text: &str| Block::Heading(text.into());
        let text = |text: &str| Block::Paragraph(text.into());
        let report = Report {
            blocks: vec![
                heading("Settings"),
                text("a"),
                heading("Scores"),
                text("b"),
                text("c"),
                heading("Tests"),
            ],
        };
        assert_eq!(settings(&report), [text("a")]);
        assert_eq!((scores(&report), tests(&report)), (vec![text("b"), text("c")], Vec::new()));
    }
}

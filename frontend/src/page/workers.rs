//! Who trains: a row for each machine and worker process, where there are any beside the program itself.

use crate::filter::Filter;
use crate::format::{counted, duration, number, thousands};
use crate::root::href;
use crate::route::{Page, Route, ViewOptions};
use leptos::prelude::*;
use tunemask_shared::event::{ExperimentId, Node};
use tunemask_shared::nodes::NodeActivity;

/// Seconds without a line after which a worker is said to be quiet: it may be scoring a large development set.
const QUIET_SECS: f64 = 60.0;

/// What computes, and whose bits: a GPU's name is both.
fn kind(node: &NodeActivity) -> String {
    let arithmetic = node.node.arithmetic.to_string();
    if node.device.starts_with(&arithmetic) {
        node.device.clone()
    } else {
        format!("{}, {arithmetic}", node.device)
    }
}

/// How fast it is; nothing while that is not known.
fn speed(node: &NodeActivity) -> Option<String> {
    let tokens = thousands(node.tokens_per_s.round() as u64);
    (node.steps_per_s > 0.0).then(|| format!("{} steps/s, {tokens} tokens/s", number(node.steps_per_s)))
}

/// What it does: `for 2 min`, or that it waits.
fn since(node: &NodeActivity) -> String {
    match node.since_secs {
        Some(secs) => format!("for {}", duration(secs)),
        None => "waits".into(),
    }
}

/// When it was heard of.
fn heard(node: &NodeActivity) -> Option<String> {
    let secs = node.heard_secs?;
    let quiet = if node.runs > 0 && secs > QUIET_SECS { "quiet, " } else { "" };
    Some(format!("{quiet}last line {} ago", duration(secs)))
}

/// The address of the runs of an experiment that a node has.
fn address(id: ExperimentId, place: String) -> String {
    let filter = Filter { nodes: vec![place], ..Filter::default() };
    Route { page: Page::Experiment(id), view: ViewOptions { filter, ..ViewOptions::default() } }.url()
}

/// The rows.
#[component]
pub fn WorkerList(nodes: Memo<Vec<NodeActivity>>) -> impl IntoView {
    let all = move || nodes.with(|nodes| nodes.iter().map(|node| node.node.clone()).collect::<Vec<_>>());
    view! {
        <ul class="workers" aria-label="Workers">
            // Two that differ in what they compute with may have one name.
            <For each=all key=Node::clone let:node>
                <Worker node=node nodes=nodes />
            </For>
        </ul>
    }
}

/// A row, which stays where it is while its figures change: a link in it keeps the focus.
#[component]
fn Worker(node: Node, nodes: Memo<Vec<NodeActivity>>) -> impl IntoView {
    let place = node.place();
    let own = Memo::new(move |_| nodes.with(|nodes| nodes.iter().find(|each| each.node == node).cloned()));
    let said = move |say: fn(&NodeActivity) -> String| move || own.with(|own| own.as_ref().map(say));
    let trains = |node: &NodeActivity| match node.runs {
        0 => String::new(),
        runs => format!("{} of ", counted(runs, "run")),
    };
    let further = |node: &NodeActivity| {
        [speed(node), heard(node)].into_iter().flatten().collect::<Vec<_>>().join(" · ")
    };
    let experiments =
        move || own.with(|own| own.as_ref().map(|own| own.experiments.clone()).unwrap_or_default());
    let runs_of = place.clone();
    view! {
        <li>
            <div><b>{place}</b> " " <span class="hint">{said(kind)}</span></div>
            <div>
                {said(trains)}
                <For each=experiments key=|id| *id let:id>
                    <a href=href(&address(id, runs_of.clone()))>{format!("#{id}")}</a>
                    " "
                </For>
                <span class="hint">{said(since)}</span>
            </div>
            <div class="hint">{said(further)}</div>
        </li>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::run::Arithmetic;

    fn node(device: &str, arithmetic: &str) -> NodeActivity {
        NodeActivity {
            node: Node {
                name: "desk".into(),
                arithmetic: Arithmetic(arithmetic.into()),
                worker: Some("cuda:2".into()),
            },
            device: device.into(),
            runs: 7,
            experiments: vec![ExperimentId(3)],
            since_secs: Some(150.0),
            heard_secs: Some(2.0),
            steps_per_s: 12.34,
            tokens_per_s: 40_960.4,
        }
    }

    #[test]
    fn a_worker_says_what_it_is_and_how_it_does() {
        let gpu = node("NVIDIA H200, bf16", "NVIDIA H200");
        assert_eq!((kind(&gpu), since(&gpu)), ("NVIDIA H200, bf16".into(), "for 2 min 30 s".into()));
        assert_eq!(speed(&gpu).unwrap(), format!("12.34 steps/s, {} tokens/s", thousands(40_960)));
        assert_eq!(heard(&gpu).unwrap(), "last line 2 s ago");
        assert_eq!(address(ExperimentId(3), gpu.node.place()), "/experiments/3?node=desk%2Fcuda:2");
        assert_eq!(kind(&node("cpu", "x86-64-v4")), "cpu, x86-64-v4");
    }

    #[test]
    fn one_that_waits_or_is_quiet_says_so() {
        let quiet = NodeActivity { heard_secs: Some(61.0), steps_per_s: 0.0, ..node("cpu", "x86-64-v4") };
        assert_eq!((heard(&quiet).unwrap(), speed(&quiet)), ("quiet, last line 1 min 1 s ago".into(), None));
        let idle = NodeActivity { runs: 0, since_secs: None, ..quiet };
        assert_eq!((heard(&idle).unwrap(), since(&idle)), ("last line 1 min 1 s ago".into(), "waits".into()));
        assert_eq!(heard(&NodeActivity { heard_secs: None, ..idle }), None);
    }
}

//! What pages see of the lab while it works: the overview, the experiments they watch, every point once.

use super::{served, watch};
use crate::support::page::Page;
use crate::support::{long, small, statuses};
use tunemask_shared::comparison::Comparison;
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::overview::Overview;
use tunemask_shared::protocol::{FromPage, FromServer};
use tunemask_shared::report::{Block, Cell};
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::{Detail, Watched};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_see_the_same_state_and_every_point_once() {
    let served = served().await;
    let mut one = Page::open(served.address).await;
    let id = one.start(Experiment { epochs: Some(200), ..small() }).await;
    one.until("the first run has points", |s| s.runs.values().any(|r| r.step > 0)).await;
    // It waits in the middle for the other page, on a fast machine too.
    one.say(&FromPage::Pause).await;
    one.until_overview("the pause is told", |o| o.paused).await;
    // A page that comes late and watches nothing is told how far the experiment is, and of no run.
    let mut two = Page::open(served.address).await;
    assert!(two.overview.seq > 3 && two.overview.experiments[&id].progress.is_active());
    one.say(&FromPage::Resume).await;
    // Both listen: who does not is given up.
    let listens = async {
        let mut told = 0;
        while two.overview.experiments[&id].progress.is_active() {
            told += usize::from(matches!(two.hear().await, FromServer::Changed { .. }));
        }
        told
    };
    let (told, ()) = tokio::join!(listens, one.until_over(id));
    assert!(told > 1 && two.events.is_empty() && two.series.is_empty(), "{told}");
    let state = served.lab.state();
    assert_eq!(statuses(&state, id), [RunStatus::Finished; 2]);
    let part = Watched::new(&state, vec![watch(id, Detail::Runs)]).unwrap().part(&state);
    assert_eq!(one.state, LabState { seq: one.state.seq, ..part });
    assert_eq!(two.overview.experiments, Overview::of(&state).experiments);
    for run in &state.experiments[&id].runs {
        let shown = one.series[run].1.points();
        assert_eq!(*shown, served.lab.series(run).unwrap().1);
        assert!(shown.step.iter().copied().eq(1..=1600));
    }
    assert!(lengths(&one).iter().any(|&n| n > 1), "whole lines where they are watched");
    // A page that watches afterwards gets the same curves.
    two.watch(id).await;
    while two.series.len() < 2 {
        two.hear().await;
    }
    for (run, (_, buckets)) in &two.series {
        assert_eq!(buckets, &one.series[run].1);
    }
}

/// How many points each line had that a page was sent.
fn lengths(page: &Page) -> Vec<usize> {
    let points = page.events.iter().filter_map(|e| match &e.kind {
        EventKind::Points { points, .. } => Some(points.len()),
        _ => None,
    });
    points.collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_told_of_the_runs_that_it_watches_alone() {
    let served = served().await;
    let (mut one, mut two) = (Page::open(served.address).await, Page::open(served.address).await);
    one.say(&FromPage::Pause).await;
    let first = one.start(Experiment { seeds: vec![1, 2], ..small() }).await;
    // Shares a run with the first.
    let second = one.start(Experiment { seeds: vec![2, 3], ..small() }).await;
    two.watch(first).await;
    one.show(vec![watch(second, Detail::Grid)]).await;
    assert_eq!((one.state.runs.len(), one.state.experiments[&second].runs.len()), (1, 4));
    one.say(&FromPage::Resume).await;
    two.until_over(first).await;
    let over = |o: &Overview| !o.experiments[&second].progress.is_active();
    one.until_overview("the second is over", over).await;
    two.until_overview("the second is over", over).await;
    let whole = served.lab.state();
    let part = |id, detail| Watched::new(&whole, vec![watch(id, detail)]).unwrap().part(&whole);
    let same = |page: &Page, part: LabState| assert_eq!(page.state, LabState { seq: page.state.seq, ..part });
    same(&two, part(first, Detail::Runs));
    same(&one, part(second, Detail::Grid));
    let others = |page: &Page| {
        let strange = |e: &&Event| e.kind.run().is_some_and(|run| !page.state.runs.contains_key(run));
        page.events.iter().filter(strange).count()
    };
    assert_eq!((others(&one), others(&two)), (0, 0));
    assert!(one.series.is_empty() || lengths(&one).iter().all(|&n| n == 1), "a grid needs no curves");
    // A form asks for what was asked for.
    for (request, id, want) in [(5, second, Some(vec![2, 3])), (6, ExperimentId(9), None)] {
        one.say(&FromPage::Experiment { request, experiment_id: id }).await;
        let FromServer::Experiment { request: answered, experiment } = one.answer().await else {
            panic!("it was asked for")
        };
        assert_eq!((answered, experiment.map(|e| e.seeds)), (request, want));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_comparison_comes_as_data_and_its_runs_alone_are_watched() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    let first = page.start(Experiment { seeds: vec![1, 2], ..small() }).await;
    page.until_over(first).await;
    let second = page.start(Experiment { seeds: vec![1, 2], epochs: Some(5), ..small() }).await;
    page.until_over(second).await;
    let comparison = Comparison::Experiments(vec![first, second]);
    page.say(&FromPage::Compare { request: 4, comparison }).await;
    let FromServer::Reported { request: 4, report } = page.answer().await else { panic!("no report") };
    let tables = report.blocks.iter().filter_map(|b| if let Block::Table(t) = b { Some(t) } else { None });
    let cells: Vec<&Cell> = tables.flat_map(|table| &table.rows).flatten().collect();
    assert!(cells.iter().any(|cell| cell.text == "Epochs"), "{cells:?}");
    // Two trained models on the same stored predictions: a test of these, and no word on the method.
    let says = |words: &str| cells.iter().any(|cell| cell.text.contains(words));
    assert!(says("Of the method that says nothing: 2 seeds"), "{cells:?}");
    let behind = |id| cells.iter().find(|cell| cell.seen_from == Some(id)).unwrap().runs.clone();
    let chosen = vec![
        watch(first, Detail::Chosen(behind(first)[..1].to_vec())),
        watch(second, Detail::Chosen(behind(second))),
    ];
    page.show(chosen.clone()).await;
    while page.series.len() < 3 {
        page.hear().await;
    }
    let whole = served.lab.state();
    let part = Watched::new(&whole, chosen).unwrap().part(&whole);
    assert_eq!((page.state.runs.len(), page.state.experiments.len()), (3, 2));
    assert_eq!(page.state, LabState { seq: page.state.seq, ..part });
    // What is deleted is not there any more, and neither is its comparison.
    page.say(&FromPage::Delete { request: 5, experiment_id: second }).await;
    assert!(matches!(page.answer().await, FromServer::Done { request: 5 }));
    page.until("the second is gone", |s| s.experiments.len() == 1 && s.runs.len() == 1).await;
    let comparison = Comparison::Experiments(vec![first, second]);
    page.say(&FromPage::Compare { request: 6, comparison }).await;
    let FromServer::Rejected { request: 6, errors } = page.answer().await else { panic!("not rejected") };
    assert_eq!(errors[0].message, format!("There is no experiment {second}; it may have been deleted."));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queue_is_steered_from_any_page() {
    let served = served().await;
    let (mut one, mut two) = (Page::open(served.address).await, Page::open(served.address).await);
    let id = one.start(Experiment { seeds: vec![1, 2], ..long() }).await;
    two.watch(id).await;
    two.until("it trains", |s| s.runs.values().any(|r| r.step > 0)).await;
    two.say(&FromPage::Pause).await;
    one.until_overview("the pause is told", |o| o.paused).await;
    let runs = one.state.experiments[&id].runs.clone();
    two.say(&FromPage::Cancel { runs: runs.clone() }).await;
    one.until_over(id).await;
    assert_eq!(statuses(&one.state, id), [RunStatus::Cancelled; 2]);
    assert!(one.overview.paused, "a run is cancelled while the queue is paused");
    one.say(&FromPage::Retry { runs: vec![runs[1].clone()] }).await;
    two.until("it waits again", |s| s.runs.get(&runs[1]).is_some_and(|r| r.status == RunStatus::Queued))
        .await;
    one.say(&FromPage::Resume).await;
    two.until("it trains again", |s| s.runs[&runs[1]].step > 0).await;
    assert_eq!(two.state.runs[&runs[0]].status, RunStatus::Cancelled);
}

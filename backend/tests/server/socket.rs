//! The websocket from outside: a real server on a port of the system's choice, real clients, real training.

use crate::support::page::{Page, connect};
use crate::support::{PATIENCE, long, open, small, statuses};
use futures_util::SinkExt;
use std::collections::HashSet;
use std::fs;
use std::net::SocketAddr;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::oneshot;
use tokio_tungstenite::tungstenite::{Error, Message};
use tunemask::lab::Lab;
use tunemask::server::{Access, Limits, ServeOptions, Server};
use tunemask_shared::comparison::Comparison;
use tunemask_shared::dataset::{DataQuestion, DataSettings, DatasetSettings, SavedSettings};
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::mask::OutlierPool;
use tunemask_shared::overview::Overview;
use tunemask_shared::prediction::PredictionQuestion;
use tunemask_shared::protocol::{FromPage, FromServer, MAX_MESSAGE_BYTES, OtherVersion, PROTOCOL_VERSION};
use tunemask_shared::report::{Block, Cell, ReferenceFile, ReportKind, ReportRequest};
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;
use tunemask_shared::watched::{Detail, Watch, Watched};

struct Served {
    address: SocketAddr,
    lab: Lab,
    _stop: oneshot::Sender<()>,
    _home: TempDir,
}

async fn served() -> Served {
    served_within(Limits::default()).await
}

async fn served_within(limits: Limits) -> Served {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let options = ServeOptions {
        host: "127.0.0.1".into(),
        port: 0,
        home: home.path().to_owned(),
        page: Some(home.path().join("none")),
        device: tunemask_engine::Device::cpu(),
        access: Access::default(),
        limits,
    };
    let server = Server::bind(&options).await.unwrap();
    let (stop, stopped) = oneshot::channel();
    let address = server.address();
    tokio::spawn(server.run(lab.clone(), async { _ = stopped.await }));
    Served { address, lab, _stop: stop, _home: home }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pages_see_the_same_state_and_every_point_once() {
    let served = served().await;
    let mut one = Page::open(served.address).await;
    let id = one.start(Experiment { epochs: Some(40), ..small() }).await;
    one.until("the first run has points", |s| s.runs.values().any(|r| r.step > 0)).await;
    // A page that comes late and watches nothing is told how far the experiment is, and of no run.
    let mut two = Page::open(served.address).await;
    assert!(two.overview.seq > 3);
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
        assert_eq!(one.series[run].1, served.lab.series(run).unwrap().1);
        assert!(one.series[run].1.step.iter().copied().eq(1..=320));
    }
    assert!(lengths(&one).iter().any(|&n| n > 1), "whole lines where they are watched");
    // A page that watches afterwards gets the same curves.
    two.watch(id).await;
    while two.series.len() < 2 {
        two.hear().await;
    }
    for (run, (_, points)) in &two.series {
        assert_eq!(points, &one.series[run].1);
    }
}

fn watch(experiment_id: ExperimentId, detail: Detail) -> Watch {
    Watch { experiment_id, detail }
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
async fn data_of_ones_own_are_looked_at_and_what_is_said_of_them_is_written() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("reviews");
    fs::create_dir(&folder).unwrap();
    let rows = (0..40).map(|n| format!("{n},tea number {n},{}\n", ["good", "bad"][n % 2]));
    fs::write(folder.join("train.csv"), format!("id,review,verdict\n{}", rows.collect::<String>())).unwrap();
    let question = |settings| DataQuestion {
        data: dir.path().display().to_string(),
        folder: None,
        settings,
        model: "builtin:tiny".into(),
        max_length: 4,
    };
    let ask = |settings| FromPage::CheckData { request: 3, question: Box::new(question(settings)) };
    page.say(&ask(None)).await;
    let FromServer::OwnData { request: 3, own: Some(own) } = page.answer().await else {
        panic!("it was asked for")
    };
    assert_eq!((own.folders.as_slice(), own.folder.as_str()), (&["reviews".to_owned()][..], "reviews"));
    let facts = own.facts.unwrap();
    assert_eq!((facts.questions[0].field.as_str(), facts.rows.len()), ("label", 40));
    // Something is said instead of the file.
    let said = DatasetSettings { label: vec!["verdict".into()], split: Some(1.5), ..own.said };
    page.say(&ask(Some(said.clone()))).await;
    let FromServer::OwnData { own: Some(own), .. } = page.answer().await else { panic!("it was asked for") };
    assert_eq!(own.said, said);
    let questions = own.facts.unwrap().questions;
    assert_eq!(questions.iter().map(|q| q.field.as_str()).collect::<Vec<_>>(), ["split"], "{questions:?}");
    page.say(&ask(Some(DatasetSettings { split: Some(0.25), ..said }))).await;
    let FromServer::OwnData { own: Some(own), .. } = page.answer().await else { panic!("it was asked for") };
    let facts = own.facts.unwrap();
    assert_eq!(facts.sets.iter().map(|set| set.examples).collect::<Vec<_>>(), [30, 10]);
    assert_eq!((facts.lengths.unwrap().cut, facts.majority), (30, Some(0.5)));

    let mut data = DataSettings {
        data: dir.path().display().to_string(),
        folder: "reviews".into(),
        settings: facts.settings,
        over: None,
    };
    let path = folder.join("dataset.toml");
    fs::write(&path, "# mine\n").unwrap();
    page.say(&FromPage::SaveData { request: 4, data: Box::new(data.clone()) }).await;
    let FromServer::DataSaved { request: 4, saved } = page.answer().await else {
        panic!("it was to be saved")
    };
    let there = SavedSettings::Exists { path: path.display().to_string(), text: "# mine\n".into() };
    assert_eq!((saved, fs::read_to_string(&path).unwrap().as_str()), (there, "# mine\n"));
    data.over = Some("# mine\n".into());
    page.say(&FromPage::SaveData { request: 5, data: Box::new(data.clone()) }).await;
    let FromServer::DataSaved { saved, .. } = page.answer().await else { panic!("it was to be saved") };
    let SavedSettings::Written { text, task, .. } = saved else { panic!("{saved:?}") };
    assert_eq!((fs::read_to_string(&path).unwrap(), task.unwrap().as_str()), (text, "own:reviews"));
    // What has no rows, or belongs to the hub, is not written to.
    for (folder, why) in [("../", "no files of rows"), ("elsewhere", "no files of rows")] {
        let data = DataSettings { folder: folder.into(), ..data.clone() };
        page.say(&FromPage::SaveData { request: 6, data: Box::new(data) }).await;
        let FromServer::DataSaved { saved: SavedSettings::Failed { reason }, .. } = page.answer().await
        else {
            panic!("{folder}")
        };
        assert!(reason.contains(why), "{reason}");
    }
    data.data = "hf:acme/reviews".into();
    page.say(&FromPage::SaveData { request: 7, data: Box::new(data) }).await;
    let FromServer::DataSaved { saved: SavedSettings::Failed { reason }, .. } = page.answer().await else {
        panic!("the hub's cache stays")
    };
    assert!(reason.contains("stays as it was downloaded"), "{reason}");
    // A folder of none, and a file that cannot be read.
    page.say(&FromPage::CheckData { request: 8, question: Box::new(DataQuestion::default()) }).await;
    assert!(matches!(page.answer().await, FromServer::OwnData { request: 8, own: None }));
    fs::write(folder.join("train.csv"), b"id,review,verdict\n1,b\xe4d,bad\n").unwrap();
    page.say(&ask(None)).await;
    let FromServer::OwnData { own: Some(own), .. } = page.answer().await else { panic!("it was asked for") };
    let why = own.facts.unwrap_err();
    assert!(why.starts_with("train.csv, line 2: column 2, behind `b`"), "{why}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_sees_which_values_a_mask_selects() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    let ask = |request, experiment: &Experiment, mask: &str| FromPage::Norms {
        request,
        experiment: Box::new(experiment.clone()),
        mask: mask.into(),
        seed: 1,
    };
    page.say(&ask(1, &small(), "outliers:4")).await;
    let FromServer::Norms { request: 1, norms } = page.answer().await else { panic!("they were asked for") };
    assert_eq!(norms.len(), 8);
    assert!(norms.iter().all(|norm| norm.gamma.selected() + norm.beta.selected() == 4));
    assert!(norms.iter().all(|norm| norm.gamma.all() == norm.beta.all() && norm.low < norm.high));
    // The switches are the experiment's.
    let each = Experiment { outlier_pool: OutlierPool::Each, ..small() };
    page.say(&ask(2, &each, "outliers:4")).await;
    let FromServer::Norms { request: 2, norms } = page.answer().await else { panic!("they were asked for") };
    assert!(norms.iter().all(|norm| (norm.gamma.selected(), norm.beta.selected()) == (4, 4)));
    let nowhere = Experiment { model: "nowhere".into(), ..small() };
    for (request, experiment, mask, field) in [
        (3, small(), "outliers:100000", "masks"),
        (4, small(), "largest:2 in", "masks"),
        (5, nowhere, "outliers:4", "model"),
    ] {
        page.say(&ask(request, &experiment, mask)).await;
        let FromServer::Rejected { errors, .. } = page.answer().await else { panic!("{mask} is wrong") };
        assert_eq!(errors[0].field, field, "{errors:?}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_read_is_refused_and_the_socket_goes_on() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    for text in
        ["", "{", "[]", "{\"type\":\"shutdown\"}", "{\"type\":\"hello\"}", "{\"type\":\"cancel\",\"runs\":7}"]
    {
        page.say_text(text.into()).await;
        assert!(page.refusal().await.contains("cannot be read"), "{text}");
    }
    page.socket.send(Message::Binary(vec![1, 2, 3].into())).await.unwrap();
    assert!(page.refusal().await.contains("text"));
    page.say(&FromPage::Watch { watch: vec![watch(ExperimentId(9), Detail::Runs)] }).await;
    assert!(page.refusal().await.contains("no experiment 9"));
    page.say(&FromPage::Retry { runs: vec![RunId("none".into())] }).await;
    assert!(page.refusal().await.contains("no run none"));
    page.say(&FromPage::Inspect { request: 3, model: "builtin:tiny".into(), data: Some("nowhere".into()) })
        .await;
    let FromServer::Facts { request: 3, facts } = page.answer().await else { panic!("facts were asked for") };
    assert!(facts.model.unwrap().is_ok() && facts.data.unwrap().is_err());
    let wrong = Experiment { masks: vec!["everything".into()], epochs: Some(0), ..small() };
    page.say(&FromPage::Start { request: 4, experiment: Box::new(wrong) }).await;
    let FromServer::Rejected { request: 4, errors } = page.answer().await else { panic!("it is wrong") };
    assert_eq!(errors.iter().map(|e| e.field.as_str()).collect::<Vec<_>>(), ["masks[0]", "epochs"]);
    // Whoever asks for too much at once learns which request will not be answered.
    for request in 5..205 {
        page.say(&FromPage::Plan { request, experiment: Box::new(small()) }).await;
    }
    let mut waits: HashSet<u32> = (5..205).collect();
    let mut refused = 0;
    while !waits.is_empty() {
        match page.answer().await {
            FromServer::Planned { request, .. } => assert!(waits.remove(&request)),
            FromServer::Refused { request: Some(request), reason } => {
                assert!(waits.remove(&request) && reason.contains("too many requests"), "{reason}");
                refused += 1;
            }
            other => panic!("{other:?}"),
        }
    }
    assert!(refused > 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_says_hello_first_and_in_this_protocol() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    page.socket = connect(served.address, "/ws", &[]).await.unwrap();
    page.say(&FromPage::Pause).await;
    assert!(page.refusal().await.contains("hello"));
    page.say(&FromPage::Hello { protocol: PROTOCOL_VERSION + 1 }).await;
    let told: OtherVersion = serde_json::from_str(&page.try_hear_text().await.unwrap()).unwrap();
    assert_eq!(told.protocol, PROTOCOL_VERSION);
    // No snapshot follows that the page might misread.
    page.say(&FromPage::Pause).await;
    assert!(matches!(page.hear().await, FromServer::Refused { .. }));
    assert!(!served.lab.state().paused);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_too_long_is_refused_and_one_far_too_long_ends_its_socket_alone() {
    let served = served().await;
    let mut other = Page::open(served.address).await;
    let mut page = Page::open(served.address).await;
    page.say_text("x".repeat(MAX_MESSAGE_BYTES + 1)).await;
    let refusal_text = page.refusal().await;
    assert!(refusal_text.contains("1048577 bytes; at most 1048576"), "{refusal_text}");
    // The server may hang up before all of it was sent.
    _ = page.socket.send(Message::Text("x".repeat(MAX_MESSAGE_BYTES * 5).into())).await;
    assert!(page.try_hear().await.is_none());
    other.say(&FromPage::Pause).await;
    other.until_overview("the pause is told", |o| o.paused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_sites_and_names_are_refused() {
    let served = served().await;
    let port = served.address.port();
    let refused = [
        vec![("origin", "http://evil.example".to_owned())],
        vec![("origin", format!("http://localhost:{port}"))],
        vec![("origin", "null".to_owned())],
        vec![("host", format!("evil.example:{port}"))],
        vec![("host", format!("evil.example:{port}")), ("origin", format!("http://evil.example:{port}"))],
    ];
    for headers in refused {
        let headers: Vec<(&'static str, &str)> = headers.iter().map(|(n, v)| (*n, v.as_str())).collect();
        match connect(served.address, "/ws", &headers).await {
            Err(Error::Http(response)) => assert_eq!(response.status(), 403, "{headers:?}"),
            other => panic!("{headers:?}: {:?}", other.map(|_| "it connected")),
        }
    }
    let local = format!("localhost:{port}");
    connect(served.address, "/ws", &[("host", &local), ("origin", &format!("http://{local}"))])
        .await
        .unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn sockets_are_bounded() {
    let served = served_within(Limits { sockets_of_one: 6, hello: PATIENCE * 2, ..Limits::default() }).await;
    let mut open = Vec::new();
    for _ in 0..6 {
        open.push(connect(served.address, "/ws", &[]).await.unwrap());
    }
    let Err(Error::Http(response)) = connect(served.address, "/ws", &[]).await else {
        panic!("there is no room")
    };
    assert_eq!(response.status(), 503);
    open.truncate(4);
    let begin = std::time::Instant::now();
    while connect(served.address, "/ws", &[]).await.is_err() {
        assert!(begin.elapsed() < PATIENCE, "room is given back");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_comes_as_data_and_a_wrong_one_names_its_field() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    let id = page.start(Experiment { name: "a <b>".into(), ..small() }).await;
    page.until_over(id).await;
    let report = ReportRequest { kind: ReportKind::Table, ..ReportRequest::default() };
    page.say(&FromPage::Report { request: 4, experiment_id: id, report: Box::new(report.clone()) }).await;
    let FromServer::Reported { request: 4, report: made } = page.answer().await else { panic!("no report") };
    let tables = made.blocks.iter().filter_map(|b| if let Block::Table(t) = b { Some(t) } else { None });
    let cells: Vec<&Cell> = tables.flat_map(|t| &t.rows).flatten().collect();
    assert!(cells.contains(&&Cell::code("layernorms")), "{made:?}");
    let runs = &page.state.experiments[&id].runs;
    assert!(cells.iter().flat_map(|cell| &cell.runs).all(|run| runs.contains(run)), "{made:?}");
    assert!(cells.iter().any(|cell| !cell.runs.is_empty()), "{made:?}");
    let reference = Some(ReferenceFile { name: "x.csv".into(), text: "mask\n".into() });
    let report = ReportRequest { reference, ..report };
    page.say(&FromPage::Report { request: 5, experiment_id: id, report: Box::new(report) }).await;
    let FromServer::Rejected { request: 5, errors } = page.answer().await else { panic!("not rejected") };
    assert_eq!(errors[0].field, "reference");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_report_is_kept_for_every_page_that_asks_again() {
    let served = served().await;
    let mut one = Page::open(served.address).await;
    let id = one.start(small()).await;
    one.until_over(id).await;
    let runs = one.state.experiments[&id].runs.clone();
    let weights = |run: &RunId, request| {
        let run = Some(run.clone());
        let report = Box::new(ReportRequest { kind: ReportKind::Weights, run, ..ReportRequest::default() });
        FromPage::Report { request, experiment_id: id, report }
    };
    one.say(&weights(&runs[0], 4)).await;
    let FromServer::Reported { report: first, .. } = one.answer().await else { panic!("no report") };
    // Without what runs have left it could not be made again.
    std::fs::remove_dir_all(served.lab.home().join("runs")).unwrap();
    let mut two = Page::open(served.address).await;
    for page in [&mut one, &mut two] {
        page.say(&weights(&runs[0], 5)).await;
        let FromServer::Reported { request: 5, report } = page.answer().await else { panic!("made anew") };
        assert!(report == first, "another report");
        page.say(&weights(&runs[1], 6)).await;
        assert!(matches!(page.answer().await, FromServer::Rejected { request: 6, .. }));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_text_is_read_while_others_train_and_a_later_question_takes_its_place() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    let id = page.start(small()).await;
    page.until_over(id).await;
    page.say(&FromPage::Start { request: 1, experiment: Box::new(long()) }).await;
    while !matches!(page.hear().await, FromServer::Accepted { .. }) {}
    let ask = |request, text: &str| FromPage::Predict {
        request,
        experiment_id: id,
        question: Box::new(PredictionQuestion { text: text.into(), ..PredictionQuestion::default() }),
    };
    page.say(&ask(2, "the food was good")).await;
    let said = loop {
        if let FromServer::Predicted { request: 2, prediction } = page.hear().await {
            break prediction;
        }
    };
    assert_eq!(said.rows.len(), 2);
    let state = served.lab.state();
    assert!(state.runs.values().any(|run| !run.status.is_over()), "the queue goes on");

    // Four questions at once: only the last of them is waited for.
    for request in 3..=6 {
        page.say(&ask(request, "the food was bad")).await;
    }
    let (mut stopped, mut said) = (Vec::new(), Vec::new());
    while stopped.len() + said.len() < 4 {
        match page.hear().await {
            FromServer::Rejected { request, errors } => {
                assert!(errors[0].message.contains("stopped"), "{errors:?}");
                stopped.push(request);
            }
            FromServer::Predicted { request, .. } => said.push(request),
            _ => {}
        }
    }
    assert_eq!(said.last(), Some(&6), "{stopped:?}");
    page.say(&ask(7, " ")).await;
    page.say(&FromPage::Examples { request: 8, experiment_id: id, task: None }).await;
    let (mut wrong, mut examples) = (None, None);
    while wrong.is_none() || examples.is_none() {
        match page.hear().await {
            FromServer::Rejected { request: 7, errors } => wrong = errors.into_iter().next(),
            FromServer::Examples { request: 8, examples: found } => examples = Some(found),
            _ => {}
        }
    }
    let wrong = wrong.unwrap();
    assert_eq!((wrong.field.as_str(), wrong.message.as_str()), ("text", "write a text"));
    assert_eq!(examples.unwrap().len(), 8);
    served.lab.cancel(state.runs.keys().cloned().collect()).unwrap();
}

//! What pages ask for, and the answers: data, masks, reports, texts.

use super::served;
use crate::support::page::Page;
use crate::support::{long, small};
use std::fs;
use tunemask_shared::dataset::{DataQuestion, DataSettings, DatasetSettings, SavedSettings};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::mask::OutlierPool;
use tunemask_shared::prediction::PredictionQuestion;
use tunemask_shared::protocol::{FromPage, FromServer};
use tunemask_shared::report::{Block, Cell, ReferenceFile, ReportKind, ReportRequest};
use tunemask_shared::run::RunId;
use tunemask_shared::run_log::RunLog;

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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_page_is_told_what_happened_to_a_run() {
    let served = served().await;
    let mut page = Page::open(served.address).await;
    let id = page.start(small()).await;
    page.until_over(id).await;
    let run = page.state.experiments[&id].runs[0].clone();
    page.say(&FromPage::RunLog { request: 3, run: run.clone() }).await;
    let FromServer::RunLog { request: 3, log } = page.answer().await else { panic!("no log comes") };
    let kinds: Vec<&str> = log.lines.iter().map(|event| event.kind.name()).collect();
    assert_eq!(
        (log.earlier, kinds.first(), kinds.last()),
        (0, Some(&"queued"), Some(&"finished")),
        "{kinds:?}"
    );
    assert_eq!(kinds.iter().filter(|kind| **kind == "evaluated").count(), 2, "{kinds:?}");
    assert!(log.lines.iter().all(|event| event.kind.run() == Some(&run)), "{log:?}");
    assert!(!kinds.contains(&"points"), "{kinds:?}");
    page.say(&FromPage::RunLog { request: 4, run: RunId("none".into()) }).await;
    match page.answer().await {
        FromServer::RunLog { request: 4, log } => assert_eq!(log, RunLog::default()),
        other => panic!("{other:?}"),
    }
}

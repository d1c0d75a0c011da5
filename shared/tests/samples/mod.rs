//! One sample of each message and event at least. The matches name every variant, so that a new one does not
//! compile without its sample.

mod dataset;
mod lab;
mod predictions;
mod reports;

use dataset::{own_data, question, said, save};
pub use lab::events;
use lab::{annotation, clipped, disk, experiment, plan, points, run_id, spec, state, training_set};
use reports::reported;
use std::collections::BTreeMap;
use tunemask_shared::buckets::Buckets;
use tunemask_shared::comparison::{ComparedRun, Comparison};
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::experiment::FieldError;
use tunemask_shared::facts::{DataFacts, Facts, Local, ModelFacts, OnMachine};
use tunemask_shared::hub::{Download, RepositoryKind};
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::machine::{Machine, Processor, Room};
use tunemask_shared::metric::Metric;
use tunemask_shared::nodes::NodeActivity;
use tunemask_shared::norms::{BinCounts, Norm, NormHistogram};
use tunemask_shared::overview::{Overview, OverviewChange, SummaryChange};
use tunemask_shared::places::TrainingPlace;
use tunemask_shared::plan::Plan;
use tunemask_shared::progress::Progress;
use tunemask_shared::protocol::{FromPage, FromServer, OtherVersion, RunSeries};
use tunemask_shared::queue::QueuePlace;
use tunemask_shared::report::{Layout, ReferenceFile, ReportKind, ReportRequest};
use tunemask_shared::run::RunId;
use tunemask_shared::run_log::RunLog;
use tunemask_shared::shape::ModelShape;
use tunemask_shared::state::LabState;
use tunemask_shared::storage::{Storage, Weights};
use tunemask_shared::task::{Definition, Source, Task, TaskKind, TaskName, TaskSize};
use tunemask_shared::watched::{Detail, Watch};

/// Samples beside the names of their variants; `all` counts the variants, each of which must have one.
fn named<T>(samples: Vec<T>, all: usize, name: fn(&T) -> &'static str) -> Vec<(String, T)> {
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let named: Vec<_> = samples
        .into_iter()
        .map(|sample| {
            let name = name(&sample);
            let times = seen.entry(name).and_modify(|n| *n += 1).or_insert(1);
            (if *times == 1 { name.to_owned() } else { format!("{name}.{times}") }, sample)
        })
        .collect();
    assert_eq!(seen.len(), all, "a variant has no sample: {:?}", seen.keys());
    named
}

pub fn from_page() -> Vec<(String, FromPage)> {
    let runs = vec![run_id("562bb448046e1f30"), run_id("0011223344556677")];
    let mut samples = vec![
        FromPage::Hello { protocol: 1 },
        FromPage::Watch { watch: vec![watch(Detail::Runs)] },
        FromPage::Watch { watch: Vec::new() },
        FromPage::Watch { watch: vec![watch(Detail::Grid), watch(Detail::Chosen(runs.clone()))] },
        FromPage::Experiment { request: 22, experiment_id: ExperimentId(3) },
        FromPage::Inspect { request: 7, model: "builtin:tiny".into(), data: None },
        FromPage::Inspect { request: 8, model: "models/minilm".into(), data: Some("glue".into()) },
        FromPage::Start { request: 9, experiment: Box::new(experiment()) },
        FromPage::Plan { request: 10, experiment: Box::new(experiment()) },
        FromPage::Report { request: 11, experiment_id: ExperimentId(3), report: Box::default() },
        FromPage::Report { request: 12, experiment_id: ExperimentId(3), report: Box::new(report()) },
        FromPage::Compare {
            request: 24,
            comparison: Comparison::Experiments(vec![ExperimentId(3), ExperimentId(5)]),
        },
        FromPage::Compare { request: 25, comparison: Comparison::Runs(compared(&runs)) },
        FromPage::Annotate { request: 19, experiment_id: ExperimentId(3), annotation: annotation() },
        FromPage::DiskUse { request: 20, experiment_id: ExperimentId(3) },
        FromPage::Delete { request: 21, experiment_id: ExperimentId(3) },
        FromPage::Storage { request: 23, experiment_id: ExperimentId(3), rule: KeepWeights::Picked },
        FromPage::KeepWeights { request: 24, experiment_id: ExperimentId(3), rule: KeepWeights::Last(2) },
        FromPage::Machine { request: 25 },
        FromPage::RunLog { request: 26, run: run_id("562bb448046e1f30") },
        FromPage::Move { experiment_id: ExperimentId(3), to: QueuePlace::First },
        FromPage::Pause,
        FromPage::Resume,
        FromPage::Cancel { runs: runs.clone() },
        FromPage::Retry { runs },
        FromPage::Start { request: 13, experiment: Box::new(clipped()) },
        FromPage::OnMachine { request: 14 },
        download("hf:google-bert/bert-base-uncased", RepositoryKind::Model, true),
        download("hf:nyu-mll/glue", RepositoryKind::Dataset, false),
        FromPage::CheckData { request: 16, question: Box::new(question(None)) },
        FromPage::CheckData { request: 17, question: Box::new(question(Some(said()))) },
        FromPage::SaveData { request: 18, data: Box::new(save()) },
        FromPage::Norms { request: 22, experiment: Box::default(), mask: "outliers:4".into(), seed: 1 },
    ];
    samples.extend(predictions::asked());
    named(samples, 28, |m| match m {
        FromPage::Hello { .. } => "hello",
        FromPage::Watch { .. } => "watch",
        FromPage::Experiment { .. } => "experiment",
        FromPage::Inspect { .. } => "inspect",
        FromPage::OnMachine { .. } => "on_machine",
        FromPage::Download { .. } => "download",
        FromPage::CheckData { .. } => "check_data",
        FromPage::SaveData { .. } => "save_data",
        FromPage::Start { .. } => "start",
        FromPage::Plan { .. } => "plan",
        FromPage::Norms { .. } => "norms",
        FromPage::Predict { .. } => "predict",
        FromPage::StopPredicting => "stop_predicting",
        FromPage::Examples { .. } => "examples",
        FromPage::Report { .. } => "report",
        FromPage::Compare { .. } => "compare",
        FromPage::Annotate { .. } => "annotate",
        FromPage::DiskUse { .. } => "disk_use",
        FromPage::Delete { .. } => "delete",
        FromPage::Storage { .. } => "storage",
        FromPage::KeepWeights { .. } => "keep_weights",
        FromPage::Machine { .. } => "machine",
        FromPage::RunLog { .. } => "run_log",
        FromPage::Move { .. } => "move",
        FromPage::Pause => "pause",
        FromPage::Resume => "resume",
        FromPage::Cancel { .. } => "cancel",
        FromPage::Retry { .. } => "retry",
    })
}

fn watch(detail: Detail) -> Watch {
    Watch { experiment_id: ExperimentId(3), detail }
}

fn compared(runs: &[RunId]) -> Vec<ComparedRun> {
    (3..)
        .map(ExperimentId)
        .zip(runs)
        .map(|(experiment_id, run)| ComparedRun { experiment_id, run: run.clone() })
        .collect()
}

fn download(name: &str, kind: RepositoryKind, begin: bool) -> FromPage {
    FromPage::Download { request: 15, name: name.into(), kind, begin }
}

/// What a download says, once each.
fn downloads() -> impl Iterator<Item = FromServer> {
    let reason = "hf:a/b has no data that can be read".into();
    let all =
        [Download::None, Download::Runs { bytes: 7, of: 440 }, Download::Done, Download::Failed { reason }];
    all.into_iter().map(|download| FromServer::Download { request: 15, download })
}

fn on_machine() -> OnMachine {
    let local = |name: &str, note: &str, bytes| Local { name: name.into(), note: note.into(), bytes };
    OnMachine {
        models: vec![local(
            "hf:google-bert/bert-base-uncased",
            "12 blocks of width 768, uncased",
            440_000_000,
        )],
        data: vec![local("/data/glue", "RTE, CoLA", 0)],
        places: vec![TrainingPlace {
            name: "desk".into(),
            workers: 2,
            says: "2 worker processes: cuda:0, cuda:1".into(),
        }],
    }
}

pub fn from_server() -> Vec<(String, FromServer)> {
    let error = |field: &str, message: &str| FieldError { field: field.into(), message: message.into() };
    let model = ModelFacts {
        title: "minilm".into(),
        shape: ModelShape::BERT_BASE_UNCASED,
        cased: false,
        dropout: 0.1,
    };
    let data = DataFacts { tasks: vec![Task::rte(), Task::stsb(), reviews()] };
    let known = Facts { model: Some(Ok(model)), data: Some(Ok(data)), absent: Vec::new() };
    let broken = Facts { model: Some(Err("`x` is not a folder".into())), ..Facts::default() };
    let missing = "hf:google-bert/bert-base-uncased is not on this machine";
    let absent = vec![RepositoryKind::Model];
    let absent = Facts { model: Some(Err(missing.into())), data: None, absent };
    let mut samples = vec![
        FromServer::Welcome { version: "0.1.0".into(), device: "CPU, 2 threads".into() },
        FromServer::Snapshot { overview: Box::default() },
        FromServer::Snapshot { overview: Box::new(Overview::of(&state())) },
        FromServer::Changed { change: change() },
        FromServer::Watched { watch: vec![watch(Detail::Grid)], part: Box::new(LabState::default()) },
        FromServer::Watched {
            watch: vec![watch(Detail::Runs)],
            part: Box::new(LabState { paused: false, ..state() }),
        },
        FromServer::Events {
            after: 4,
            events: events().into_iter().map(|(_, e)| e).skip(4).take(2).collect(),
        },
        FromServer::Series {
            series: vec![RunSeries { run: spec().id().unwrap(), seq: 6, buckets: Buckets::of(&points(), 3) }],
        },
        FromServer::Experiment { request: 22, experiment: Some(Box::new(experiment())) },
        FromServer::Experiment { request: 23, experiment: None },
        FromServer::Facts { request: 7, facts: known },
        FromServer::Facts { request: 8, facts: broken },
        FromServer::Facts { request: 8, facts: absent },
        FromServer::DiskUse { request: 20, runs: 12, bytes: 345_678 },
        FromServer::Storage { request: 23, storage: storage() },
        FromServer::Machine { request: 25, machine: machine() },
        FromServer::RunLog { request: 26, log: run_log() },
        FromServer::Done { request: 21 },
        FromServer::Planned {
            request: 10,
            plan: Plan {
                training: vec![training_set()],
                disk: Some(disk()),
                same_runs_as: Some(ExperimentId(3)),
                ..plan()
            },
        },
        FromServer::Norms { request: 22, norms: vec![norm()] },
        FromServer::Reported { request: 11, report: reported() },
        FromServer::Accepted { request: 9, experiment_id: ExperimentId(3) },
        FromServer::Rejected {
            request: 9,
            errors: vec![error("tasks[1]", "`wnli` is not a task"), error("seeds", "give at least one")],
        },
        FromServer::Refused { request: Some(14), reason: "no room".into() },
        FromServer::Refused {
            request: None,
            reason: "the message is not JSON: expected value at line 1 column 1".into(),
        },
    ];
    samples.push(FromServer::OnMachine { request: 14, found: on_machine() });
    samples.extend(downloads());
    samples.extend(own_data());
    samples.extend(predictions::answered());
    named(samples, 25, |m| match m {
        FromServer::Welcome { .. } => "welcome",
        FromServer::Snapshot { .. } => "snapshot",
        FromServer::Changed { .. } => "changed",
        FromServer::Watched { .. } => "watched",
        FromServer::Events { .. } => "events",
        FromServer::Series { .. } => "series",
        FromServer::Experiment { .. } => "experiment",
        FromServer::Facts { .. } => "facts",
        FromServer::OnMachine { .. } => "on_machine",
        FromServer::Download { .. } => "download",
        FromServer::OwnData { .. } => "own_data",
        FromServer::DataSaved { .. } => "data_saved",
        FromServer::Predicted { .. } => "predicted",
        FromServer::Examples { .. } => "examples",
        FromServer::DiskUse { .. } => "disk_use",
        FromServer::Storage { .. } => "storage",
        FromServer::Machine { .. } => "machine",
        FromServer::RunLog { .. } => "run_log",
        FromServer::Done { .. } => "done",
        FromServer::Planned { .. } => "planned",
        FromServer::Norms { .. } => "norms",
        FromServer::Reported { .. } => "reported",
        FromServer::Accepted { .. } => "accepted",
        FromServer::Rejected { .. } => "rejected",
        FromServer::Refused { .. } => "refused",
    })
}

fn run_log() -> RunLog {
    let about_it =
        |event: &Event| matches!(event.kind, EventKind::Continued { .. } | EventKind::Failed { .. });
    RunLog { earlier: 3, lines: events().into_iter().map(|(_, event)| event).filter(about_it).collect() }
}

/// What becomes of experiments, once each.
fn change() -> OverviewChange {
    let whole = Overview::of(&state()).experiments.remove(&ExperimentId(3)).unwrap();
    let gone_on = Progress { running: 1, under_way: 0.5, seconds_left: Some(12.5), ..whole.progress.clone() };
    let changes =
        [SummaryChange::Progress(gone_on), SummaryChange::Deleted, SummaryChange::Whole(Box::new(whole))];
    let queue = vec![ExperimentId(3), ExperimentId(1)];
    OverviewChange {
        seq: 7,
        paused: true,
        queue,
        experiments: (1..).map(ExperimentId).zip(changes).collect(),
    }
}

pub fn other_version() -> OtherVersion {
    OtherVersion { protocol: 1, version: "0.1.0".into(), device: "CPU, 2 threads".into() }
}

fn norm() -> NormHistogram {
    NormHistogram {
        block: Some(1),
        norm: Norm::FeedForward,
        low: -0.125,
        high: 1.5,
        gamma: BinCounts { all: vec![0, 3], selected: vec![0, 1] },
        beta: BinCounts { all: vec![3, 0], selected: vec![0, 0] },
    }
}

fn machine() -> Machine {
    Machine {
        device: "CPU, 2 threads".into(),
        device_memory: Some(Room { used: 1 << 30, total: 1 << 33 }),
        processor: Some(Processor { cores: 2, busy: 0.75, own: 0.5 }),
        memory: Some(Room { used: 1 << 32, total: 1 << 34 }),
        own_memory: Some(1 << 28),
        disk: None,
        runs: 1_234_567,
        nodes: vec![NodeActivity {
            node: lab::node(),
            device: "cpu".into(),
            runs: 7,
            experiments: vec![ExperimentId(3)],
            since_secs: Some(62.5),
            heard_secs: None,
            steps_per_s: 12.5,
            tokens_per_s: 4096.0,
        }],
    }
}

fn storage() -> Storage {
    let gives_back = Weights { runs: 2, bytes: 876_543_210 };
    Storage {
        rule: KeepWeights::All,
        bytes: 1_234_567_890,
        finished: 3,
        whole: 3,
        gives_back,
        free: Some(1 << 36),
    }
}

fn report() -> ReportRequest {
    ReportRequest {
        kind: ReportKind::Table,
        layout: Some(Layout::Outliers),
        margin: Some(1.5),
        run: Some(spec().id().unwrap()),
        reference: Some(ReferenceFile { name: "paper.csv".into(), text: "mask,task,percent\n".into() }),
    }
}

/// A task of the user's own.
fn reviews() -> Task {
    let definition = Definition {
        source: Source::Own,
        name: TaskName::own("reviews").unwrap(),
        kind: TaskKind::Classification(["bad", "good"].map(String::from).to_vec()),
        pairs: false,
        metrics: vec![Metric::F1, Metric::Accuracy],
        development_sets: vec!["dev".into()],
        size: TaskSize::Small,
    };
    Task::new(definition).unwrap()
}

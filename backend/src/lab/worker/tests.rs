//! Workers without processes: what they write is folded by a lab that only watches, and has the bits of a lab that trains.

/// What file systems show late.
mod late;
/// Learning rates that are retired.
mod halving;

use super::{TaskEnd, Worker, WorkerOptions};
use crate::cluster::{Header, Job, Left, Line, Logged, PlanFolder, SegmentName, WorkPlan};
use crate::lab::plan::ExperimentPlan;
use crate::lab::resources::Resources;
use crate::lab::{Lab, LabOptions, OlderQueue, Workers};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};
use tunemask_engine::Device;
use tunemask_shared::event::{EventKind, ExperimentId, Node};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::{Arithmetic, RunId, RunStatus};
use tunemask_shared::state::LabState;

fn experiment() -> Experiment {
    Experiment {
        name: "spread".into(),
        tasks: vec!["sentiment".into()],
        masks: vec!["layernorms".into(), "frozen".into(), "mha".into()],
        learning_rates: vec![1e-3],
        seeds: vec![1],
        epochs: Some(3),
        dropout: Some(0.1),
        batch_size: 8,
        train_limit: Some(40),
        eval_limit: Some(16),
        ..Experiment::default()
    }
}

/// The plan of an experiment, each gang a task of its own.
fn plan(folder: &Path, experiment: &Experiment) -> PathBuf {
    let device = Device::cpu();
    let planned = ExperimentPlan::make(experiment, &Resources::default(), &device).unwrap();
    let places: Vec<usize> = (0..planned.runs.len()).collect();
    let gangs = planned.gangs(&places);
    let job = |place: u32| {
        let queued = planned.runs[place as usize].queued.clone();
        Job {
            run: queued.run,
            spec: queued.spec,
            trainable: queued.trainable,
            model: planned.experiment.model.clone(),
            delta: None,
            data: None,
            alone: queued.alone,
            reported: planned.experiment.reported_epoch,
            expected_secs: 0.0,
            bracket: None,
            notes: Vec::new(),
            logged: Logged::default(),
        }
    };
    let jobs = gangs
        .gangs
        .iter()
        .map(|gang| (gang.runs.iter().map(|&place| job(place)).collect(), 1.0))
        .collect::<Vec<_>>();
    let tasks = (0..jobs.len()).map(|gang| vec![gang]).collect();
    let created = EventKind::Created {
        experiment_id: ExperimentId(1),
        experiment: planned.experiment.clone(),
        runs: planned.runs.iter().map(|run| run.queued.run.clone()).collect(),
        plan: Some(gangs.clone()),
    };
    let path = folder.join("plan");
    PlanFolder::create(path.clone(), &WorkPlan::new(vec![created], jobs, tasks)).unwrap();
    path
}

/// One that is asked to end long before its last step, on a fast machine too.
fn long() -> Experiment {
    Experiment { epochs: Some(80), ..experiment() }
}

/// Trains the first task until a step of this attempt is in its segment, and is then asked to end.
fn trains_a_little(plan: &Path, attempt: u32) {
    let lines = |plan: &Path| -> usize {
        let segments = std::fs::read_dir(plan.join("segments")).unwrap();
        let texts = segments.map(|entry| std::fs::read_to_string(entry.unwrap().path()).unwrap());
        texts.map(|text| text.matches("\"points\"").count()).sum()
    };
    let (before, begin) = (lines(plan), Instant::now());
    let worker = worker();
    let trains = {
        let (worker, plan) = (worker.clone(), plan.to_owned());
        std::thread::spawn(move || worker.train(&plan, 0, attempt).unwrap())
    };
    while lines(plan) == before {
        assert!(begin.elapsed() < Duration::from_secs(120), "it takes no step");
        std::thread::sleep(Duration::from_millis(5));
    }
    worker.stop("a test");
    assert_eq!(trains.join().unwrap(), TaskEnd::Stopped);
}

fn worker() -> Worker {
    Worker::new(WorkerOptions { device: Device::cpu(), name: None, job: None })
}

fn options(home: &Path) -> LabOptions {
    LabOptions { home: home.to_owned(), older_queue: OlderQueue::Continue, device: Device::cpu() }
}

/// What a lab that watches the plan comes to.
fn watched(home: &Path, plan: &Path) -> Lab {
    Lab::open_with(&options(home), &Workers::Others(plan.to_owned())).unwrap()
}

fn until(lab: &Lab, done: impl Fn(&LabState) -> bool) {
    let begin = Instant::now();
    while !lab.read(&done) {
        assert!(begin.elapsed() < Duration::from_secs(120), "{:?}", lab.state().runs);
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn all_over(state: &LabState) -> bool {
    !state.runs.is_empty() && state.runs.values().all(|run| run.status.is_over())
}

/// A run's end and curve in bits.
fn story(lab: &Lab, run: &RunId) -> (String, Vec<u64>, Vec<u64>) {
    let state = lab.state();
    let outcome = state.runs[run].outcome.as_ref().unwrap_or_else(|| panic!("{:?}", state.runs[run]));
    let (_, points) = lab.series(run).unwrap();
    let bits = points.loss.iter().map(|loss| loss.to_bits()).collect();
    (outcome.trained_sha256.clone(), points.step, bits)
}

/// The plan's runs have each finished once in a lab that watches, as in one that trains.
fn is_as_trained_here(plan: &Path, experiment: &Experiment) {
    let [here, there] = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let lab = Lab::open(&options(here.path())).unwrap();
    lab.submit(experiment).unwrap();
    until(&lab, all_over);
    let watching = watched(there.path(), plan);
    until(&watching, all_over);
    for run in lab.state().runs.keys() {
        assert_eq!(story(&watching, run), story(&lab, run), "{run}");
        let left = crate::artifacts::Artifacts::new(there.path()).finished(&run.0).unwrap().unwrap();
        assert_eq!(left, crate::artifacts::Artifacts::new(here.path()).finished(&run.0).unwrap().unwrap());
    }
    watching.shut_down();
    // Opened again, nothing comes twice.
    let seq = watching.state().seq;
    let again = watched(there.path(), plan);
    std::thread::sleep(Duration::from_millis(500));
    again.shut_down();
    assert_eq!(again.state().seq, seq);
}

#[test]
fn a_plan_that_a_worker_trains_has_the_bits_of_a_lab() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), &experiment());
    let worker = worker();
    for task in 0..2 {
        assert_eq!(worker.train(&plan, task, 0).unwrap(), TaskEnd::Done);
    }
    assert!(worker.train(&plan, 2, 0).unwrap_err().to_string().contains("tasks 0 to 1"));
    assert_eq!(super::runs_over(&plan).unwrap().len(), 3);
    // What is over is not trained again.
    assert_eq!(worker.train(&plan, 0, 1).unwrap(), TaskEnd::Done);
    is_as_trained_here(&plan, &experiment());
}

#[test]
fn workers_that_are_stopped_and_copies_that_train_at_once_make_one_curve() {
    let folder = tempfile::tempdir().unwrap();
    let long = long();
    let plan = plan(folder.path(), &long);
    (0..3).for_each(|attempt| trains_a_little(&plan, attempt));
    // Two processes of one number cannot be: the second takes the next attempt.
    let copies: Vec<_> = (0..2)
        .map(|_| {
            let (plan, worker) = (plan.clone(), worker());
            std::thread::spawn(move || worker.train(&plan, 0, 3).unwrap())
        })
        .collect();
    copies.into_iter().for_each(|copy| assert_eq!(copy.join().unwrap(), TaskEnd::Done));
    assert_eq!(worker().train(&plan, 1, 0).unwrap(), TaskEnd::Done);
    is_as_trained_here(&plan, &long);
}

#[test]
fn torn_lines_and_lines_of_nobody_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), &experiment());
    let segments = plan.join("segments");
    let write = |name: &SegmentName, lines: &[Line], rest: &str| {
        let mut file = std::fs::File::create(segments.join(name.as_str())).unwrap();
        lines.iter().for_each(|line| writeln!(file, "{}", serde_json::to_string(line).unwrap()).unwrap());
        file.write_all(rest.as_bytes()).unwrap();
    };
    let header = |task| {
        Line::Header(Header {
            task,
            attempt: 9,
            node: Node { name: "elsewhere".into(), arithmetic: Device::cpu().arithmetic(), worker: None },
            pid: 1,
            job: None,
            device: "cpu".into(),
            program: "tunemask".into(),
            follows: Vec::new(),
        })
    };
    let foreign = Line::Event(Box::new(EventKind::failed(RunId("another".into()), "why")));
    write(
        &SegmentName::new(0, 9, "torn", 1),
        &[header(0), foreign],
        "{\"event\":{\"event\":\"failed\",\"run\":\"",
    );
    write(&SegmentName::new(0, 9, "odd", 2), &[header(0)], "no JSON at all\n{\"left\":\"done\"}\n");
    write(&SegmentName::new(0, 9, "headless", 3), &[Line::Left(Left::Done)], "");
    std::fs::write(segments.join("notes.txt"), "not a segment").unwrap();
    let worker = worker();
    (0..2).for_each(|task| _ = worker.train(&plan, task, 0).unwrap());
    is_as_trained_here(&plan, &experiment());
}

#[test]
fn what_was_begun_on_another_kind_of_machine_starts_anew() {
    let folder = tempfile::tempdir().unwrap();
    let long = long();
    let plan = plan(folder.path(), &long);
    trains_a_little(&plan, 0);
    // As if it had been another kind of machine.
    let own = Device::cpu().arithmetic().0;
    for entry in std::fs::read_dir(plan.join("segments")).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(&path, text.replace(&own, "another kind")).unwrap();
    }
    (0..2).for_each(|task| _ = worker().train(&plan, task, 1).unwrap());
    is_as_trained_here(&plan, &long);
    let home = tempfile::tempdir().unwrap();
    let lab = watched(home.path(), &plan);
    until(&lab, all_over);
    let state = lab.state();
    let notes: Vec<&String> = state.runs.values().flat_map(|run| &run.notes).collect();
    assert!(
        notes.iter().any(|note| note.contains("another kind of machine (another kind, now")),
        "{notes:?}"
    );
    let kinds: Vec<&Arithmetic> =
        state.runs.values().map(|run| &run.node.as_ref().unwrap().arithmetic).collect();
    assert!(kinds.iter().all(|kind| kind.0 == own));
}

#[test]
fn a_run_that_is_cancelled_ends_and_one_that_never_gets_far_fails() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), &experiment());
    let (_, read) = PlanFolder::open(&plan).unwrap();
    let cancelled = read.gangs[0].runs[0].clone();
    std::fs::write(plan.join("asks").join(format!("cancel.{cancelled}")), "").unwrap();
    assert_eq!(worker().train(&plan, 0, 0).unwrap(), TaskEnd::Done);
    for attempt in 0..2 {
        // Told before its first step.
        let late = worker();
        late.stop("SIGUSR1");
        assert_eq!(late.train(&plan, 1, attempt).unwrap(), TaskEnd::Stopped);
    }
    assert_eq!(worker().train(&plan, 1, 2).unwrap(), TaskEnd::Done);
    let home = tempfile::tempdir().unwrap();
    let lab = watched(home.path(), &plan);
    until(&lab, all_over);
    let state = lab.state();
    assert_eq!(state.runs[&cancelled].status, RunStatus::Cancelled);
    assert_eq!(state.runs[&read.gangs[0].runs[1]].status, RunStatus::Finished);
    let late = &state.runs[&read.gangs[1].runs[0]];
    assert!(late.failure.as_deref().unwrap().contains("time limit is too short"), "{late:?}");
}

#[test]
fn plans_of_others_are_refused_with_a_reason() {
    let folder = tempfile::tempdir().unwrap();
    let plan = plan(folder.path(), &experiment());
    let file = plan.join("plan.json");
    let text = std::fs::read_to_string(&file).unwrap();
    let why = |text: &str| {
        std::fs::write(&file, text).unwrap();
        worker().train(&plan, 0, 0).unwrap_err().to_string()
    };
    assert!(why(&text.replacen("\"format\":1", "\"format\":7", 1)).contains("format 7"));
    assert!(why(&text.replacen("\"engine\":3", "\"engine\":2", 1)).contains("engine version 2"));
    assert!(why(&text[..text.len() / 2]).contains("must be made again"));
    assert!(why(&text.replace("\"epochs\":3", "\"epochs\":4")).contains("not what its name says"));
    assert!(why(&text.replace("\"tasks\":[[0]", "\"tasks\":[[9]")).contains("gang 9"));
    std::fs::remove_file(&file).unwrap();
    assert!(worker().train(&plan, 0, 0).unwrap_err().to_string().contains("is not a plan folder"));
}

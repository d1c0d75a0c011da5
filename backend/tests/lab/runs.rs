//! The lab from outside: experiments in, events out, with the real engine on the built-in model.

use crate::support::{Listener, long, open, points, small, statuses, timeless};
use std::fs;
use std::path::Path;
use tunemask::artifacts::Artifacts;
use tunemask::lab::{DiskUse, Lab, LabError, LabOptions, OlderQueue};
use tunemask::store::Reader;
use tunemask_engine::Device;
use tunemask_shared::annotation::Annotation;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::metric::Metric;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;

#[test]
fn an_experiment_trains_to_its_end_and_all_of_it_is_in_the_log() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Finished; 2]);
    for run in &listener.state.experiments[&id].runs {
        let state = &listener.state.runs[run];
        let outcome = state.outcome.as_ref().unwrap();
        assert!(outcome.frozen_unchanged);
        assert_eq!(outcome.trained_sha256.len(), 64);
        // 60 examples in batches of 8 are 8 steps, the last with 4 examples.
        assert_eq!((state.steps, state.step, state.evaluations.len()), (16, 16, 2));
        let curve = points(&listener.events, run);
        assert!(curve.step.iter().copied().eq(1..=16));
        assert_eq!((curve.epoch[7], curve.epoch[15]), (1.0, 2.0));
        // Two of 16 steps warm up from 0, then the rate falls.
        assert_eq!((curve.learning_rate[0], curve.learning_rate[2]), (0.0, 1e-3));
        assert!(curve.loss.iter().chain(&curve.gradient_norm).all(|x| x.is_finite() && *x > 0.0));
        let best = &state.evaluations[outcome.best_epoch as usize - 1];
        assert_eq!(best.scores, outcome.metrics);
        let accuracy = |e: &tunemask_shared::event::Evaluation| {
            e.scores.iter().find(|s| s.metric == Metric::Accuracy).unwrap().value
        };
        let values: Vec<f64> = state.evaluations.iter().map(accuracy).collect();
        assert!(values.iter().all(|v| (0.0..=1.0).contains(v) && *v <= accuracy(best)));
        assert!(outcome.best_epoch == 1 || values[0] < values[1], "the earlier one wins a tie");
        assert_eq!(lab.series(run).unwrap().1, curve);
    }
    lab.shut_down();
    let on_disk = Reader::open(home.path()).unwrap().events(0).unwrap();
    assert_eq!(on_disk, listener.events);
}

#[test]
fn the_same_experiment_twice_gives_identical_events_but_for_times() {
    let logs: Vec<Vec<String>> = (0..2)
        .map(|_| {
            let home = tempfile::tempdir().unwrap();
            let lab = open(home.path());
            let mut listener = Listener::new(&lab);
            let experiment =
                Experiment { masks: vec!["full".into(), "bitfit".into()], seeds: vec![3, 4], ..small() };
            let id = lab.submit(&experiment).unwrap();
            listener.until_over(id);
            lab.shut_down();
            timeless(&Reader::open(home.path()).unwrap().events(0).unwrap())
        })
        .collect();
    assert!(logs[0].len() > 20);
    assert_eq!(logs[0], logs[1]);
}

#[test]
fn a_finished_run_is_not_trained_again() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let first = lab.submit(&small()).unwrap();
    listener.until_over(first);
    let before = listener.events.len();
    // Another name and another way to report make no other runs; another seed does.
    let again = Experiment {
        name: "again".into(),
        seeds: vec![1, 2],
        reported_epoch: ReportedEpoch::Last,
        masks: vec!["frozen".into()],
        ..small()
    };
    let second = lab.submit(&again).unwrap();
    listener.until_over(second);
    let queued = |e: &&tunemask_shared::event::Event| matches!(e.kind, EventKind::Queued { .. });
    assert_eq!(listener.events[before..].iter().filter(queued).count(), 1);
    let runs = |id| listener.state.experiments[&id].runs.clone();
    assert_eq!(runs(second)[0], runs(first)[1]);
}

#[test]
fn an_experiment_is_written_on_and_deleted_with_what_its_own_runs_left() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let first = lab.submit(&small()).unwrap();
    listener.until_over(first);
    // The first mask's run is in both, the second's in the first alone.
    let second = lab.submit(&Experiment { masks: vec!["layernorms".into()], ..small() }).unwrap();
    listener.until("the second experiment is known", |state| state.experiments.contains_key(&second));
    let [shared, own] = &listener.state.experiments[&first].runs.clone()[..] else { panic!("two runs") };

    let annotation = Annotation {
        name: " Norms ".into(),
        tags: vec!["paper".into()],
        archived: true,
        ..listener.state.experiments[&first].annotation()
    };
    lab.annotate(first, annotation.clone()).unwrap();
    listener.until("it is renamed", |state| state.experiments[&first].experiment.name == "Norms");
    assert!(listener.state.experiments[&first].archived);
    let too_long = Annotation { name: "x".repeat(1000), ..annotation.clone() };
    assert!(
        matches!(lab.annotate(first, too_long), Err(LabError::Invalid(errors)) if errors[0].field == "name")
    );
    let gone = ExperimentId(99);
    assert!(matches!(lab.annotate(gone, annotation), Err(LabError::UnknownExperiment(id)) if id == gone));
    assert!(matches!(lab.delete(gone), Err(LabError::UnknownExperiment(id)) if id == gone));

    let artifacts = Artifacts::new(home.path());
    let bytes = fs::metadata(artifacts.finished_path(&own.0)).unwrap().len();
    assert_eq!(lab.disk_use(first), DiskUse { runs: 1, bytes });
    lab.delete(first).unwrap();
    listener.until("it is deleted", |state| !state.experiments.contains_key(&first));
    assert_eq!(listener.state.runs.keys().collect::<Vec<_>>(), [shared]);
    assert!(artifacts.finished_path(&shared.0).exists() && !artifacts.finished_path(&own.0).exists());

    // What was deleted trains again, to the same bits, under a number of its own; what trains is not deleted.
    let third = lab.submit(&small()).unwrap();
    assert!(third > second);
    listener.until_over(third);
    assert_eq!(statuses(&listener.state, third), [RunStatus::Finished; 2]);
    let fourth = lab.submit(&long()).unwrap();
    assert!(matches!(lab.delete(fourth), Err(LabError::NotOver(1))));
    lab.cancel(lab.runs(fourth).unwrap()).unwrap();
    listener.until_over(fourth);
    lab.shut_down();
    // A program that reads the log knows what was written and deleted.
    let state = Reader::open(home.path()).unwrap().state().unwrap();
    assert_eq!(state.experiments.keys().copied().collect::<Vec<_>>(), [second, third, fourth]);
    let hashes = |run: &RunId| state.runs[run].outcome.as_ref().map(|o| o.trained_sha256.clone());
    let before = listener.events.iter().find_map(|event| match &event.kind {
        EventKind::Finished { run, outcome } if run == own => Some(outcome.trained_sha256.clone()),
        _ => None,
    });
    assert_eq!(hashes(own), before);
}

#[test]
fn everything_wrong_is_said_at_once_and_nothing_is_queued() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let wrong = Experiment {
        masks: vec!["single_norm:99".into()],
        seeds: vec![],
        tasks: vec!["rte".into()],
        data: Some("nowhere".into()),
        ..small()
    };
    let Err(LabError::Invalid(errors)) = lab.submit(&wrong) else { panic!("it is invalid") };
    let fields: Vec<&str> = errors.iter().map(|e| e.field.as_str()).collect();
    assert_eq!(fields, ["data", "masks[0]", "seeds"]);
    let Err(LabError::Invalid(errors)) = lab.submit(&Experiment { model: "nowhere".into(), ..small() })
    else {
        panic!("there is no such model")
    };
    assert_eq!(errors[0].field, "model");
    assert_eq!(lab.state().seq, 0);
}

#[test]
fn cancelled_runs_end_and_the_queue_goes_on() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&Experiment { seeds: vec![1, 2], ..long() }).unwrap();
    let last = lab.submit(&small()).unwrap();
    let runs = lab.runs(id).unwrap();
    listener.until("the first run has points", |s| s.runs.get(&runs[0]).is_some_and(|r| r.step > 0));
    lab.cancel(vec![runs[1].clone(), runs[0].clone()]).unwrap();
    listener.until_over(last);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Cancelled; 2]);
    assert_eq!(statuses(&listener.state, last), [RunStatus::Finished; 2]);
    let end =
        listener.events.iter().position(|e| e.kind == EventKind::Cancelled { run: runs[0].clone() }).unwrap();
    assert!(points(&listener.events[end..], &runs[0]).is_empty(), "nothing comes behind a run's last line");
    // Over is over, and what never was cannot be cancelled.
    lab.cancel(runs.clone()).unwrap();
    let unknown = lab.cancel(vec![RunId("none".into())]).unwrap_err();
    assert!(matches!(unknown, LabError::UnknownRun(_)));
    assert_eq!(lab.state().seq, listener.state.seq);
}

#[test]
fn a_paused_queue_takes_no_step() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    let first = lab.runs(id).unwrap()[0].clone();
    lab.pause().unwrap();
    lab.pause().unwrap();
    listener.until("the pause is written", |s| s.paused);
    // A step that was being taken may still end.
    let half_a_second = std::time::Duration::from_millis(500);
    let mut before = lab.state();
    for _ in 0..20 {
        std::thread::sleep(half_a_second);
        let now = lab.state();
        if now == before {
            break;
        }
        before = now;
    }
    std::thread::sleep(half_a_second);
    assert_eq!(lab.state(), before);
    assert!(!before.runs[&first].status.is_over());

    // A pause outlives the program.
    drop(lab);
    let lab = open(home.path());
    assert!(lab.state().paused);
    lab.retry(lab.runs(id).unwrap()).unwrap();
    // Only now: what was interrupted counts as over.
    let mut listener = Listener::new(&lab);
    lab.resume().unwrap();
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Finished; 2]);
}

#[test]
fn in_a_pause_one_run_of_a_gang_ends_and_the_others_take_no_step() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let masks = ["layernorms", "frozen", "bitfit"].map(String::from).to_vec();
    let id = lab.submit(&Experiment { masks, ..long() }).unwrap();
    let runs = lab.runs(id).unwrap();
    listener.until("all train", |s| runs.iter().all(|run| s.runs.get(run).is_some_and(|r| r.step > 0)));
    lab.pause().unwrap();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let step = |run: &RunId| lab.state().runs[run].step;
    let status = |run: &RunId| lab.state().runs[run].status;
    let before = (step(&runs[0]), step(&runs[2]));
    lab.cancel(vec![runs[1].clone()]).unwrap();
    listener.until("it ends", |s| s.runs[&runs[1]].status == RunStatus::Cancelled);
    // Queued again while the gang that it left still lives, and cancelled again.
    lab.retry(vec![runs[1].clone()]).unwrap();
    assert_eq!(status(&runs[1]), RunStatus::Queued);
    lab.cancel(vec![runs[1].clone()]).unwrap();
    assert_eq!(status(&runs[1]), RunStatus::Cancelled);
    std::thread::sleep(std::time::Duration::from_millis(500));
    assert_eq!((step(&runs[0]), step(&runs[2])), before);
    assert_eq!(statuses(&lab.state(), id)[2], RunStatus::Running);
    lab.resume().unwrap();
    listener
        .until("the others go on", |s| s.runs[&runs[0]].step > before.0 && s.runs[&runs[2]].step > before.1);
}

#[test]
fn a_checkpoint_that_is_damaged_costs_its_run_alone() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let masks = ["layernorms", "bitfit"].map(String::from).to_vec();
    let id = lab.submit(&Experiment { masks, ..long() }).unwrap();
    let runs = lab.runs(id).unwrap();
    listener.until("both train", |s| runs.iter().all(|run| s.runs.get(run).is_some_and(|r| r.step > 20)));
    lab.cancel(runs.clone()).unwrap();
    listener.until_over(id);
    let reached: Vec<u64> = runs.iter().map(|run| lab.state().runs[run].step).collect();
    // One bit of a trained scalar, at the end of the file.
    let path = home.path().join("runs").join(format!("{}.checkpoint", runs[0]));
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    lab.retry(runs.clone()).unwrap();
    let further = |s: &LabState| runs.iter().zip(&reached).all(|(run, step)| s.runs[run].step > *step);
    listener.until("both go on", further);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Running; 2]);
    let restarted =
        |run: &RunId| listener.state.runs[run].notes.iter().any(|note| note.contains("from the beginning"));
    assert!(restarted(&runs[0]) && !restarted(&runs[1]), "{:?}", listener.state.runs[&runs[0]].notes);
}

/// The words of one file are read as what each task asks for, also where one follows the other.
#[test]
fn tasks_with_the_same_file_read_their_own_columns() {
    let data = tempfile::tempdir().unwrap();
    let text = "the DT B-NP O\nteacher NN I-NP B-PER\nsleeps VBZ B-VP O\n\n".repeat(20);
    for task in ["ner", "pos"] {
        let folder = data.path().join(task);
        fs::create_dir(&folder).unwrap();
        ["train.txt", "dev.txt"].iter().for_each(|name| fs::write(folder.join(name), &text).unwrap());
    }
    let trained = |tasks: &[&str]| {
        let home = tempfile::tempdir().unwrap();
        let lab = open(home.path());
        let mut listener = Listener::new(&lab);
        let tasks = tasks.iter().map(|t| (*t).to_owned()).collect();
        let masks = vec!["frozen".to_owned()];
        let data = Some(data.path().display().to_string());
        let id = lab
            .submit(&Experiment { tasks, masks, data, train_limit: None, eval_limit: None, ..small() })
            .unwrap();
        listener.until_over(id);
        let last = listener.state.experiments[&id].runs.last().unwrap();
        listener.state.runs[last].outcome.clone().unwrap().trained_sha256
    };
    assert_eq!(trained(&["ner", "pos"]), trained(&["pos"]));
}

#[test]
fn what_was_cut_is_said_once_below_the_table() {
    let data = tempfile::tempdir().unwrap();
    sst2(data.path());
    for set in ["train.tsv", "dev.tsv"] {
        let file = data.path().join("SST-2").join(set);
        let long =
            format!("{}{}\t1\n", fs::read_to_string(&file).unwrap(), "the film was fine ".repeat(9).trim());
        fs::write(&file, long).unwrap();
    }
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let (tasks, data) = (vec!["sst2".to_owned()], Some(data.path().display().to_string()));
    let experiment =
        Experiment { tasks, data, max_length: 8, train_limit: None, eval_limit: None, ..small() };
    let id = lab.submit(&experiment).unwrap();
    listener.until_over(id);
    let table = tunemask::results::table::table(&listener.state, id).unwrap();
    let remarks: Vec<String> = tunemask::results::table::notes(&table)
        .into_iter()
        .filter(|n| n.contains("cut to 8 tokens"))
        .collect();
    assert!(
        matches!(&remarks[..], [train, dev] if train.starts_with("SST-2, train: ") && dev.starts_with("SST-2, dev: ")),
        "{remarks:?}"
    );
}

#[test]
fn what_was_interrupted_is_said_and_the_queue_continues() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let interrupted = lab.submit(&long()).unwrap();
    let waiting = lab.submit(&small()).unwrap();
    let run = lab.runs(interrupted).unwrap()[0].clone();
    listener.until("the run trains", |s| s.runs.get(&run).is_some_and(|r| r.step > 0));
    drop(lab);

    // A program that only wants its own runs leaves the older queue alone.
    let leave =
        LabOptions { home: home.path().to_owned(), older_queue: OlderQueue::Leave, device: Device::cpu() };
    let lab = Lab::open(&leave).unwrap();
    assert_eq!(lab.state().runs[&run].status, RunStatus::Interrupted);
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(statuses(&lab.state(), waiting), [RunStatus::Queued; 2]);
    drop(lab);

    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    listener.until_over(waiting);
    assert_eq!(statuses(&listener.state, waiting), [RunStatus::Finished; 2]);
    assert_eq!(listener.state.runs[&run].status, RunStatus::Interrupted);
    lab.retry(vec![run.clone()]).unwrap();
    listener
        .until("it is tried again", |s| s.runs[&run].status == RunStatus::Running && s.runs[&run].step > 0);
}

/// A GLUE folder with an SST-2 of our own.
fn sst2(folder: &Path) {
    let rows = |n: usize| -> String {
        let row = |i: usize| if i.is_multiple_of(2) { "a fine film\t1\n" } else { "a dull film\t0\n" };
        format!("sentence\tlabel\n{}", (0..n).map(row).collect::<String>())
    };
    fs::create_dir_all(folder.join("SST-2")).unwrap();
    fs::write(folder.join("SST-2/train.tsv"), rows(20)).unwrap();
    fs::write(folder.join("SST-2/dev.tsv"), rows(6)).unwrap();
}

#[test]
fn a_failed_run_is_data_and_the_queue_goes_on() {
    let (home, data) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    sst2(data.path());
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    lab.pause().unwrap();
    let glue = Experiment {
        tasks: vec!["sst2".into()],
        data: Some(data.path().to_string_lossy().into_owned()),
        masks: vec!["frozen".into()],
        ..small()
    };
    let changed = lab.submit(&glue).unwrap();
    let next = lab.submit(&small()).unwrap();
    fs::write(data.path().join("SST-2/train.tsv"), "sentence\tlabel\na film\t1\n").unwrap();
    lab.resume().unwrap();
    listener.until_over(next);
    assert_eq!(statuses(&listener.state, changed), [RunStatus::Failed]);
    assert_eq!(statuses(&listener.state, next), [RunStatus::Finished; 2]);
    let run = &listener.state.runs[&listener.state.experiments[&changed].runs[0]];
    let reason = run.failure.as_deref().unwrap();
    assert!(reason.contains("SST-2") && reason.contains("changed"), "{reason}");
}

#[test]
fn a_run_that_another_version_began_does_not_pass_for_one_of_its_own() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    lab.pause().unwrap();
    let id = lab.submit(&small()).unwrap();
    lab.shut_down();
    // As an older program would have left it.
    let log = rusqlite::Connection::open(home.path().join(tunemask::store::FILE_NAME)).unwrap();
    let changed = log
        .execute(
            "update events set body = replace(body, '\"engine\":3', '\"engine\":2') where kind = 'queued'",
            [],
        )
        .unwrap();
    assert_eq!(changed, 2);
    drop(log);

    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    lab.resume().unwrap();
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Failed; 2]);
    for run in &listener.state.experiments[&id].runs {
        let why = listener.state.runs[run].failure.as_deref().unwrap();
        assert!(why.starts_with("another version of tunemask began it"), "{why}");
    }
    // Started again, its runs are others, and train.
    let again = lab.submit(&small()).unwrap();
    listener.until_over(again);
    lab.shut_down();
}

//! The lab from outside: experiments in, events out, with the real engine on the built-in model.

use crate::support::{Listener, long, open, points, small, statuses, timeless};
use std::fs;
use std::path::Path;
use tunemask::artifacts::Artifacts;
use tunemask::lab::{DiskUse, LabError};
use tunemask::store::Reader;
use tunemask_shared::annotation::Annotation;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::metric::Metric;
use tunemask_shared::run::{RunId, RunStatus};

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

//! Whose weights stay on the disk.

use crate::program::tunemask;
use crate::support::{Listener, PATIENCE, open, small};
use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};
use tunemask::artifacts::{Artifacts, Tuned, TunedError};
use tunemask::lab::Lab;
use tunemask::results::table::table;
use tunemask::store::{Reader, Store};
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::experiment::{Experiment, ReportedEpoch};
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::RunId;

fn keeping(rule: KeepWeights, experiment: Experiment) -> Experiment {
    Experiment { keep_weights: Some(rule), ..experiment }
}

/// Whether a run's file holds weights.
fn is_whole(home: &Path, run: &RunId) -> bool {
    let left = Artifacts::new(home).finished(&run.0).unwrap().unwrap();
    assert!(!left.best.predictions.is_empty() && !left.truth.is_empty(), "predictions stay");
    !left.best.trained.is_empty()
}

/// Waits until these runs' files are without weights, and no others of the home.
fn until_bare(lab: &Lab, bare: &[RunId]) {
    let begin = Instant::now();
    let all: Vec<RunId> = lab.state().runs.keys().cloned().collect();
    let wanted: Vec<bool> = all.iter().map(|run| !bare.contains(run)).collect();
    while all.iter().map(|run| is_whole(lab.home(), run)).ne(wanted.iter().copied()) {
        assert!(begin.elapsed() < PATIENCE, "{bare:?} of {all:?} are without weights");
        std::thread::sleep(Duration::from_millis(10));
    }
    let state = lab.state();
    let said = state.runs.iter().filter(|(_, run)| run.weights_dropped.is_some()).map(|(run, _)| run);
    assert!(said.eq(all.iter().filter(|run| bare.contains(run))), "the log says the same");
}

fn runs_of(lab: &Lab, id: ExperimentId) -> Vec<RunId> {
    lab.runs(id).unwrap()
}

#[test]
fn runs_without_weights_have_finished_and_say_so_in_a_sentence() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&keeping(KeepWeights::None, small())).unwrap();
    listener.until_over(id);
    let runs = runs_of(&lab, id);
    until_bare(&lab, &runs);
    let error = Tuned::open(home.path(), &runs[0].0, ReportedEpoch::Best).unwrap_err();
    assert!(matches!(error, TunedError::Dropped { rule: KeepWeights::None, .. }), "{error}");
    let told = error.to_string();
    assert!(told.contains("keep_weights = \"none\"") && told.contains("keep_weights = \"all\""), "{told}");
    assert_eq!(table(&lab.state(), id).unwrap().rows.len(), 2);
    // Who asks for no more, or says nothing of weights, trains nothing again.
    for rule in [None, Some(KeepWeights::None), Some(KeepWeights::Picked)] {
        assert_eq!(lab.plan(&Experiment { keep_weights: rule, ..small() }).unwrap().runs(), 0);
    }
    // Who asks for all does, to the same bits.
    let before = lab.state().runs[&runs[0]].outcome.clone().unwrap();
    let all = keeping(KeepWeights::All, small());
    assert_eq!(lab.plan(&all).unwrap().runs(), 2);
    let again = lab.submit(&all).unwrap();
    listener.until_over(again);
    until_bare(&lab, &[]);
    assert_eq!(lab.state().runs[&runs[0]].outcome.as_ref().unwrap().trained_sha256, before.trained_sha256);
    Tuned::open(home.path(), &runs[0].0, ReportedEpoch::Best).unwrap();
}

#[test]
fn the_picked_rate_keeps_its_weights_when_all_of_its_cell_are_over() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    // The last rate's runs diverge, and would again.
    let experiment = Experiment {
        masks: vec!["layernorms".into(), "full".into()],
        learning_rates: vec![1e-4, 1e-2],
        seeds: vec![1, 2],
        epochs: Some(1),
        ..small()
    };
    lab.pause().unwrap();
    let id = lab.submit(&keeping(KeepWeights::Picked, experiment)).unwrap();
    let runs = runs_of(&lab, id);
    // One of the second mask's is cancelled, so that its cell stays open.
    let open_cell: Vec<RunId> = {
        let state = lab.state();
        runs.iter().filter(|run| state.runs[*run].spec.mask.to_string() == "full").cloned().collect()
    };
    lab.cancel(vec![open_cell[0].clone()]).unwrap();
    lab.resume().unwrap();
    listener.until_over(id);
    let reported = |mask: usize| -> Vec<RunId> {
        let table = table(&lab.state(), id).unwrap();
        let cell = &table.rows[mask].cells[0];
        cell.reported(table.rate_pick).iter().filter_map(|seed| seed.run.clone()).collect()
    };
    let bare = |cell: &[RunId], mask: usize| -> Vec<RunId> {
        let kept = reported(mask);
        assert_eq!(kept.len(), 2);
        cell.iter().filter(|run| !kept.contains(run)).cloned().collect()
    };
    let closed: Vec<RunId> = runs.iter().filter(|run| !open_cell.contains(run)).cloned().collect();
    let first = bare(&closed, 0);
    assert_eq!(first.len(), 2);
    let finished = |run: &RunId| *run != open_cell[0];
    let begin = Instant::now();
    while closed.iter().filter(|run| is_whole(home.path(), run)).count() != 2 {
        assert!(begin.elapsed() < PATIENCE);
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(first.iter().all(|run| !is_whole(home.path(), run)));
    assert!(
        open_cell.iter().filter(|run| finished(run)).all(|run| is_whole(home.path(), run)),
        "not decided"
    );
    // With its last run it is decided.
    lab.retry(vec![open_cell[0].clone()]).unwrap();
    listener.until("it is queued again", |state| !state.runs[&open_cell[0]].status.is_over());
    listener.until_over(id);
    until_bare(&lab, &[first, bare(&open_cell, 1)].concat());
}

#[test]
fn a_run_keeps_its_weights_as_long_as_one_experiment_wants_them() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let all = lab.submit(&small()).unwrap();
    let none = lab.submit(&keeping(KeepWeights::None, small())).unwrap();
    let more = Experiment { seeds: vec![1, 2], masks: vec!["frozen".into()], ..small() };
    let last = lab.submit(&keeping(KeepWeights::Last(1), more)).unwrap();
    for id in [all, none, last] {
        listener.until_over(id);
    }
    let (first, more) = (runs_of(&lab, all), runs_of(&lab, last));
    assert_eq!((runs_of(&lab, none), &more[0]), (first.clone(), &first[1]));
    until_bare(&lab, &[]);
    // What goes with the first is told before, and goes when it goes.
    let storage = lab.storage(all, KeepWeights::None).unwrap();
    assert_eq!((storage.finished, storage.whole, storage.gives_back.runs), (2, 2, 2));
    assert!(storage.gives_back.bytes > 0 && storage.bytes > storage.gives_back.bytes);
    assert_eq!(lab.storage(all, KeepWeights::Picked).unwrap().gives_back.runs, 0);
    lab.delete(all).unwrap();
    until_bare(&lab, &first);
    // Another rule holds from then on.
    lab.keep_weights(last, KeepWeights::None).unwrap();
    until_bare(&lab, &[first, vec![more[1].clone()]].concat());
    assert_eq!(lab.state().experiments[&last].experiment.keep_weights, Some(KeepWeights::None));
    assert!(lab.keep_weights(last, KeepWeights::Last(0)).is_err());
    assert!(lab.keep_weights(ExperimentId(99), KeepWeights::None).is_err());
    assert!(lab.storage(ExperimentId(99), KeepWeights::None).is_err());
}

/// A kill between a run's last line, the line that drops its weights, and its file.
#[test]
fn what_a_killed_program_did_not_drop_the_next_one_does() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until_over(id);
    let runs = runs_of(&lab, id);
    drop((lab, listener));
    let append = |line| Store::open(home.path()).unwrap().append(vec![line]).unwrap();
    // The line is there, and the file is whole. No other run is touched.
    append(EventKind::WeightsDropped { run: runs[0].clone(), rule: KeepWeights::None });
    assert!(is_whole(home.path(), &runs[0]));
    let lab = open(home.path());
    until_bare(&lab, &runs[..1]);
    drop(lab);
    // Neither is there.
    append(EventKind::KeepChanged { experiment_id: id, keep_weights: KeepWeights::None });
    let lab = open(home.path());
    until_bare(&lab, &runs);
    // Half a file of a killed writer is gone, too.
    drop(lab);
    let half = home.path().join(format!("runs/.{}.safetensors.abc.new", runs[0]));
    fs::write(&half, "half").unwrap();
    let lab = open(home.path());
    until_bare(&lab, &runs);
}

#[test]
fn the_command_line_keeps_by_rule_and_prunes() {
    let folder = tempfile::tempdir().unwrap();
    let (file, home) = (folder.path().join("e.toml"), folder.path().join("home"));
    let text = "name = \"disk\"\ntasks = [\"sentiment\"]\nmasks = [\"random:5000\", \"full\"]\nlearning_rates = [1e-3, 1e-4]\n\
                seeds = [1]\nepochs = 1\ntrain_limit = 32\neval_limit = 16\nmax_length = 32\nkeep_weights = \"picked\"\n";
    fs::write(&file, text).unwrap();
    let (file, home) = (file.to_str().unwrap(), home.to_str().unwrap());
    let run = |more: &[&str]| tunemask(&[&["run", file, "--home", home][..], more].concat());
    let ran = run(&[]);
    ran.success();
    let printed = ran.errors();
    assert!(
        printed.contains("on the disk, at most ") && printed.contains("are free on the disk of"),
        "{printed}"
    );
    let state = Reader::open(Path::new(home)).unwrap().state().unwrap();
    let whole = |mask: &str| -> Vec<RunId> {
        let state = Reader::open(Path::new(home)).unwrap().state().unwrap();
        let of_mask = state.runs.iter().filter(|(_, run)| run.spec.mask.to_string().starts_with(mask));
        of_mask.map(|(run, _)| run.clone()).filter(|run| is_whole(Path::new(home), run)).collect()
    };
    assert_eq!((state.runs.len(), whole("random").len(), whole("full").len()), (4, 1, 1));
    // 5,000 scalars and their predictions are kilobytes.
    let files = Artifacts::new(Path::new(home));
    let size = files.bytes(&whole("random")[0].0);
    assert!(size < 60_000, "{size} bytes");

    let prune = |more: &[&str]| tunemask(&[&["prune", "disk", "--home", home][..], more].concat());
    let refused = prune(&["--keep", "none"]).failure(1);
    assert!(
        refused.contains("drops those of 2 runs and gives back") && refused.contains("--yes"),
        "{refused}"
    );
    assert_eq!((whole("random").len(), whole("full").len()), (1, 1));
    assert!(prune(&["--keep", "best"]).failure(2).contains("`picked`, `last:N`"));
    assert!(prune(&["--keep", "last:0", "--yes"]).failure(1).contains("write `none`"));
    let done = prune(&["--keep", "none", "--yes"]).success();
    assert!(done.contains("dropped the weights of 2 runs"), "{done}");
    assert_eq!((whole("random").len(), whole("full").len()), (0, 0));
    let run_id = state.runs.keys().next().unwrap();
    let told = tunemask(&["export", &run_id.0, "--home", home, "--out", "nowhere"]).failure(1);
    assert!(told.contains("did not keep its weights"), "{told}");
    // Nothing trains again until all weights are asked for.
    let again = run(&[]);
    assert!(again.errors().contains("4 runs, 4 known"), "{}", again.errors());
    assert!(again.success().contains("random:5000"));
    let all = run(&["--keep-weights", "all"]);
    all.success();
    assert!(all.errors().contains("4 runs, 0 known"), "{}", all.errors());
    assert_eq!((whole("random").len(), whole("full").len()), (2, 2));
}

/// Runs that several experiments hold, and what a killed program did not get to.
#[test]
fn pruning_names_every_experiment_that_loses_weights() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let asked = lab.submit(&small()).unwrap();
    let frozen = Experiment { masks: vec!["frozen".into()], ..small() };
    let sharing = lab.submit(&keeping(KeepWeights::None, frozen.clone())).unwrap();
    let apart = lab.submit(&Experiment { seeds: vec![2], ..frozen }).unwrap();
    let untouched = lab.submit(&Experiment { seeds: vec![3], ..small() }).unwrap();
    for id in [asked, sharing, apart, untouched] {
        listener.until_over(id);
    }
    drop((lab, listener));
    let kept = EventKind::KeepChanged { experiment_id: apart, keep_weights: KeepWeights::None };
    Store::open(home.path()).unwrap().append(vec![kept]).unwrap();
    let folder = home.path().to_str().unwrap();
    let prune = |id: ExperimentId, more: &[&str]| {
        tunemask(&[&["prune", &id.to_string(), "--home", folder, "--keep", "none"][..], more].concat())
    };
    let told = prune(asked, &[]).failure(1);
    assert!(told.contains("experiment 1: 2 finished runs") && told.contains("those of 2 runs"), "{told}");
    assert!(told.contains("experiment 2 (1 run), experiment 3 (1 run); that is 3 runs in all"), "{told}");
    assert!(!told.contains("experiment 4"), "{told}");
    // Nobody is asked of one alone without the others either.
    let told = prune(sharing, &[]).failure(1);
    assert!(told.contains("experiment 2: 1 finished run") && told.contains("drops none"), "{told}");
    assert!(told.contains("experiment 3 (1 run); that is 1 run in all") && told.contains("--yes"), "{told}");
    let done = prune(asked, &["--yes"]).success();
    assert!(done.contains("dropped the weights of 3 runs"), "{done}");
}

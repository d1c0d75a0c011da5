//! What is kept of a run: it has finished when what it leaves is on the disk, and trains again where that is gone.

use crate::support;
use crate::support::{Listener, open, small, statuses};
use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tunemask::artifacts::Artifacts;
use tunemask::results::table::{notes, table};
use tunemask::store::{Reader, Store};
use tunemask_shared::event::EventKind;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::RunStatus;

#[test]
fn a_run_whose_outcome_cannot_be_saved_has_failed_and_trains_again() {
    let home = tempfile::tempdir().unwrap();
    // A file stands where what runs leave would be.
    fs::write(home.path().join("runs"), "").unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Failed; 2]);
    let runs = listener.state.experiments[&id].runs.clone();
    for run in &runs {
        let why = listener.state.runs[run].failure.as_deref().unwrap();
        assert!(why.contains("is not saved") && why.contains("retry it"), "{why}");
    }
    let notes = notes(&table(&listener.state, id).unwrap());
    assert!(notes.iter().any(|note| note.contains("1 failed") && note.contains("is not saved")), "{notes:?}");

    fs::remove_file(home.path().join("runs")).unwrap();
    lab.retry(runs[..1].to_vec()).unwrap();
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until_over(id);
    assert_eq!(statuses(&listener.state, id), [RunStatus::Finished; 2]);
    let files = Artifacts::new(home.path());
    assert!(runs.iter().all(|run| files.finished(&run.0).unwrap().is_some()));
    // Their curves and scores, which were kept, were not written again.
    let events = Reader::open(home.path()).unwrap().events(0).unwrap();
    for run in &runs {
        let evaluated = |e: &&tunemask_shared::event::Event| {
            e.kind.run() == Some(run) && matches!(e.kind, EventKind::Evaluated { .. })
        };
        assert_eq!(events.iter().filter(evaluated).count(), 2);
        assert!(support::points(&events, run).step.into_iter().eq(1..=16));
    }
}

#[test]
fn a_run_of_which_nothing_is_left_trains_again_when_an_experiment_asks_for_it() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&small()).unwrap();
    listener.until_over(id);
    let runs = lab.runs(id).unwrap();
    let before = listener.state.runs[&runs[0]].outcome.clone().unwrap();
    assert_eq!(lab.plan(&small()).unwrap().runs(), 0);
    fs::remove_file(home.path().join("runs").join(format!("{}.safetensors", runs[0]))).unwrap();
    assert_eq!(lab.plan(&small()).unwrap().runs(), 1);
    let again = lab.submit(&small()).unwrap();
    listener.until_over(again);
    let run = &listener.state.runs[&runs[0]];
    assert_eq!(run.outcome.as_ref().unwrap().trained_sha256, before.trained_sha256);
    assert!(run.notes.iter().any(|note| note.contains("were gone")), "{:?}", run.notes);
    assert!(Artifacts::new(home.path()).finished(&runs[0].0).unwrap().is_some());
    let queued = |e: &&tunemask_shared::event::Event| matches!(e.kind, EventKind::Queued { .. });
    assert_eq!(listener.events.iter().filter(queued).count(), 3);
}

/// An abort while model and data are read, out of memory for one, must not come again at every start.
#[test]
fn a_run_during_whose_reading_the_program_died_keeps_nobody_waiting() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    lab.pause().unwrap();
    let first = lab.submit(&Experiment { masks: vec!["ffn".into()], ..small() }).unwrap();
    let second = lab.submit(&small()).unwrap();
    let died = lab.runs(first).unwrap();
    drop(lab);
    // As a program leaves the log that goes on and dies while it reads.
    let mut store = Store::open(home.path()).unwrap();
    store.append(vec![EventKind::Resumed, EventKind::Preparing { runs: died.clone() }]).unwrap();
    drop(store);
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    listener.until_over(second);
    assert_eq!(statuses(&listener.state, first), [RunStatus::Interrupted]);
    assert_eq!(statuses(&listener.state, second), [RunStatus::Finished; 2]);
    // It is tried again when it is asked for, and the line comes before anything is read.
    let events = Reader::open(home.path()).unwrap().events(0).unwrap();
    let runs = lab.runs(second).unwrap();
    let at = |wanted: &dyn Fn(&EventKind) -> bool| events.iter().position(|e| wanted(&e.kind)).unwrap();
    let prepared = at(&|what| matches!(what, EventKind::Preparing { runs: own } if *own == runs));
    let started = at(&|what| matches!(what, EventKind::Started { run, .. } if *run == runs[0]));
    assert!(prepared < started);
    lab.retry(died).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until_over(first);
    assert_eq!(statuses(&listener.state, first), [RunStatus::Finished]);
}

const EXPERIMENT: &str = "name = \"disk\"\ntasks = [\"entailment\"]\nmasks = [\"full\", \"layernorms\"]\n\
    learning_rates = [1e-3]\nseeds = [1]\nepochs = 1\ntrain_limit = 16\neval_limit = 8\nmax_length = 32\n";

/// `tunemask run`, in a shell's words before it.
#[cfg(unix)]
fn run(folder: &Path, before: &str) -> Output {
    let command = format!("{before} exec \"$0\" run experiment.toml --home home --threads 1");
    let mut shell = Command::new("sh");
    shell.args(["-c", &command, env!("CARGO_BIN_EXE_tunemask")]).current_dir(folder).output().unwrap()
}

/// A limit on the size of files stands for a disk that is full: the log fits, the weights of a whole model do not.
#[test]
#[cfg(unix)]
fn on_a_full_disk_the_command_line_says_what_is_not_kept_and_ends_with_1() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("experiment.toml"), EXPERIMENT).unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let full = run(folder.path(), "trap '' XFSZ; ulimit -f 4000;");
    let (table, printed) = (text(&full.stdout), text(&full.stderr));
    assert_eq!(full.status.code(), Some(1), "{printed}");
    assert!(table.contains("full on Entailment: of 1 run 1 failed"), "{table}");
    assert!(table.contains("is not saved") && printed.contains("1 of 2 runs failed"), "{table}{printed}");
    assert_eq!(fs::read_dir(folder.path().join("home/runs")).unwrap().count(), 1, "layernorms alone");

    let room = run(folder.path(), "");
    let printed = text(&room.stderr);
    assert_eq!(room.status.code(), Some(0), "{printed}");
    assert!(printed.contains("2 runs, 1 known"), "{printed}");
    assert_eq!(fs::read_dir(folder.path().join("home/runs")).unwrap().count(), 2);

    fs::remove_dir_all(folder.path().join("home/runs")).unwrap();
    let again = run(folder.path(), "");
    let (table, printed) = (text(&again.stdout), text(&again.stderr));
    assert_eq!(again.status.code(), Some(0), "{printed}");
    assert!(
        printed.contains("2 runs, 0 known") && printed.contains("2 runs of it have finished before"),
        "{printed}"
    );
    assert!(table.contains("they were trained again"), "{table}");
    assert_eq!(fs::read_dir(folder.path().join("home/runs")).unwrap().count(), 2);
}

/// Some of what fails then names the limit, and some only what it could not open.
#[test]
#[cfg(unix)]
fn with_too_few_open_files_the_command_line_says_how_to_allow_more() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("experiment.toml"), EXPERIMENT).unwrap();
    for limit in [14, 18] {
        let few = run(folder.path(), &format!("ulimit -n {limit};"));
        let printed = String::from_utf8_lossy(&few.stderr).into_owned();
        assert_eq!(few.status.code(), Some(1), "{printed}");
        assert!(printed.contains(&format!("open {limit} files at once")), "{printed}");
        assert!(printed.contains("`ulimit -n 1024`"), "{printed}");
    }
}

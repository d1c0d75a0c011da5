//! Runs that are cancelled, paused or interrupted, and the queue around them.

use crate::support::{Listener, long, open, points, small, statuses};
use std::fs;
use tunemask::lab::{Lab, LabError, LabOptions, OlderQueue};
use tunemask_engine::Device;
use tunemask_shared::event::EventKind;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;

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
    let masks = ["layernorms", "frozen"].map(String::from).to_vec();
    let id = lab.submit(&Experiment { masks, ..long() }).unwrap();
    let [run, other] = [0, 1].map(|i| lab.runs(id).unwrap()[i].clone());
    listener
        .until("both train", |s| [&run, &other].iter().all(|id| s.runs.get(*id).is_some_and(|r| r.step > 0)));
    lab.pause().unwrap();
    lab.pause().unwrap();
    listener.until("the pause is written", |s| s.paused);
    // A step that was being taken may still end. What is cancelled then is saved in the pause, at the step to which all came.
    lab.cancel(vec![other.clone()]).unwrap();
    listener.until("one ends", |s| s.runs[&other].status == RunStatus::Cancelled);
    assert_eq!(listener.state.runs[&run].status, RunStatus::Running);
    let step = listener.state.runs[&other].checkpoint.unwrap();

    // A pause outlives the program, and what is queued in it waits.
    drop(lab);
    let lab = open(home.path());
    assert!(lab.state().paused);
    assert_eq!(lab.state().runs[&run].checkpoint, Some(step));
    lab.retry(vec![run.clone()]).unwrap();
    drop(lab);
    let lab = open(home.path());
    assert_eq!(lab.state().runs[&run].status, RunStatus::Queued);
    let mut listener = Listener::new(&lab);
    lab.resume().unwrap();
    listener.until("it goes on", |s| s.runs.get(&run).is_some_and(|r| r.step > step));
}

#[test]
fn in_a_pause_one_run_of_a_gang_ends_and_the_others_take_no_step() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let masks = ["layernorms", "frozen", "bitfit", "layernorm_a"].map(String::from).to_vec();
    let id = lab.submit(&Experiment { masks, ..long() }).unwrap();
    let runs = lab.runs(id).unwrap();
    listener.until("all train", |s| runs.iter().all(|run| s.runs.get(run).is_some_and(|r| r.step > 0)));
    lab.pause().unwrap();
    let status = |run: &RunId| lab.state().runs[run].status;
    lab.cancel(vec![runs[1].clone()]).unwrap();
    listener.until("it ends", |s| s.runs[&runs[1]].status == RunStatus::Cancelled);
    // Queued again while the gang that it left still lives, and cancelled again.
    lab.retry(vec![runs[1].clone()]).unwrap();
    assert_eq!(status(&runs[1]), RunStatus::Queued);
    lab.cancel(vec![runs[1].clone()]).unwrap();
    assert_eq!(status(&runs[1]), RunStatus::Cancelled);
    // All came to the same step, where each that is cancelled is saved: one that is cancelled later came no further.
    lab.cancel(vec![runs[3].clone()]).unwrap();
    listener.until("another ends", |s| s.runs[&runs[3]].status == RunStatus::Cancelled);
    let [first, later] = [1, 3].map(|i| listener.state.runs[&runs[i]].checkpoint.unwrap());
    assert_eq!(first, later);
    assert_eq!(statuses(&lab.state(), id)[2], RunStatus::Running);
    lab.resume().unwrap();
    listener.until("the others go on", |s| [0, 2].iter().all(|i| s.runs[&runs[*i]].step > later));
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

//! The order of the queue.

use crate::support::{Listener, long, open, small};
use tunemask::lab::{Lab, LabError};
use tunemask::store::Reader;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::queue::QueuePlace;
use tunemask_shared::run::{RunId, RunStatus};

/// An experiment of one run, which no other gang takes along.
fn alone(lab: &Lab, seed: u64) -> ExperimentId {
    let masks = vec!["full".into()];
    lab.submit(&Experiment { masks, seeds: vec![seed], epochs: Some(1), ..small() }).unwrap()
}

/// The runs in the order in which they began.
fn begun(home: &std::path::Path) -> Vec<RunId> {
    let events = Reader::open(home).unwrap().events(0).unwrap();
    let started = events.into_iter().filter_map(|event| match event.kind {
        EventKind::Started { run, .. } => Some(run),
        _ => None,
    });
    started.collect()
}

#[test]
fn experiments_train_in_the_order_that_the_user_gives_them_also_after_a_start() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    lab.pause().unwrap();
    let ids: Vec<ExperimentId> = (1..=4).map(|seed| alone(&lab, seed)).collect();
    let [first, second, third, fourth] = ids[..] else { panic!("four") };
    assert_eq!(lab.state().queue(), ids);
    lab.move_in_queue(fourth, QueuePlace::First).unwrap();
    lab.move_in_queue(first, QueuePlace::Down).unwrap();
    lab.move_in_queue(third, QueuePlace::Up).unwrap();
    let order = [fourth, second, third, first];
    assert_eq!(lab.state().queue(), order);
    // Nothing is written where nothing changes.
    let lines = lab.state().seq;
    lab.move_in_queue(fourth, QueuePlace::Up).unwrap();
    lab.move_in_queue(first, QueuePlace::Down).unwrap();
    assert_eq!(lab.state().seq, lines);
    let unknown = lab.move_in_queue(ExperimentId(99), QueuePlace::First);
    assert!(matches!(unknown, Err(LabError::UnknownExperiment(ExperimentId(99)))));
    drop(lab);

    let lab = open(home.path());
    assert_eq!(lab.state().queue(), order);
    let mut listener = Listener::new(&lab);
    lab.resume().unwrap();
    for id in ids {
        listener.until_over(id);
    }
    let runs = order.map(|id| lab.runs(id).unwrap()[0].clone());
    assert_eq!(begun(home.path()), runs);
    assert!(lab.state().queue().is_empty());
    // What is over has no place.
    lab.move_in_queue(first, QueuePlace::First).unwrap();
}

#[test]
fn what_trains_goes_on_when_another_is_put_before_it() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let trains = lab.submit(&long()).unwrap();
    let run = lab.runs(trains).unwrap()[0].clone();
    listener.until("it trains", |state| state.runs.get(&run).is_some_and(|run| run.step > 0));
    let (second, third) = (alone(&lab, 1), alone(&lab, 2));
    lab.move_in_queue(third, QueuePlace::First).unwrap();
    let step = lab.state().runs[&run].step;
    listener.until("it trains on", |state| state.runs[&run].step > step + 20);
    assert_eq!(listener.state.queue(), [third, trains, second]);
    assert_eq!(listener.state.runs[&run].status, RunStatus::Running);
    lab.cancel(vec![run.clone()]).unwrap();
    listener.until_over(second);
    let of = |id| lab.runs(id).unwrap()[0].clone();
    assert_eq!(begun(home.path()), [run, of(third), of(second)]);
}

/// The panel shows that order, and the next start would have it.
#[test]
fn what_is_retried_waits_where_its_experiment_stands() {
    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    lab.pause().unwrap();
    let ids: Vec<ExperimentId> = (1..=3).map(|seed| alone(&lab, seed)).collect();
    let [first, second, third] = ids[..] else { panic!("three") };
    lab.cancel(lab.runs(first).unwrap()).unwrap();
    lab.retry(lab.runs(first).unwrap()).unwrap();
    assert_eq!(lab.state().queue(), ids);
    lab.resume().unwrap();
    listener.until_over(third);
    let of = |id| lab.runs(id).unwrap()[0].clone();
    assert_eq!(begun(home.path()), [of(first), of(second), of(third)]);
}

/// Undo is a retry: what was cancelled goes on from its checkpoint, to the bits that it would have had.
#[test]
fn what_was_cancelled_and_put_back_ends_as_if_nothing_had_been() {
    // Long enough to be cancelled in its middle on any machine.
    let experiment = Experiment { epochs: Some(30), ..small() };
    let undisturbed = tempfile::tempdir().unwrap();
    let lab = open(undisturbed.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&experiment).unwrap();
    listener.until_over(id);
    let hash = |lab: &Lab, run: &RunId| lab.state().runs[run].outcome.clone().unwrap().trained_sha256;
    let runs = lab.runs(id).unwrap();
    let want: Vec<String> = runs.iter().map(|run| hash(&lab, run)).collect();
    drop((lab, listener));

    let home = tempfile::tempdir().unwrap();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let id = lab.submit(&experiment).unwrap();
    listener.until("both have begun", |state| {
        runs.iter().all(|run| state.runs.get(run).is_some_and(|r| r.step > 4))
    });
    lab.cancel(runs.clone()).unwrap();
    listener.until_over(id);
    assert!(runs.iter().all(|run| listener.state.runs[run].status == RunStatus::Cancelled));
    lab.retry(runs.clone()).unwrap();
    listener.until("they are back", |state| runs.iter().all(|run| !state.runs[run].status.is_over()));
    listener.until_over(id);
    assert_eq!(runs.iter().map(|run| hash(&lab, run)).collect::<Vec<_>>(), want);
    let curve = crate::support::points(&Reader::open(home.path()).unwrap().events(0).unwrap(), &runs[0]);
    assert!(curve.step.iter().copied().eq(1..=240), "{:?}", curve.step);
}

//! Messages in order, out of order, twice and missing.

use super::*;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::fixtures::run_spec;
use tunemask_shared::mask::Mask;
use tunemask_shared::run::RunSpec;

fn spec(seed: u64) -> RunSpec {
    RunSpec { mask: Mask::Frozen, seed, epochs: 1, ..run_spec() }
}

fn points(steps: std::ops::RangeInclusive<u64>) -> Points {
    let column: Vec<f64> = steps.clone().map(|s| s as f64).collect();
    Points {
        step: steps.collect(),
        epoch: column.clone(),
        loss: column.clone(),
        learning_rate: column.clone(),
        gradient_norm: column.clone(),
        tokens_per_s: column.clone(),
        elapsed_secs: column,
    }
}

fn event(seq: u64, kind: EventKind) -> Event {
    Event { seq, at_ms: seq, kind }
}

fn queued(seq: u64, seed: u64) -> Event {
    let spec = spec(seed);
    event(
        seq,
        EventKind::Queued { run: spec.id().unwrap(), spec: Box::new(spec), trainable: 0, alone: false },
    )
}

fn pointed(seq: u64, seed: u64, steps: std::ops::RangeInclusive<u64>) -> Event {
    event(seq, EventKind::Points { run: spec(seed).id().unwrap(), points: points(steps) })
}

fn events(events: Vec<Event>, through: u64) -> FromServer {
    FromServer::Events { events, through }
}

/// A lab with experiment 1 of two runs, watched, nothing trained; last event 3.
fn watched() -> (LabState, SeriesStore) {
    let (mut lab, mut store) = (LabState::default(), SeriesStore::default());
    let runs = vec![spec(1).id().unwrap(), spec(2).id().unwrap()];
    let created = EventKind::Created {
        experiment_id: ExperimentId(1),
        experiment: Experiment::default(),
        runs,
        plan: None,
    };
    let mut message = events(vec![event(1, created), queued(2, 1), queued(3, 2)], 3);
    assert!(fold(&mut lab, &mut store, &mut message).unwrap().lab);
    store.watch(Some(ExperimentId(1)));
    (lab, store)
}

fn steps(store: &SeriesStore, seed: u64) -> Vec<u64> {
    store.runs[&spec(seed).id().unwrap()].points.step.clone()
}

#[test]
fn a_series_and_its_deltas_join_without_gap_or_repeat() {
    let (mut lab, mut store) = watched();
    let run = spec(1).id().unwrap();
    // Points that overtake the series are in it, so they must not be taken twice.
    let mut early = events(vec![pointed(5, 1, 3..=4)], 5);
    assert!(!fold(&mut lab, &mut store, &mut early).unwrap().series);
    let mut series = FromServer::Series {
        experiment_id: ExperimentId(1),
        run: run.clone(),
        seq: 6,
        points: points(1..=6),
    };
    assert!(fold(&mut lab, &mut store, &mut series).unwrap().series);
    assert_eq!(lab.runs[&run].step, 6);
    let mut next = events(vec![pointed(6, 1, 5..=6), pointed(7, 1, 7..=8)], 7);
    fold(&mut lab, &mut store, &mut next).unwrap();
    assert_eq!(steps(&store, 1), (1..=8).collect::<Vec<_>>());
    assert_eq!(store.runs[&run].step.len(), 8);
    assert_eq!((lab.seq, lab.runs[&run].step), (7, 8));
}

#[test]
fn left_out_events_are_skipped_and_old_ones_ignored() {
    let (mut lab, mut store) = watched();
    let started = |seq| {
        let kind = EventKind::Started {
            run: spec(2).id().unwrap(),
            device: "cpu".into(),
            steps: 9,
            train_examples: 1,
            eval_examples: vec![1],
            notes: Vec::new(),
            together: Some(1),
        };
        event(seq, kind)
    };
    fold(&mut lab, &mut store, &mut events(vec![started(9)], 20)).unwrap();
    assert_eq!((lab.seq, lab.runs[&spec(2).id().unwrap()].steps), (20, 9));
    let change = fold(&mut lab, &mut store, &mut events(vec![queued(3, 2)], 20)).unwrap();
    assert_eq!((change, lab.runs[&spec(2).id().unwrap()].steps), (Change::default(), 9));
}

#[test]
fn mixed_up_messages_are_refused() {
    let (mut lab, mut store) = watched();
    let wrong = fold(&mut lab, &mut store, &mut events(vec![event(9, EventKind::Paused)], 8));
    assert_eq!(wrong, Err(OutOfOrder { had: 9, through: 8 }));
}

#[test]
fn a_run_that_begins_while_watched_needs_no_series_and_a_retry_begins_anew() {
    let (mut lab, mut store) = watched();
    let mut first = events(vec![pointed(4, 1, 1..=2), pointed(5, 2, 4..=5)], 5);
    assert!(fold(&mut lab, &mut store, &mut first).unwrap().series);
    assert_eq!((steps(&store, 1), store.runs.len()), (vec![1, 2], 1));
    let mut again = events(vec![queued(6, 1), pointed(7, 1, 1..=1)], 7);
    fold(&mut lab, &mut store, &mut again).unwrap();
    assert_eq!(steps(&store, 1), [1]);
}

#[test]
fn a_snapshot_replaces_everything_and_other_experiments_series_are_dropped() {
    let (mut lab, mut store) = watched();
    let mut state = FromServer::Snapshot { state: Box::new(LabState { seq: 2, ..LabState::default() }) };
    let change = fold(&mut lab, &mut store, &mut state).unwrap();
    assert!(change.anew && lab.seq == 2 && lab.runs.is_empty());
    let mut other = FromServer::Series {
        experiment_id: ExperimentId(7),
        run: spec(1).id().unwrap(),
        seq: 6,
        points: points(1..=1),
    };
    assert_eq!(fold(&mut lab, &mut store, &mut other).unwrap(), Change::default());
    store.watch(Some(ExperimentId(2)));
    assert!(store.runs.is_empty());
}

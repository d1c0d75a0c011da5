//! Successive halving: who is retired, what the others and the table do then, and how a retired run trains on.

use crate::protocol::{Trained, masks, run_until_over, train};
use crate::support::{Listener, forget_checkpoints, open, small};
use std::collections::BTreeMap;
use tunemask::results::table::{notes, table};
use tunemask_shared::event::{Event, EventKind};
use tunemask_shared::experiment::{Experiment, RatePick};
use tunemask_shared::halving::Halving;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{Retirement, RunState};

const RATES: [f64; 4] = [1e-9, 1e-4, 1e-3, 1e-2];
const EPOCHS: u32 = 4;

fn plain() -> Experiment {
    Experiment {
        masks: masks(&["layernorms", "frozen", "mha"]),
        learning_rates: RATES.to_vec(),
        seeds: vec![1, 2],
        epochs: Some(EPOCHS),
        rate_pick: RatePick::PerSeed,
        ..small()
    }
}

fn halved() -> Experiment {
    Experiment { halving: Some(Halving { keep: 0.5, after: vec![1, 2] }), ..plain() }
}

/// A run's best score up to an epoch.
fn best(run: &RunState, epoch: u32) -> f64 {
    let scored = run.evaluations.iter().filter(|e| e.epoch <= epoch);
    let accuracy = scored.map(|e| e.scores.iter().find(|s| s.metric == Metric::Accuracy).unwrap().value);
    accuracy.fold(f64::NEG_INFINITY, f64::max)
}

/// After which epoch each run is retired if all of its bracket train together, worked out from runs that trained to their end.
fn expected(whole: &Trained) -> BTreeMap<RunId, Option<u32>> {
    let mut retired = BTreeMap::new();
    for mask in plain().masks {
        for seed in plain().seeds {
            let of = |rate: &f64| {
                let own = |r: &RunState| {
                    r.spec.mask.to_string() == mask && r.spec.seed == seed && r.spec.learning_rate == *rate
                };
                let (id, run) = whole.run(own);
                (id.clone(), run.clone())
            };
            let mut left: Vec<(RunId, RunState)> = RATES.iter().map(of).collect();
            for epoch in [1, 2] {
                // Of equal ones the earlier stays: the order is kept.
                left.sort_by(|(_, a), (_, b)| best(b, epoch).total_cmp(&best(a, epoch)));
                let out = left.split_off(left.len() / 2);
                retired.extend(out.into_iter().map(|(id, _)| (id, Some(epoch))));
                left.sort_by(|(_, a), (_, b)| a.spec.learning_rate.total_cmp(&b.spec.learning_rate));
            }
            retired.extend(left.into_iter().map(|(id, _)| (id, None)));
        }
    }
    retired
}

fn retired_after(run: &RunState) -> Option<u32> {
    match run.retirement {
        Retirement::Retired { epoch, .. } => Some(epoch),
        Retirement::None | Retirement::Overruled => None,
    }
}

fn is_alone(run: &RunState) -> bool {
    run.spec.mask.to_string() == "mha"
}

#[test]
fn the_worse_half_is_retired_and_leaves_the_others_their_bits() {
    let homes: [tempfile::TempDir; 2] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let whole = train(homes[0].path(), &plain());
    let plan = open(homes[1].path()).plan(&halved()).unwrap();
    let cut = run_until_over(homes[1].path(), &halved());
    let expected = expected(&whole);
    for (id, want) in &expected {
        let (run, all) = (&cut.state.runs[id], &whole.state.runs[id]);
        let got = retired_after(run);
        if is_alone(run) {
            // Those that train first have nobody to be held against; whoever is among the best stays in any case.
            assert!(got.is_none() || (want.is_some() && got >= *want), "{got:?} where {want:?} is asked");
        } else {
            assert_eq!(got, *want, "{} {} {}", run.spec.mask, run.spec.seed, run.spec.learning_rate);
        }
        assert!(run.evaluations.iter().zip(&all.evaluations).all(|(a, b)| a.scores == b.scores));
        match got {
            Some(epoch) => {
                assert_eq!((run.status, run.evaluations.len() as u32), (RunStatus::Retired, epoch));
                assert_eq!((run.step, run.checkpoint), (8 * u64::from(epoch), Some(8 * u64::from(epoch))));
                assert!(run.outcome.is_none() && run.failure.is_none());
            }
            None => {
                let sha256 = |run: &RunState| run.outcome.as_ref().unwrap().trained_sha256.clone();
                assert_eq!((run.status, sha256(run)), (RunStatus::Finished, sha256(all)));
            }
        }
    }
    // What a plan says is saved is what was not trained.
    assert_eq!(plan.gangs[0].runs.len(), 16);
    let trained: u32 = expected
        .iter()
        .filter(|(id, _)| !is_alone(&cut.state.runs[*id]))
        .map(|(_, epoch)| epoch.unwrap_or(EPOCHS))
        .sum();
    assert!((plan.gangs[0].saved - (1.0 - f64::from(trained) / 64.0)).abs() < 1e-12, "{plan:?}");
    assert!(plan.gangs[1..].iter().all(|gang| gang.saved == 0.0) && plan.saved() > 0.0);

    let made = table(&cut.state, cut.id).unwrap();
    let remarks = notes(&made).join("\n");
    assert!(remarks.contains("Successive halving, 0.5 after 1, 2: of the learning rates"), "{remarks}");
    assert!(remarks.contains("layernorms on Sentiment: of 8 runs 6 cut short."), "{remarks}");
    assert!(!remarks.contains("left out of the choice"), "{remarks}");
    // Each seed reports the rate that survived, and every cell is settled.
    assert!(made.rows.iter().all(|row| row.cells[0].settled && row.cells[0].picked.len() == 2), "{made:?}");
}

#[test]
fn a_retired_run_trains_on_when_it_is_retried_and_stays_out_of_the_way_till_then() {
    let homes: [tempfile::TempDir; 2] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let one =
        |experiment: Experiment| Experiment { masks: masks(&["layernorms"]), seeds: vec![1], ..experiment };
    let whole = train(homes[0].path(), &one(plain()));
    let cut = run_until_over(homes[1].path(), &one(halved()));
    let sha256 = |run: &RunState| run.outcome.as_ref().unwrap().trained_sha256.clone();
    let retired: Vec<RunId> = cut
        .state
        .runs
        .iter()
        .filter(|(_, r)| r.status == RunStatus::Retired)
        .map(|(id, _)| id.clone())
        .collect();
    assert_eq!(retired.len(), 3);

    let lab = open(homes[1].path());
    // The same experiment again has nothing to train.
    assert_eq!(lab.plan(&one(halved())).unwrap().runs(), 0);
    lab.retry(retired[..1].to_vec()).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until("it has finished", |s| {
        s.runs.get(&retired[0]).is_some_and(|r| r.status == RunStatus::Finished)
    });
    let run = &listener.state.runs[&retired[0]];
    assert_eq!(sha256(run), sha256(&whole.state.runs[&retired[0]]));
    assert_eq!((run.step, run.retirement), (32, Retirement::Overruled));
    // It went on from where it was retired: its curve has no step twice.
    assert!(lab.series(&retired[0]).unwrap().1.step.into_iter().eq(1..=32));
    assert_eq!(listener.state.runs[&retired[1]].status, RunStatus::Retired);

    // An experiment without halving wants all of them to their end.
    let id = lab.submit(&one(plain())).unwrap();
    listener.until_over(id);
    for run in &listener.state.experiments[&id].runs {
        assert_eq!(sha256(&listener.state.runs[run]), sha256(&whole.state.runs[run]));
    }
}

/// How the log says that runs ended.
fn ends(events: &[Event]) -> Vec<(RunId, String)> {
    let mut ends: Vec<(RunId, String)> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Finished { run, outcome } => Some((run.clone(), outcome.trained_sha256.clone())),
            EventKind::Retired { run, epoch, better } => Some((run.clone(), format!("{epoch}, {better}"))),
            _ => None,
        })
        .collect();
    ends.sort();
    ends
}

#[test]
fn an_interrupted_experiment_retires_the_same_runs() {
    let homes: [tempfile::TempDir; 2] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let experiment = Experiment { masks: masks(&["layernorms", "frozen"]), ..halved() };
    let wanted = run_until_over(homes[0].path(), &experiment);
    for stop_at in [5, 9, 18, u64::MAX] {
        let lab = open(homes[1].path());
        let id = lab.submit(&experiment).unwrap();
        let mut listener = Listener::new(&lab);
        listener.until("a step is reached, or all are over", |s| {
            let runs = s.experiments.get(&id).into_iter().flat_map(|e| e.runs.iter().map(|run| &s.runs[run]));
            let over = runs.clone().all(|r| matches!(r.status, RunStatus::Finished | RunStatus::Retired));
            (s.seq > 0 && over) || runs.clone().any(|r| r.status == RunStatus::Running && r.step >= stop_at)
        });
        drop(lab);
        if stop_at == 9 {
            // As after a kill before the first checkpoint.
            forget_checkpoints(homes[1].path());
        }
    }
    let events = tunemask::store::Reader::open(homes[1].path()).unwrap().events(0).unwrap();
    assert!(events.iter().any(|event| matches!(event.kind, EventKind::Continued { .. })));
    assert_eq!(ends(&events), ends(&wanted.events));
}

//! What the protocol may be beside the paper's, by what runs then do: several batches a step, weighted classes, early stopping.

use crate::support::{Listener, forget_checkpoints, open, points, small, statuses};
use std::path::Path;
use tunemask::results::table::{notes, table};
use tunemask_shared::class_weights::ClassWeights;
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{LabState, RunState};

/// An experiment whose runs are over.
pub(super) struct Trained {
    pub(super) id: ExperimentId,
    pub(super) state: LabState,
    pub(super) events: Vec<Event>,
}

impl Trained {
    pub(super) fn run(&self, wanted: impl Fn(&RunState) -> bool) -> (&RunId, &RunState) {
        let mut runs = self.state.experiments[&self.id].runs.iter().map(|run| (run, &self.state.runs[run]));
        runs.find(|(_, run)| wanted(run)).unwrap()
    }

    fn sha256(&self, wanted: impl Fn(&RunState) -> bool) -> &str {
        &self.run(wanted).1.outcome.as_ref().unwrap().trained_sha256
    }
}

pub(super) fn train(home: &Path, experiment: &Experiment) -> Trained {
    let trained = run_until_over(home, experiment);
    let all = statuses(&trained.state, trained.id);
    assert!(all.iter().all(|status| *status == RunStatus::Finished), "{:?}", trained.state.runs);
    trained
}

pub(super) fn run_until_over(home: &Path, experiment: &Experiment) -> Trained {
    let lab = open(home);
    let id = lab.submit(experiment).unwrap();
    let mut listener = Listener::new(&lab);
    listener.until_over(id);
    // With what is saved behind the last line of a run.
    drop(lab);
    let reader = tunemask::store::Reader::open(home).unwrap();
    Trained { id, state: reader.state().unwrap(), events: reader.events(0).unwrap() }
}

pub(super) fn masks(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn several_batches_a_step_learn_what_one_of_their_size_does() {
    let homes: [tempfile::TempDir; 2] = std::array::from_fn(|_| tempfile::tempdir().unwrap());
    let base = Experiment { masks: masks(&["layernorms", "frozen", "mha"]), ..small() };
    // Of 60 examples the last step of an epoch has 12: one batch and four of the next.
    let one = Experiment { batch_size: 24, ..base.clone() };
    let three = Experiment { batch_size: 8, gradient_accumulation: 3, ..base };
    let [one, three] = [(&homes[0], one), (&homes[1], three)].map(|(home, e)| train(home.path(), &e));
    for mask in ["layernorms", "frozen", "mha"] {
        let own = |run: &RunState| run.spec.mask.to_string() == mask;
        let [(whole, state), (parts, other)] = [one.run(own), three.run(own)];
        assert_eq!((state.steps, other.steps), (6, 6));
        let [want, got] = [points(&one.events, whole), points(&three.events, parts)];
        assert_eq!(want.step, got.step);
        assert_eq!(want.learning_rate, got.learning_rate);
        for (name, want, got) in
            [("loss", &want.loss, &got.loss), ("norm", &want.gradient_norm, &got.gradient_norm)]
        {
            for (step, (want, got)) in want.iter().zip(got).enumerate() {
                assert!((want - got).abs() < 1e-3 * want, "{mask}, {name} {step}: {got} is not {want}");
            }
        }
        // It is another run all the same: its sums are rounded otherwise.
        assert_ne!(whole, parts);
    }
}

#[test]
fn runs_of_a_gang_add_up_their_batches_and_weigh_classes_as_they_do_alone() {
    let gang = Experiment {
        masks: masks(&["layernorms", "frozen", "random:50"]),
        learning_rates: vec![1e-3, 1e-2],
        seeds: vec![1, 2],
        batch_size: 4,
        gradient_accumulation: 3,
        class_weights: Some(ClassWeights::Balanced),
        ..small()
    };
    let home = tempfile::tempdir().unwrap();
    let together = train(home.path(), &gang);
    assert!(together.events.iter().any(|e| matches!(e.kind, EventKind::Started { together: Some(12), .. })));
    for mask in &gang.masks {
        let home = tempfile::tempdir().unwrap();
        let one = Experiment {
            masks: vec![mask.clone()],
            learning_rates: vec![1e-2],
            seeds: vec![2],
            ..gang.clone()
        };
        let alone = train(home.path(), &one);
        let (run, _) = alone.run(|_| true);
        let same = |other: &RunState| other.spec.id().unwrap() == *run;
        assert_eq!(alone.sha256(same), together.sha256(same), "{mask}");
    }
    // Weights that are all alike weigh nothing, to the bit; balanced ones of uneven classes do.
    let weighed = |class_weights| {
        let home = tempfile::tempdir().unwrap();
        let experiment = Experiment { masks: masks(&["frozen"]), class_weights, ..small() };
        train(home.path(), &experiment).sha256(|_| true).to_owned()
    };
    let plain = weighed(None);
    assert_eq!(weighed(Some(ClassWeights::Each(vec![1.0, 1.0]))), plain);
    assert_ne!(weighed(Some(ClassWeights::Each(vec![1.0, 3.0]))), plain);
}

/// At the lower rate nothing changes, so a run stops as soon as it may.
fn impatient() -> Experiment {
    Experiment {
        masks: masks(&["layernorms", "frozen", "mha"]),
        learning_rates: vec![1e-9, 1e-2],
        epochs: Some(9),
        early_stopping: Some(2),
        ..small()
    }
}

#[test]
fn a_run_stops_when_its_score_does_not_become_better_and_says_so() {
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let stopped = train(home.path(), &impatient());
    let whole = train(other.path(), &Experiment { early_stopping: None, ..impatient() });
    for run in &stopped.state.experiments[&stopped.id].runs {
        let state = &stopped.state.runs[run];
        let outcome = state.outcome.as_ref().unwrap();
        let epochs = state.evaluations.len() as u32;
        let same = |run: &RunState| {
            run.spec.mask == state.spec.mask && run.spec.learning_rate == state.spec.learning_rate
        };
        let (_, all) = whole.run(same);
        // Up to there it is the run that trains all epochs, whose rate falls as slowly.
        assert!(state.evaluations.iter().zip(&all.evaluations).all(|(a, b)| a.scores == b.scores));
        match outcome.stopped_after {
            Some(epoch) => {
                assert_eq!((epoch, epoch), (epochs, outcome.best_epoch + 2));
                assert_eq!(state.step, 8 * u64::from(epoch));
                assert!(epoch < 9 && state.step < state.steps);
            }
            None => assert_eq!(
                (epochs, outcome),
                (
                    9,
                    all.outcome
                        .as_ref()
                        .map(|o| {
                            // But for the time that it took.
                            tunemask_shared::event::Outcome {
                                elapsed_secs: outcome.elapsed_secs,
                                ..o.clone()
                            }
                        })
                        .as_ref()
                        .unwrap()
                )
            ),
        }
        if state.spec.learning_rate == 1e-9 {
            assert_eq!((outcome.stopped_after, outcome.best_epoch), (Some(3), 1));
        }
    }
    let remarks = notes(&table(&stopped.state, stopped.id).unwrap());
    let said = remarks.iter().find(|note| note.contains("stopped early")).unwrap();
    assert!(said.starts_with("Of 6 finished runs "), "{said}");
    assert!(said.ends_with("the score had not become better for 2 epochs."), "{said}");
    assert!(!notes(&table(&whole.state, whole.id).unwrap()).iter().any(|note| note.contains("stopped")));
}

/// What the log says of a run's end.
fn ends(events: &[Event]) -> Vec<(RunId, String)> {
    let mut ends: Vec<(RunId, String)> = events
        .iter()
        .filter_map(|event| match &event.kind {
            EventKind::Finished { run, outcome } => {
                let said = (outcome.best_epoch, outcome.stopped_after, &outcome.trained_sha256);
                Some((run.clone(), format!("{said:?}")))
            }
            _ => None,
        })
        .collect();
    ends.sort();
    ends
}

#[test]
fn a_run_that_was_interrupted_stops_where_it_would_have_stopped() {
    let (whole, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let wanted = train(whole.path(), &impatient());
    for stop_at in [3, 12, 20, u64::MAX] {
        let lab = open(home.path());
        let id = lab.submit(&impatient()).unwrap();
        let mut listener = Listener::new(&lab);
        listener.until("a step is reached, or all are over", |s| {
            let runs = s.experiments.get(&id).into_iter().flat_map(|e| e.runs.iter().map(|run| &s.runs[run]));
            let over = runs.clone().all(|r| r.status == RunStatus::Finished);
            (s.seq > 0 && over) || runs.clone().any(|r| r.status == RunStatus::Running && r.step >= stop_at)
        });
        drop(lab);
        if stop_at == 12 {
            // As after a kill before the first checkpoint.
            forget_checkpoints(home.path());
        }
    }
    let events = tunemask::store::Reader::open(home.path()).unwrap().events(0).unwrap();
    assert!(events.iter().any(|event| matches!(event.kind, EventKind::Continued { .. })));
    assert_eq!(ends(&events), ends(&wanted.events));
}

//! What the black-box tests of lab and server share.
#![allow(dead_code)]

/// Plain HTTP.
pub mod http;
/// Programs of the system.
pub mod outside;
/// A page.
pub mod page;
/// A server.
pub mod served;

use std::sync::Arc;
use std::time::{Duration, Instant};
use tunemask::lab::{Lab, LabOptions, OlderQueue, Subscription, Update};
use tunemask_engine::Device;
use tunemask_shared::event::{Event, EventKind, ExperimentId, Points};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::LabState;

/// How long anything may take before a test gives up.
pub const PATIENCE: Duration = Duration::from_secs(120);

/// Two runs of a few seconds on the built-in model. With dropout, which the model itself has none of, so that every test of
/// stops and gangs meets it.
pub fn small() -> Experiment {
    Experiment {
        name: "small".into(),
        tasks: vec!["sentiment".into()],
        masks: vec!["layernorms".into(), "frozen".into()],
        learning_rates: vec![1e-3],
        seeds: vec![1],
        epochs: Some(2),
        dropout: Some(0.1),
        batch_size: 8,
        train_limit: Some(60),
        eval_limit: Some(40),
        ..Experiment::default()
    }
}

/// One run that does not end by itself while a test looks at it.
pub fn long() -> Experiment {
    Experiment {
        name: "long".into(),
        masks: vec!["layernorms".into()],
        epochs: Some(2000),
        train_limit: Some(400),
        ..small()
    }
}

pub fn open(home: &std::path::Path) -> Lab {
    let (home, device) = (home.to_owned(), Device::cpu());
    Lab::open(&LabOptions { home, older_queue: OlderQueue::Continue, device }).unwrap()
}

/// What a listener heard, folded.
pub struct Listener {
    subscription: Subscription,
    pub state: LabState,
    pub events: Vec<Event>,
}

impl Listener {
    pub fn new(lab: &Lab) -> Self {
        Self { subscription: lab.subscribe(), state: LabState::default(), events: Vec::new() }
    }

    /// Listens until `done` holds.
    pub fn until(&mut self, what: &str, done: impl Fn(&LabState) -> bool) {
        let begin = Instant::now();
        while !done(&self.state) {
            assert!(begin.elapsed() < PATIENCE, "{what}: {:#?}", self.state);
            match self.subscription.blocking_next().expect("the lab goes on") {
                Update::Snapshot(state) => self.state = Arc::unwrap_or_clone(state),
                Update::Events(events) => {
                    for event in events.iter() {
                        self.state.apply(event).unwrap();
                    }
                    self.events.extend(events.iter().cloned());
                }
                Update::Waits(trouble) => eprintln!("{trouble:?}"),
                Update::Failed(error) => panic!("{error}"),
            }
        }
    }

    pub fn until_over(&mut self, experiment: ExperimentId) {
        self.until("every run of the experiment is over", |state| {
            let runs = state.experiments.get(&experiment).map(|e| &e.runs);
            runs.is_some_and(|runs| runs.iter().all(|r| state.runs[r].status.is_over()))
        });
    }
}

/// Removes the checkpoints of a home folder, as if its program had been killed before it wrote any.
pub fn forget_checkpoints(home: &std::path::Path) {
    for file in std::fs::read_dir(home.join("runs")).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "checkpoint") {
            std::fs::remove_file(path).unwrap();
        }
    }
}

/// The statuses of an experiment's runs, in order.
pub fn statuses(state: &LabState, experiment: ExperimentId) -> Vec<RunStatus> {
    state.experiments[&experiment].runs.iter().map(|run| state.runs[run].status).collect()
}

/// The same events without what a clock decides: times, and when what runs had become was saved.
pub fn timeless(events: &[Event]) -> Vec<String> {
    let saved = |event: &&Event| matches!(event.kind, EventKind::Checkpointed { failure: None, .. });
    let same = |(mut event, seq): (Event, u64)| {
        (event.at_ms, event.seq) = (0, seq);
        match &mut event.kind {
            EventKind::Points { points, .. } => {
                points.elapsed_secs.fill(0.0);
                points.tokens_per_s.fill(0.0);
            }
            EventKind::Evaluated { evaluation, .. } => evaluation.elapsed_secs = 0.0,
            EventKind::Finished { outcome, .. } => outcome.elapsed_secs = 0.0,
            _ => {}
        }
        // As text, because not-a-number does not equal itself.
        format!("{event:?}")
    };
    events.iter().filter(|event| !saved(event)).cloned().zip(1..).map(same).collect()
}

/// All points of a run in these events.
pub fn points(events: &[Event], run: &tunemask_shared::run::RunId) -> Points {
    let mut whole = Points::default();
    for event in events {
        match &event.kind {
            EventKind::Points { run: of, points } if of == run => whole.extend(points),
            _ => {}
        }
    }
    whole
}

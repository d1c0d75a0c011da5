//! Small runs and series for tests.

use crate::legend::Legend;
use crate::net::fold::Series;
use std::collections::BTreeMap;
use tunemask_shared::buckets::{Buckets, most_buckets};
use tunemask_shared::event::{Evaluation, Points};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::failure::FailureCause;
use tunemask_shared::fixtures::run_spec;
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::run::{RunSpec, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState, LastLoss, Retirement, RunState};
use tunemask_shared::task::Task;

/// A run on `sentiment` that did `steps` steps, half of them in each of two epochs.
pub fn run(seed: u64, steps: u64) -> RunState {
    let evaluation = |epoch: u32, value| Evaluation {
        epoch,
        step: steps / 2 * u64::from(epoch),
        scores: vec![
            Score { metric: Metric::Accuracy, set: 0, value },
            Score { metric: Metric::Loss, set: 0, value: 1.0 - value },
        ],
        elapsed_secs: 0.1,
    };
    RunState {
        spec: RunSpec { task: Task::sentiment(), seed, epochs: 2, ..run_spec() },
        status: RunStatus::Running,
        trainable: 512,
        device: Some("cpu".into()),
        node: None,
        notes: Vec::new(),
        together: Some(1),
        steps: 2 * steps,
        step: steps,
        elapsed_secs: steps as f64 / 2.0,
        last_loss: Some(LastLoss(0.5)),
        started_ms: Some(0),
        went_on_ms: None,
        ended_ms: None,
        evaluations: vec![evaluation(1, 0.5), evaluation(2, 0.75)],
        outcome: None,
        failure: None,
        failure_cause: FailureCause::Other,
        alone: false,
        checkpoint: None,
        checkpoint_failure: None,
        weights_dropped: None,
        earlier: None,
        retirement: Retirement::None,
    }
}

/// Its points: loss 1/step, two steps a second, five an epoch.
pub fn series(steps: u64) -> Series {
    let step: Vec<f64> = (1..=steps).map(|s| s as f64).collect();
    let column = |f: fn(f64) -> f64| step.iter().map(|&s| f(s)).collect::<Vec<_>>();
    let points = Points {
        step: (1..=steps).collect(),
        epoch: column(|s| s / 5.0),
        loss: column(|s| 1.0 / s),
        learning_rate: column(|_| 1e-3),
        gradient_norm: column(|s| s),
        tokens_per_s: column(|_| 1000.0),
        elapsed_secs: column(|s| s / 2.0),
    };
    Series { seq: steps, old: false, buckets: Buckets::of(&points, most_buckets(1)) }
}

/// The legend of the default experiment before it has runs.
pub fn legend() -> Legend {
    let found = ExperimentState::new(Experiment::default(), Vec::new(), None, 0);
    Legend::new(&found, &BTreeMap::new())
}

/// A lab with one experiment: a run that trains, one that waits, and one that ended each way but by the program's end.
pub fn lab() -> (LabState, ExperimentState) {
    let mut lab = LabState::default();
    let statuses =
        [RunStatus::Running, RunStatus::Queued, RunStatus::Finished, RunStatus::Failed, RunStatus::Cancelled];
    let mut runs = Vec::new();
    for (seed, status) in (1..).zip(statuses) {
        let run = RunState { status, ..run(seed, 10) };
        runs.push(run.spec.id().unwrap());
        lab.runs.insert(run.spec.id().unwrap(), run);
    }
    let experiment = Experiment { name: "x".into(), ..Experiment::default() };
    (lab, ExperimentState::new(experiment, runs, None, 0))
}

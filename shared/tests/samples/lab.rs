//! Samples of what is in a lab: an experiment, its runs, their points and lines.

use super::{named, reviews};
use std::collections::BTreeMap;
use tunemask_shared::annotation::Annotation;
use tunemask_shared::event::{Evaluation, Event, EventKind, ExperimentId, Node, Outcome, Points};
use tunemask_shared::experiment::{EpsilonPlace, Experiment, FurtherRates};
use tunemask_shared::failure::FailureCause;
use tunemask_shared::fixtures::run_spec;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::mask::{Mask, MaskSwitches, OutlierPool, OutlierStatistic};
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::plan::{Plan, PlannedDisk, PlannedGang, TrainingSet};
use tunemask_shared::run::{Arithmetic, RunId, RunSpec, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState, LastLoss, Retirement, RunState};
use tunemask_shared::task::Task;

pub fn run_id(text: &str) -> RunId {
    RunId(text.into())
}

pub fn experiment() -> Experiment {
    Experiment {
        name: "RTE, \"three\" masks – β".into(),
        model: "models/minilm".into(),
        data: Some("glue".into()),
        tasks: vec!["rte".into()],
        masks: vec!["layernorms".into(), "single_norm:3".into()],
        learning_rates: vec![1e-5, 0.1 + 0.2],
        seeds: vec![1, 1 << 53],
        epochs: Some(3),
        dropout: Some(0.0),
        train_limit: Some(512),
        ..Experiment::default()
    }
}

/// With every field that is written only where it is set.
pub fn clipped() -> Experiment {
    Experiment {
        clip_predictions: true,
        keep_weights: Some(KeepWeights::Last(3)),
        places: vec!["here".into(), "desk".into()],
        outlier_pool: OutlierPool::Gamma,
        outlier_statistic: OutlierStatistic::Magnitude,
        further_rates: vec![FurtherRates {
            task: "rte".into(),
            mask: "layernorms".into(),
            learning_rates: vec![5e-5],
        }],
        ..experiment()
    }
}

pub fn spec() -> RunSpec {
    RunSpec {
        mask: Mask::SingleNorm(3),
        switches: MaskSwitches { pooler_trains: true, ..MaskSwitches::default() },
        epsilon_place: EpsilonPlace::Keras,
        train_limit: Some(512),
        ..run_spec()
    }
}

pub fn points() -> Points {
    Points {
        step: vec![1, 2, 3, 4],
        epoch: vec![0.0625, 0.125, 0.1875, 0.25],
        loss: vec![0.625, f64::NAN, f64::INFINITY, 1e-300],
        learning_rate: vec![0.0, 5e-4, 1e-3, 9.999e-4],
        gradient_norm: vec![1.5, f64::NAN, f64::NEG_INFINITY, -0.0],
        tokens_per_s: vec![15_000.0, 15_250.5, f64::INFINITY, 0.0],
        elapsed_secs: vec![0.1, 0.2, 0.30000000000000004, 0.4],
    }
}

pub fn scores() -> Vec<Score> {
    vec![
        Score { metric: Metric::Accuracy, set: 0, value: 0.625 },
        Score { metric: Metric::Loss, set: 0, value: f64::NAN },
        Score { metric: Metric::Accuracy, set: 1, value: 0.5 },
    ]
}

pub fn evaluation() -> Evaluation {
    Evaluation { epoch: 1, step: 16, scores: scores(), elapsed_secs: 0.75 }
}

pub fn outcome() -> Outcome {
    Outcome {
        best_epoch: 1,
        metrics: scores(),
        stopped_after: None,
        frozen_unchanged: true,
        elapsed_secs: 12.5,
        trained_sha256: "cc".into(),
    }
}

pub fn node() -> Node {
    Node { name: "node7".into(), arithmetic: Arithmetic("x86-64-v4".into()), worker: Some("cpu-1".into()) }
}

pub fn state() -> LabState {
    let run = spec().id().unwrap();
    let run_state = RunState {
        spec: spec(),
        status: RunStatus::Failed,
        trainable: 3_072,
        alone: false,
        device: Some("cpu".into()),
        node: Some(node()),
        notes: vec!["MNLI, train: 250 examples, 3 cut to 128 tokens.".into()],
        together: Some(7),
        steps: 48,
        step: 4,
        elapsed_secs: 0.4,
        last_loss: Some(LastLoss(f64::NAN)),
        started_ms: Some(1_764_000_000_003),
        went_on_ms: Some(1_764_000_000_005),
        ended_ms: Some(1_764_000_000_007),
        evaluations: vec![evaluation()],
        outcome: Some(outcome()),
        failure: Some("diverged at step 4: loss is not finite".into()),
        failure_cause: FailureCause::Diverged,
        checkpoint: Some(2),
        checkpoint_failure: None,
        weights_dropped: Some(KeepWeights::Last(3)),
        earlier: None,
        retirement: Retirement::None,
    };
    let experiment = ExperimentState {
        experiment: experiment(),
        runs: vec![run.clone()],
        plan: Some(plan()),
        created_ms: 1_764_000_000_001,
        note: "for the appendix".into(),
        tags: vec!["paper".into()],
        archived: true,
    };
    LabState {
        seq: 7,
        paused: true,
        last_experiment: ExperimentId(4),
        order: vec![ExperimentId(3)],
        experiments: BTreeMap::from([(ExperimentId(3), experiment)]),
        runs: BTreeMap::from([(run, run_state)]),
    }
}

pub fn plan() -> Plan {
    let gang = PlannedGang {
        saved: 0.0,
        runs: vec![0],
        shared: 0.25,
        expected_secs: 12.5,
        memory_bytes: 1 << 28,
        disk_bytes: 1 << 20,
    };
    Plan { gangs: vec![gang], workers: Some(2), ..Plan::default() }
}

pub fn disk() -> PlannedDisk {
    PlannedDisk { kept: 1 << 18, most: 1 << 20, free: Some(1 << 36) }
}

pub fn training_set() -> TrainingSet {
    TrainingSet { task: "rte".into(), examples: 512 }
}

pub fn annotation() -> Annotation {
    Annotation {
        name: "LayerNorms β".into(),
        note: "for the appendix\nsee \"draft\"".into(),
        tags: vec!["paper".into(), "2026".into()],
        archived: true,
    }
}

pub fn events() -> Vec<(String, Event)> {
    let run = spec().id().unwrap();
    let clipped = RunSpec { task: Task::stsb(), clip_predictions: true, ..spec() };
    let own = RunSpec { task: reviews(), ..spec() };
    let samples = vec![
        EventKind::Created {
            experiment_id: ExperimentId(3),
            experiment: experiment(),
            runs: vec![run.clone()],
            plan: Some(plan()),
        },
        EventKind::Queued { run: run.clone(), spec: Box::new(spec()), trainable: 36_864, alone: false },
        EventKind::Continued { run: run.clone() },
        EventKind::Preparing { runs: vec![run.clone()] },
        EventKind::Started {
            run: run.clone(),
            device: "cpu".into(),
            steps: 48,
            train_examples: 250,
            eval_examples: vec![64, 32],
            notes: vec!["MNLI, train: 250 examples, 3 cut to 128 tokens.".into()],
            together: Some(7),
            node: Some(node()),
        },
        EventKind::Points { run: run.clone(), points: points() },
        EventKind::Evaluated { run: run.clone(), evaluation: evaluation() },
        EventKind::Checkpointed { run: run.clone(), step: 12, failure: None },
        EventKind::Checkpointed {
            run: run.clone(),
            step: 24,
            failure: Some("no space left on device".into()),
        },
        EventKind::Finished { run: run.clone(), outcome: outcome() },
        EventKind::Failed {
            run: run.clone(),
            reason: "diverged at step 812: loss is not finite".into(),
            cause: FailureCause::Diverged,
        },
        EventKind::Cancelled { run: run.clone() },
        EventKind::Interrupted { run },
        EventKind::Paused,
        EventKind::Resumed,
        EventKind::Queued { run: clipped.id().unwrap(), spec: Box::new(clipped), trainable: 0, alone: false },
        EventKind::Queued { run: own.id().unwrap(), spec: Box::new(own), trainable: 0, alone: false },
        EventKind::Annotated { experiment_id: ExperimentId(3), annotation: annotation() },
        EventKind::Deleted { experiment_id: ExperimentId(3) },
        EventKind::QueueOrdered { experiments: vec![ExperimentId(4), ExperimentId(3)] },
        EventKind::KeepChanged { experiment_id: ExperimentId(3), keep_weights: KeepWeights::Picked },
        EventKind::WeightsDropped { run: spec().id().unwrap(), rule: KeepWeights::Picked },
        EventKind::Retired { run: spec().id().unwrap(), epoch: 3, better: 4 },
        EventKind::Failed {
            run: spec().id().unwrap(),
            reason: "the device is out of memory with 1 run: 2 GiB are asked for and 1 GiB are free".into(),
            cause: FailureCause::OutOfMemory,
        },
    ];
    let events = samples
        .into_iter()
        .zip(1..)
        .map(|(kind, seq)| Event { seq, at_ms: 1_764_000_000_000 + seq, kind })
        .collect();
    named(events, 20, |e| e.kind.name())
}

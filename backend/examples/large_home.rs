//! Writes the log of a large experiment whose runs have all finished into an empty home folder, for measurements of the page:
//! `large_home HOME RUNS STEPS`.
//!
//! Nothing is trained, so no run has left a file: what needs more than the log, such as tests between masks, says so.
//! RUNS is rounded down to whole masks: two tasks, seven learning rates and three seeds make 42 runs of a mask.

use std::path::Path;
use tunemask::store::Store;
use tunemask_shared::event::{Evaluation, EventKind, ExperimentId, Outcome, Points};
use tunemask_shared::experiment::{Experiment, PAPER_LEARNING_RATES};
use tunemask_shared::fixtures::run_spec;
use tunemask_shared::mask::Mask;
use tunemask_shared::metric::{Metric, Score};
use tunemask_shared::run::{RunSpec, hexadecimal};
use tunemask_shared::task::Task;

const SEEDS: [u64; 3] = [1, 2, 3];
/// Lines that are written at once.
const BATCH: usize = 5000;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [home, runs, steps] = &arguments[..] else { return Err("usage: large_home HOME RUNS STEPS".into()) };
    write(Path::new(home), runs.parse()?, steps.parse()?)
}

fn write(home: &Path, runs: usize, steps: u64) -> Result<(), Failure> {
    let tasks = [Task::sentiment(), Task::acceptability()];
    let masks = masks(runs / (tasks.len() * PAPER_LEARNING_RATES.len() * SEEDS.len()))?;
    let mut specs = Vec::new();
    for task in &tasks {
        for mask in &masks {
            for learning_rate in PAPER_LEARNING_RATES {
                specs.extend(SEEDS.map(|seed| RunSpec {
                    model: hexadecimal(&[0xa5; 32]),
                    data: hexadecimal(&[0x5a; 32]),
                    task: task.clone(),
                    mask: mask.clone(),
                    learning_rate,
                    seed,
                    epochs: 1,
                    ..run_spec()
                }));
            }
        }
    }
    let ids = specs.iter().map(RunSpec::id).collect::<Result<Vec<_>, _>>()?;
    let experiment = Experiment {
        name: format!("{} runs", specs.len()),
        tasks: tasks.iter().map(|task| task.name().to_string()).collect(),
        masks: masks.iter().map(Mask::to_string).collect(),
        learning_rates: PAPER_LEARNING_RATES.into(),
        seeds: SEEDS.into(),
        epochs: Some(1),
        ..Experiment::default()
    };
    let (experiment_id, plan) = (ExperimentId(1), None);
    let mut lines = vec![EventKind::Created { experiment_id, experiment, runs: ids.clone(), plan }];
    lines.extend(ids.iter().zip(&specs).map(|(run, spec)| EventKind::Queued {
        run: run.clone(),
        spec: Box::new(spec.clone()),
        trainable: 36_864,
        alone: false,
    }));
    for (i, (run, spec)) in ids.into_iter().zip(&specs).enumerate() {
        // Between 0.5 and 1, another for each run.
        let quality = 0.5 + 0.5 * (i as f64 * 0.618_034).fract();
        let metric = spec.task.primary_metric();
        let scores = vec![
            Score { metric, set: 0, value: quality },
            Score { metric: Metric::Loss, set: 0, value: 1.2 - quality },
        ];
        let evaluation = Evaluation { epoch: 1, step: steps, scores: scores.clone(), elapsed_secs: 0.01 };
        let outcome = Outcome {
            best_epoch: 1,
            metrics: scores,
            stopped_after: None,
            frozen_unchanged: true,
            elapsed_secs: steps as f64 / 50.0,
            trained_sha256: hexadecimal(&[(i % 251) as u8; 32]),
        };
        lines.push(EventKind::Started {
            run: run.clone(),
            device: "cpu".into(),
            steps,
            train_examples: 16 * steps,
            eval_examples: vec![64],
            notes: Vec::new(),
            together: Some(21),
            node: None,
        });
        lines
            .push(EventKind::Points { run: run.clone(), points: points(steps, quality, spec.learning_rate) });
        lines.push(EventKind::Evaluated { run: run.clone(), evaluation });
        lines.push(EventKind::Finished { run, outcome });
    }
    let mut store = Store::open(home)?;
    while !lines.is_empty() {
        let rest = lines.split_off(lines.len().min(BATCH));
        store.append(std::mem::replace(&mut lines, rest))?;
    }
    Ok(())
}

/// The paper's masks, and after them as many controls of outliers as are wanted.
fn masks(count: usize) -> Result<Vec<Mask>, Failure> {
    let named = ["full", "frozen", "mha", "ffn", "layernorms", "layernorm_a", "layernorm_f", "bitfit"];
    let named = named.map(str::to_owned).into_iter();
    let names = named.chain((1..=count).map(|n| format!("outliers_random:{n}:1")));
    Ok(names.take(count).map(|name| name.parse()).collect::<Result<_, _>>()?)
}

fn points(steps: u64, quality: f64, rate: f64) -> Points {
    let column = |of: &dyn Fn(f64) -> f64| (1..=steps).map(|step| of(step as f64)).collect::<Vec<f64>>();
    Points {
        step: (1..=steps).collect(),
        epoch: column(&|step| step / steps as f64),
        loss: column(&|step| (1.2 - quality) * (1.0 + 1.0 / step) + 0.01 * (12.9898 * step).sin()),
        learning_rate: column(&|step| rate * (1.0 - step / (steps + 1) as f64)),
        gradient_norm: column(&|step| 1.0 + 0.1 * (78.233 * step).sin()),
        tokens_per_s: column(&|step| 9000.0 + 100.0 * (37.719 * step).sin()),
        elapsed_secs: column(&|step| step / 50.0),
    }
}

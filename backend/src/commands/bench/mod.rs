//! `tunemask bench`: the speed of the training step.
//!
//! In reading order:

/// The batches of a run.
mod batches;
/// The clock around the steps.
mod timing;
/// What is printed.
mod report;

use super::arguments::{Compute, Engine, Threads, learning_rate};
use super::{fetching, output};
use crate::data::{self, Example};
use crate::model::{self, Model};
use anyhow::{Context, Result, bail};
use batches::Batches;
use clap::Args;
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use timing::Timing;
use tunemask_engine::{Adam, Device, MemberSpec, Objective, Precision, Trainer, goes_alone};
use tunemask_shared::experiment::EngineKind;
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::task::{Task, TaskName};
use tunemask_shared::trainable::Trainable;

/// Time the training step over real batches of a task
///
/// Forward, loss, backward and Adam, dropout on, packing included, evaluation not. Several masks, learning rates or seeds
/// are several runs: one gang where the masks allow it, else one after the other; the figures are then sums over the runs.
#[derive(Args, Debug)]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder
    #[arg(long)]
    model: String,
    /// Folder of the tasks' folders; built-in tasks need none
    #[arg(long, value_name = "DIR")]
    data: Option<PathBuf>,
    /// A task by its name: rte, sst2, ner, sentiment, …
    #[arg(long)]
    task: TaskName,
    /// Which scalars train: full, layernorms, single_norm:3, …; repeatable, for more runs
    #[arg(long, default_value = "layernorms")]
    mask: Vec<Mask>,
    /// Examples per step
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4096))]
    batch: u32,
    /// Steps to time
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Steps before the clock starts
    #[arg(long, default_value_t = 3)]
    warmup_steps: u32,
    /// Longest sequence in tokens; longer ones are cut
    #[arg(long, value_name = "N", default_value_t = 128)]
    max_length: usize,
    /// One or more learning rates
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', default_value = "1e-3", value_parser = learning_rate)]
    learning_rates: Vec<f64>,
    /// One or more seeds; a seed decides head, data order and dropout
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', default_value = "0")]
    seeds: Vec<u64>,
    /// Engine that takes the steps
    #[arg(long, value_enum, default_value_t = Engine::Tunemask)]
    engine: Engine,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// A run that is timed.
struct Run {
    learning_rate: f64,
    seed: u64,
    trains: Trainable,
}

/// What was timed.
struct Timed {
    timing: Timing,
    /// Runs that stepped together.
    gang: usize,
    /// Share of the rows that a trunk stood for.
    shared: f64,
}

/// Trains and prints the figures.
pub fn bench(arguments: &Arguments) -> Result<ExitCode> {
    let task = data::task(&arguments.task, arguments.data.as_deref())?;
    if task.source().needs_data() && arguments.data.is_none() {
        bail!("name the folder that holds {} with --data", data::training_file(task.source()));
    }
    let threads = arguments.threads.start()?;
    let engine = arguments.engine.into();
    let device = arguments.compute.open_for(engine, Precision::F32)?;
    fetching::model(&arguments.model)?;
    if let Some(data) = arguments.data.as_deref().and_then(std::path::Path::to_str) {
        fetching::data(data, &[task.name().to_string()])?;
    }
    let model = model::open(&arguments.model)?;
    let examples = examples(arguments, &task, &model)?;
    let runs = runs(arguments, &model)?;
    let Timed { timing, gang, shared } = time(arguments, &task, &device, &model, &examples, &runs)?;

    let masks: Vec<String> = arguments.mask.iter().map(Mask::to_string).collect();
    let (shape, switches, seed) =
        (&model.config.shape, MaskSwitches::default(), arguments.seeds.first().copied());
    let trainable = arguments.mask[0].size(shape, switches, seed, Some(&model.weights))?.bound();
    let report = Report {
        engine,
        device: device.label(),
        dtype: device.precision(),
        mask: masks.join(" "),
        batch: arguments.batch,
        runs: runs.len(),
        gang,
        trainable,
        steps_per_s: timing.steps as f64 / timing.seconds,
        examples_per_s: timing.examples as f64 / timing.seconds,
        tokens_per_s: timing.tokens as f64 / timing.seconds,
        products_share: timing.products / timing.seconds,
        shared,
        mean_loss: timing.loss / timing.steps as f64,
        peak_rss_mib: report::peak_rss_mib(),
        peak_device_mib: device.peak_bytes().map(|bytes| bytes as f64 / 1048576.0),
        threads,
    };
    if arguments.json {
        output::json(&report)?
    } else {
        output::line(report.text())?
    }
    Ok(ExitCode::SUCCESS)
}

/// As many training examples as are used, and as many again: a longer look at the lengths than the steps alone.
fn examples(arguments: &Arguments, task: &Task, model: &Model) -> Result<Vec<Example>> {
    let (asked, most) = (arguments.max_length, model.config.shape.positions);
    if !(3..=most).contains(&asked) {
        bail!("--max-length {asked}: choose 3 to {most} tokens, the model's longest sequence");
    }
    let steps = arguments.steps as usize + arguments.warmup_steps as usize;
    let limit = u32::try_from(2 * steps * arguments.batch as usize).ok();
    let examples =
        data::load(task, arguments.data.as_deref(), &model.tokenizer, asked, limit, Some(1))?.train;
    if examples.len() < arguments.batch as usize {
        bail!("{} has {} training examples; ask for a smaller --batch", task.title(), examples.len());
    }
    Ok(examples)
}

/// Every mask with every learning rate and every seed.
fn runs(arguments: &Arguments, model: &Model) -> Result<Vec<Run>> {
    let (shape, switches) = (&model.config.shape, MaskSwitches::default());
    let mut runs = Vec::new();
    for mask in &arguments.mask {
        for &learning_rate in &arguments.learning_rates {
            for &seed in &arguments.seeds {
                let trains = mask.trains(shape, switches, seed, Some(&model.weights))?;
                runs.push(Run { learning_rate, seed, trains });
            }
        }
    }
    Ok(runs)
}

fn time(
    arguments: &Arguments,
    task: &Task,
    device: &Device,
    model: &Model,
    examples: &[Example],
    runs: &[Run],
) -> Result<Timed> {
    let shape = &model.config.shape;
    // Matrices of one's own cannot be shared: such runs take the machine in turns.
    let engine = EngineKind::from(arguments.engine);
    let alone = engine == EngineKind::Candle || runs.iter().any(|run| goes_alone(shape, &run.trains));
    let size = if alone { 1 } else { runs.len() };
    let mut timed = Timed { timing: Timing::default(), gang: size, shared: 0.0 };
    for runs in runs.chunks(size) {
        let members = runs.iter().map(|run| MemberSpec {
            trains: run.trains.clone(),
            seed: run.seed,
            adam: Adam::default(),
            head: None,
        });
        let (weights, objective) = (Arc::clone(&model.weights), Objective::from(task.kind()));
        let members = members.collect();
        let mut gang = Trainer::new(engine, device, model.config, weights, objective, members)?;
        let batches = runs.iter().map(|run| Batches::new(examples, arguments.batch as usize, run.seed));
        let mut batches: Vec<Batches<'_>> = batches.collect();
        let rates: Vec<f64> = runs.iter().map(|run| run.learning_rate).collect();
        timed
            .timing
            .take(&mut gang, &mut batches, &rates, arguments.warmup_steps, arguments.steps)
            .with_context(|| task.title().to_owned())?;
        timed.shared = gang.shared_share();
    }
    Ok(timed)
}

//! `tunemask bench`: the speed of the training step.
//!
//! In reading order:

/// The batches of a run.
mod batches;
/// The clock around the steps.
mod timing;
/// What is printed.
mod report;

use super::arguments::{Compute, Threads, learning_rate};
use super::output;
use crate::{data, model};
use anyhow::{Context, Result, bail};
use batches::Batches;
use clap::Args;
use report::Report;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use timing::Timing;
use tunemask_engine::{Adam, Gang, MemberSpec, Numbers, Objective, goes_alone};
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::selection::Selection;
use tunemask_shared::task::Task;

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
    task: Task,
    /// Which scalars train: full, layernorms, single_norm:3, …; again for more runs
    #[arg(long, default_value = "layernorms")]
    mask: Vec<Mask>,
    /// Examples in a step
    #[arg(long, default_value_t = 16, value_parser = clap::value_parser!(u32).range(1..=4096))]
    batch: u32,
    /// Steps that are timed
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Steps before the clock starts
    #[arg(long, default_value_t = 3)]
    warmup_steps: u32,
    /// Longest sequence in tokens; longer ones are cut
    #[arg(long, value_name = "N", default_value_t = 128)]
    max_length: usize,
    /// One or more
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', default_value = "1e-3", value_parser = learning_rate)]
    learning_rates: Vec<f64>,
    /// One or more; a seed decides head, data order and dropout
    #[arg(long, value_name = "A,B,…", value_delimiter = ',', default_value = "0")]
    seeds: Vec<u64>,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// Trains and prints the figures.
pub fn bench(arguments: &Arguments) -> Result<ExitCode> {
    let task = arguments.task;
    if task.source().needs_data() && arguments.data.is_none() {
        bail!("name the folder that holds {} with --data", data::training_file(task));
    }
    let threads = arguments.threads.start()?;
    let device = arguments.compute.open(Numbers::F32)?;
    let model = model::open(&arguments.model)?;
    let (shape, weights) = (model.config.shape, &model.weights);
    if !(3..=shape.positions).contains(&arguments.max_length) {
        let (asked, most) = (arguments.max_length, shape.positions);
        bail!("--max-length {asked}: choose 3 to {most} tokens, the model's longest sequence");
    }
    // As many as are used, and as many again: a longer look at the lengths than the steps alone.
    let steps = arguments.steps as usize + arguments.warmup_steps as usize;
    let limit = u32::try_from(2 * steps * arguments.batch as usize).ok();
    let folder = arguments.data.as_deref();
    let data = data::load(task, folder, &model.tokenizer, arguments.max_length, limit, Some(1))?;
    if data.train.len() < arguments.batch as usize {
        bail!("{} has {} training examples; ask for a smaller --batch", task.title(), data.train.len());
    }

    let switches = MaskSwitches::default();
    let mut runs: Vec<(f64, u64, Selection)> = Vec::new();
    for mask in &arguments.mask {
        for &rate in &arguments.learning_rates {
            for &seed in &arguments.seeds {
                runs.push((rate, seed, mask.resolve(&shape, switches, seed, Some(weights))?));
            }
        }
    }
    let objective = Objective::from(task.kind());
    // Matrices of one's own cannot be shared: such runs take the machine in turns.
    let gang_size = if runs.iter().any(|(.., s)| goes_alone(&shape, s)) { 1 } else { runs.len() };
    let mut timing = Timing::default();
    let mut shared = 0.0;
    for gang in runs.chunks(gang_size) {
        let members = gang.iter().map(|(_, seed, selection)| MemberSpec {
            selection: selection.clone(),
            seed: *seed,
            adam: Adam::default(),
            head: None,
        });
        let mut made = Gang::on(&device, model.config, Arc::clone(weights), objective, members.collect())?;
        let batches =
            gang.iter().map(|(_, seed, _)| Batches::new(&data.train, arguments.batch as usize, *seed));
        let mut batches: Vec<Batches<'_>> = batches.collect();
        let rates: Vec<f64> = gang.iter().map(|&(rate, ..)| rate).collect();
        timing
            .take(&mut made, &mut batches, &rates, arguments.warmup_steps, arguments.steps)
            .with_context(|| task.title())?;
        shared = made.shared_share();
    }
    let masks: Vec<String> = arguments.mask.iter().map(Mask::to_string).collect();
    let mask = &arguments.mask[0];
    let report = Report {
        device: device.label(),
        dtype: device.numbers(),
        mask: masks.join(" "),
        batch: arguments.batch,
        runs: runs.len(),
        gang: gang_size,
        trainable: mask.size(&shape, switches, arguments.seeds.first().copied(), Some(weights))?.bound(),
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

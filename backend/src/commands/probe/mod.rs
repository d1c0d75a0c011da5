//! `tunemask probe`: one forward and backward, or some training steps, with dropout off, to check against other
//! implementations.
//!
//! In reading order:

/// `FILE.jsonl` to a batch.
mod examples;
/// The head: from a file, or drawn.
mod head;
/// Some training steps.
mod steps;
/// The safetensors file that is written.
mod tensors;

use super::arguments::{Compute, Engine, Threads};
use super::{fetching, output};
use crate::model::{self, Delta};
use anyhow::{Result, bail};
use clap::{Args, ValueEnum};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tunemask_engine::{MemberSpec, Objective, Precision, Probe, Sequence, Trainer};
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::text::{count, thousands};

/// Write logits, loss and gradients of one batch, to check against other implementations
///
/// One forward and one backward with dropout off. Every line of the examples is
/// {"text": …, "pair": …, "label": …}: pair may be left out, the label is a class from 0 or a score. For several labels
/// of a text it is {"text": …, "labels": [1, 0, …]}, for the words of a sentence {"tokens": […], "tags": […]}.
/// The output holds `logits` [n, labels], `loss` (mean over the batch) and `grad.NAME` for every tensor
/// that the mask trains, under Hugging Face's names; zeros where a mask trains only part of a tensor.
///
/// With --steps it trains instead, with the optimizer and the schedule of a run. An example then says in `step`, from
/// 1, which step reads it, as `order --format examples` writes them; without, every step reads all. The output holds
/// `loss`, `gradient_norm` and `learning_rate` [steps], `tuned.NAME` for every tensor that the mask trains, and
/// `trains.NAME`, 1 or 0, where it trains only part of one.
#[derive(Args, Debug)]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder
    #[arg(long)]
    model: String,
    /// Delta from `tunemask export RUN --delta` to apply to the model; its head is used, too, unless --head is given
    #[arg(long, value_name = "FILE.safetensors")]
    delta: Option<PathBuf>,
    /// What the head predicts
    #[arg(long, value_enum)]
    kind: KindArgument,
    /// Outputs of the head; 1 for a regression
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    labels: u32,
    /// The batch, one JSON object per line
    #[arg(long, value_name = "FILE.jsonl")]
    examples: PathBuf,
    /// Which scalars train: full, layernorms, single_norm:3, …
    #[arg(long)]
    mask: Mask,
    /// classifier.weight [labels, hidden] and classifier.bias \[labels\], or what the family's head has, F32; with LoRA it may
    /// hold the factors, too, as `LAYER.lora_A.weight` and `LAYER.lora_B.weight` [default: drawn from the seed]
    #[arg(long, value_name = "FILE.safetensors")]
    head: Option<PathBuf>,
    /// Seed of a head and of factors that no file gives, and of masks that are drawn
    #[arg(long, value_name = "S", default_value_t = 0)]
    seed: u64,
    #[command(flatten)]
    training: steps::Training,
    /// File to write
    #[arg(long, value_name = "FILE.safetensors")]
    out: PathBuf,
    /// Longest sequence in tokens; longer ones are cut [default: the model's]
    #[arg(long, value_name = "N")]
    max_length: Option<usize>,
    /// Engine that computes the gradients
    #[arg(long, value_enum, default_value_t = Engine::Tunemask)]
    engine: Engine,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    threads: Threads,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum KindArgument {
    /// A text or a pair has one of several labels
    Classification,
    /// A text or a pair has a score
    Regression,
    /// Every word has a label
    Tagging,
    /// A text or a pair has any of several labels, or none
    MultiLabel,
}

/// Computes and writes.
pub fn probe(arguments: &Arguments) -> Result<ExitCode> {
    let objective = match (arguments.kind, arguments.labels) {
        (KindArgument::Classification, 1) => {
            bail!("a classification has two labels or more; give --labels 2")
        }
        (KindArgument::Classification, labels) => Objective::Classification(labels as usize),
        (KindArgument::Regression, 1) => Objective::Regression,
        (KindArgument::Regression, _) => bail!("a regression has one output; give --labels 1"),
        (KindArgument::Tagging, 1) => bail!("tagging has two labels or more; give --labels 9"),
        (KindArgument::Tagging, labels) => Objective::Tagging(labels as usize),
        (KindArgument::MultiLabel, labels) => Objective::MultiLabel(labels as usize),
    };
    arguments.threads.start()?;
    let engine = arguments.engine.into();
    let device = arguments.compute.open_for(engine, Precision::F32)?;
    fetching::model(&arguments.model)?;
    let mut model = model::open(&arguments.model)?;
    let shape = model.config.shape;
    let mut head =
        arguments.head.as_deref().map(|path| head::read(path, objective.head(&shape))).transpose()?;
    if let Some(path) = &arguments.delta {
        let delta = Delta::open(path, &shape)?;
        model = delta.on(model, path)?;
        if head.is_none() {
            let own = delta.head.layout.outputs;
            if delta.head.layout != objective.head(&shape) {
                bail!("{}: its head has {own} outputs; give --labels {own}, or another head", path.display());
            }
            head = Some(delta.head.scalars);
        }
    }
    let longest = arguments.max_length.unwrap_or(shape.positions);
    if !(3..=shape.positions).contains(&longest) {
        bail!("--max-length {longest}: choose 3 to {} tokens, the model's longest sequence", shape.positions);
    }
    let examples = examples::read(&arguments.examples, objective, &model.tokenizer, longest)?;
    let batch: Vec<Sequence<'_>> = (0..)
        .zip(&examples)
        .map(|(index, e)| Sequence {
            ids: &e.encoding.ids,
            segments: &e.encoding.segments,
            reads: &e.reads,
            targets: &e.targets,
            index: e.row.unwrap_or(index),
        })
        .collect();
    let read_by: Vec<Option<usize>> = examples.iter().map(|example| example.step).collect();
    let weights = Some(model.weights.as_slice());
    let trains = arguments.mask.trains(&shape, MaskSwitches::default(), arguments.seed, weights)?;
    let added = arguments.head.as_deref().map(|path| head::added(path, &trains)).transpose()?.flatten();
    let member =
        MemberSpec { trains: trains.clone(), seed: arguments.seed, adam: arguments.training.adam(), head };
    let weights = Arc::clone(&model.weights);
    let config = model.config.with_dropout(0.0);
    let mut run = Trainer::new(engine, &device, config, weights, objective, vec![member])?;
    run.set_averaging(arguments.training.averaging())?;
    if let Some(added) = added {
        let mut state = run.state(0)?;
        state.trained[trains.selection.len()..trains.len()].copy_from_slice(&added);
        run.restore(0, state)?;
    }
    let layout = tensors::Layout { shape, trains, head: objective.head(&shape) };
    if let Some(batches) = arguments.training.batches(&batch, &read_by)? {
        let trained = arguments.training.train(&mut run, &batches)?;
        tensors::write_steps(&layout, &trained, &model.weights, &arguments.out)?;
        let last = trained.losses.last().copied().unwrap_or(f32::NAN);
        let (steps, out) = (count(batches.len(), "step"), arguments.out.display());
        output::line(format_args!("{steps}: last loss {last:.6}; the tuned weights written to {out}"))?;
        return Ok(ExitCode::SUCCESS);
    }
    let probe = run.probe(&batch)?;
    let names = tensors::write_probe(&layout, &probe, &arguments.out)?;
    let Probe { loss, .. } = probe;
    let tokens: usize = batch.iter().map(|s| s.ids.len()).sum();
    let sizes = format!("{}, {} tokens", count(batch.len(), "example"), thousands(tokens as u64));
    output::line(format_args!(
        "{sizes}: loss {loss:.6}; {} written to {}",
        count(names, "gradient"),
        arguments.out.display()
    ))?;
    Ok(ExitCode::SUCCESS)
}

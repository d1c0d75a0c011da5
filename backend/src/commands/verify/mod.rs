//! `tunemask verify`: both engines on the same batch, compared tensor by tensor.
//!
//! In reading order:

/// The kinds of heads and their batches.
mod heads;
/// What is printed.
mod report;

use super::arguments::{Compute, Threads};
use super::{fetching, output};
use crate::model::{self, Model};
use anyhow::{Result, bail};
use clap::Args;
use heads::{HeadKind, sequences};
use report::{Compared, MaskReport};
use std::process::ExitCode;
use std::sync::Arc;
use tunemask_engine::{
    Adam, Device, EncoderConfig, Gang, MemberSpec, MemberState, MemberStep, Place, Precision, Probe,
    Reference, ReferenceProbe, Sequence, Tolerance, compare,
};
use tunemask_shared::mask::{Mask, MaskSwitches};
use tunemask_shared::philox::{Purpose, Stream};
use tunemask_shared::trainable::{LowRank, Trainable};

/// Seed of heads, dropout and of masks that are drawn.
const SEED: u64 = 1;

/// Dropout of the comparison with dropout, where the model has none.
const DROPOUT: f32 = 0.1;

/// Standard deviation of what is added to the factors of a pair of low rank before the comparison.
const FACTOR: f64 = 0.02;

/// Learning rate of `--steps`.
const LEARNING_RATE: f64 = 1e-3;

/// Check the engine against candle's autograd on a model, its masks and a device
///
/// Runs the same batch of the built-in language through the fast engine and through the reference engine (candle, f64, on the
/// processor), with a head for classification, one for regression and one for tagging, with dropout and without. Prints
/// the largest relative difference of logits, loss and gradients of every mask. The exit status is 1 if one is beyond the
/// tolerance: in f32 1e-4 for logits and loss and 1e-3 for gradients, wider for tf32 and bf16. docs/verifying.md has more.
#[derive(Args, Debug)]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder
    #[arg(long, default_value = "builtin:tiny")]
    model: String,
    /// A mask to check instead of those of README.md; repeatable
    #[arg(long, value_name = "MASK")]
    mask: Vec<Mask>,
    /// Where candle computes: cpu, or a GPU's number such as cuda:0 in a build with the feature candle-cuda
    #[arg(long, value_name = "D", default_value = "cpu", value_parser = place)]
    reference_device: Place,
    /// Examples in the batch
    #[arg(long, value_name = "N", default_value_t = 6, value_parser = clap::value_parser!(u32).range(1..=256))]
    batch: u32,
    /// Steps that the fast engine trains each mask before the comparison; each mask then needs reference passes of its
    /// own
    #[arg(long, value_name = "N", default_value_t = 0)]
    steps: u32,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON object per tensor
    #[arg(long)]
    json: bool,
}

fn place(text: &str) -> Result<Place, String> {
    match (text, text.strip_prefix("cuda:").map(str::parse)) {
        ("cpu", _) => Ok(Place::Processor),
        (_, Some(Ok(ordinal))) => Ok(Place::Gpu(ordinal)),
        _ => Err("no such device; use `cpu` or a GPU's number as in `cuda:0`".into()),
    }
}

/// Computes, compares and prints.
pub fn verify(arguments: &Arguments) -> Result<ExitCode> {
    arguments.threads.start()?;
    fetching::model(&arguments.model)?;
    let device = arguments.compute.open(Precision::F32)?;
    compared(arguments, &device, &|_| {})
}

/// The same on a device; `plant` may change what the fast engine found before it is compared, which tests do.
fn compared(arguments: &Arguments, device: &Device, plant: &dyn Fn(&mut Probe)) -> Result<ExitCode> {
    let model = model::open(&arguments.model)?;
    let mut config = model.config;
    if config.hidden_dropout == 0.0 {
        config = config.with_dropout(DROPOUT);
    }
    let asked = arguments.mask.clone();
    let mut masks = if asked.is_empty() { readme_masks(config.shape.layers)? } else { asked };
    if arguments.mask.is_empty() && !device.is_cpu() {
        masks.retain(|mask| !mask.is_lora());
    }
    let mut reports = Vec::new();
    for mask in masks {
        let trains =
            mask.trains(&config.shape, MaskSwitches::default(), SEED, Some(model.weights.as_slice()))?;
        let trainable = trains.len();
        reports.push((trains, MaskReport { mask, trainable, tensors: Vec::new() }));
    }
    if !arguments.json {
        let (title, label) = (&model.title, device.label());
        output::line(format_args!("{title}: the engine on {label} against candle's autograd in f64"))?;
    }
    for head in HeadKind::ALL {
        let examples = head.batch(&model, arguments.batch)?;
        let batch = sequences(&examples);
        if batch.is_empty() {
            bail!("none of the examples for {} has a word that the tokenizer knows", head.name());
        }
        let place = arguments.reference_device;
        let subject = Subject { model: &model, config, device, place, head, batch: &batch };
        // Every mask starts from the same weights: one gradient of everything holds all of theirs.
        let wanted = subject.wanted(&Start::of(model.weights.to_vec()))?;
        for (trains, report) in &mut reports {
            report.tensors.extend(subject.compare(trains, arguments.steps, &wanted, plant)?);
        }
    }
    let reports: Vec<MaskReport> = reports.into_iter().map(|(_, report)| report).collect();
    let tolerance = Tolerance::of(device.precision());
    let print = if arguments.json { report::json } else { report::table };
    Ok(if print(&reports, tolerance)? { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The masks of README.md that a model of so many blocks has, an expression, and LoRA.
fn readme_masks(layers: usize) -> Result<Vec<Mask>> {
    let names = [
        "full",
        "mha",
        "ffn",
        "layernorms",
        "layernorm_a",
        "layernorm_f",
        "bitfit",
        "single_norm:1",
        &format!("single_norm:{layers}"),
        "outliers:16",
        "outliers_random:16",
        "random",
        "frozen",
        "layernorms - layernorm_a",
        &format!("layers({layers}).mha.weight + outliers:4"),
        "lora:4 in layers(*).mha.query + layers(*).mha.value",
        &format!("lora:2:4 in layers({layers}).ffn + layers(1).mha.attention_output"),
    ];
    let mut masks: Vec<Mask> = Vec::new();
    for name in names {
        let mask = name.parse()?;
        if !masks.contains(&mask) {
            masks.push(mask);
        }
    }
    Ok(masks)
}

/// A head's batch on a model and a device.
struct Subject<'a> {
    model: &'a Model,
    config: EncoderConfig,
    device: &'a Device,
    place: Place,
    head: HeadKind,
    batch: &'a [Sequence<'a>],
}

/// What the reference engine sets out from.
struct Start {
    /// The model's scalars, then those that are added to it.
    weights: Vec<f32>,
    /// What is added.
    added: Vec<LowRank>,
    /// Else drawn.
    head: Option<Vec<f32>>,
    /// Steps done.
    steps: u32,
}

impl Start {
    /// A model as it is.
    fn of(weights: Vec<f32>) -> Self {
        Self { weights, added: Vec::new(), head: None, steps: 0 }
    }
}

/// What the reference engine says.
struct Wanted {
    plain: ReferenceProbe,
    dropped: ReferenceProbe,
}

impl Subject<'_> {
    /// What the reference engine finds.
    fn wanted(&self, start: &Start) -> Result<Wanted> {
        let objective = self.head.objective();
        let (model, own) = start.weights.split_at(self.config.shape.scalars());
        let (model, added, head) = (Arc::new(model.to_vec()), start.added.clone(), start.head.clone());
        let mut reference =
            Reference::of_everything(self.place, self.config, model, objective, added, head, SEED)?;
        if !own.is_empty() {
            // What is added is not where the seed would have it.
            let mut state = reference.state();
            state.trained[..start.weights.len()].copy_from_slice(&start.weights);
            reference.restore(state)?;
        }
        let reference = reference.after(start.steps);
        Ok(Wanted { plain: reference.probe(self.batch)?, dropped: reference.probe_step(self.batch)? })
    }

    /// The differences of all tensors of a mask, dropout off, then on.
    fn compare(
        &self,
        trains: &Trainable,
        steps: u32,
        wanted: &Wanted,
        plant: &dyn Fn(&mut Probe),
    ) -> Result<Vec<Compared>> {
        let (weights, objective) = (&self.model.weights, self.head.objective());
        let member = MemberSpec { trains: trains.clone(), seed: SEED, adam: Adam::default(), head: None };
        let mut gang = Gang::on(self.device, self.config, Arc::clone(weights), objective, vec![member])?;
        if !trains.added.is_empty() {
            // Of a pair of which a factor is 0 the other has no gradient to compare.
            let mut state = gang.state(0)?;
            let mut draw = Stream::new(SEED, Purpose::Added, u32::MAX);
            let added = &mut state.trained[trains.selection.len()..trains.len()];
            added.iter_mut().for_each(|x| *x += (draw.normal() * FACTOR) as f32);
            gang.restore(0, state)?;
        }
        for _ in 0..steps {
            gang.step(&[MemberStep { batch: self.batch, learning_rate: LEARNING_RATE }])?;
        }
        let is_elsewhere = steps > 0 || !trains.added.is_empty();
        let own = is_elsewhere.then(|| self.wanted(&self.start(&gang.state(0)?, trains))).transpose()?;
        let wanted = own.as_ref().unwrap_or(wanted);
        let mut all = Vec::new();
        let found =
            [(gang.probe(self.batch)?, &wanted.plain), (gang.probe_step(self.batch)?, &wanted.dropped)];
        for (dropout, (mut got, want)) in [false, true].into_iter().zip(found) {
            plant(&mut got);
            let differences = compare(&self.config.shape, trains, objective, &got, want)?;
            let compared = |difference| Compared { head: self.head, dropout, difference };
            all.extend(differences.into_iter().map(compared));
        }
        Ok(all)
    }

    /// What the reference engine sets out from, to be where a mask's run is.
    fn start(&self, state: &MemberState, trains: &Trainable) -> Start {
        let mut weights = self.model.weights.to_vec();
        let (encoder, head) = state.trained.split_at(trains.len());
        trains.selection.put(encoder, &mut weights);
        weights.extend(&encoder[trains.selection.len()..]);
        Start { weights, added: trains.added.clone(), head: Some(head.to_vec()), steps: state.steps }
    }
}

#[cfg(test)]
mod tests;

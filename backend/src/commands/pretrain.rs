//! `tunemask pretrain`: a BERT from a config and text.

use super::arguments::Threads;
use super::fetching;
use super::interrupt::Interrupt;
use super::output;
use crate::model::{self, Stored};
use crate::pretraining::{HeldOut, Pretraining, Settings, Start, Text, empty_or_stopped, save};
use anyhow::{Context, Result};
use clap::{ArgGroup, Args};
use indicatif::{ProgressBar, ProgressStyle};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tunemask_shared::run::ENGINE_VERSION;

/// Pre-train an encoder by masked language modelling
///
/// Writes a Hugging Face folder that every other command takes as a model. The same command continues where it was
/// stopped. The head that predicts words is drawn at random, even if the folder has one. Computes on the processor.
#[derive(Args, Debug)]
#[command(group = ArgGroup::new("source").required(true))]
pub struct Arguments {
    /// builtin:tiny, or a Hugging Face folder: config, tokenizer and first weights
    #[arg(long)]
    model: String,
    /// Start from new random weights; the folder then needs none
    #[arg(long)]
    fresh: bool,
    /// One text per line; two that are separated by a tab are read as a pair
    #[arg(long, value_name = "FILE", group = "source")]
    text: Option<PathBuf>,
    /// Use text of the built-in language
    #[arg(long, group = "source")]
    builtin_text: bool,
    /// Number of texts: lines of the file [default: all], or of the built-in language [default: 200000]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    texts: Option<u32>,
    /// Folder to create
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Optimizer steps
    #[arg(long, value_name = "N", default_value_t = 10_000, value_parser = clap::value_parser!(u32).range(1..))]
    steps: u32,
    /// Texts per step
    #[arg(long, default_value_t = 64)]
    batch: usize,
    /// Peak of the learning rate, from which it falls linearly to 0
    #[arg(long, value_name = "RATE", default_value_t = 1e-3)]
    learning_rate: f64,
    /// Share of the steps over which the learning rate rises
    #[arg(long, value_name = "SHARE", default_value_t = 0.1)]
    warmup: f64,
    /// Longest text in tokens; longer ones are cut
    #[arg(long, value_name = "N", default_value_t = 128)]
    max_length: usize,
    /// Share of the word pieces that are hidden: 80 % by \[MASK\], 10 % by another, 10 % unchanged
    #[arg(long, value_name = "SHARE", default_value_t = 0.15)]
    masked: f64,
    /// Dropout of the pre-training [default: the config's]
    #[arg(long, value_name = "SHARE")]
    dropout: Option<f32>,
    /// Texts at the end that are scored, not trained on
    #[arg(long, value_name = "N", default_value_t = 1000)]
    held_out: usize,
    /// Seed of weights, order, masks and dropout
    #[arg(long, default_value_t = 0)]
    seed: u64,
    /// Store the weights as bf16
    #[arg(long)]
    bf16: bool,
    #[command(flatten)]
    threads: Threads,
    /// Print one JSON object per line instead of progress
    #[arg(long)]
    json: bool,
}

/// Time between two checkpoints.
const CHECKPOINT: Duration = Duration::from_secs(60);
/// Times that the held-out texts are scored.
const SCORES: u32 = 20;
/// Steps between two lines of progress.
const LINE: u32 = 50;

impl Arguments {
    fn settings(&self) -> Settings {
        Settings {
            start: if self.fresh { Start::Fresh } else { Start::Model },
            steps: self.steps,
            batch: self.batch,
            learning_rate: self.learning_rate,
            warmup: self.warmup,
            max_length: self.max_length,
            masked: self.masked,
            dropout: self.dropout,
            held_out: self.held_out,
            seed: self.seed,
        }
    }

    fn text(&self) -> Text {
        let texts = self.texts.map(|n| n as usize);
        match &self.text {
            Some(file) => Text::File(file.clone(), texts),
            None => Text::BuiltIn(texts.unwrap_or(200_000)),
        }
    }
}

/// How the training ended.
enum Ended {
    /// After its last step, with what the held-out texts were scored last.
    Done(Option<HeldOut>),
    /// By a signal; what was trained is saved.
    Stopped,
}

/// Pre-trains, shows progress and writes the folder; 128 and its number if a signal ended it.
pub fn pretrain(arguments: &Arguments) -> Result<ExitCode> {
    let (settings, text, out) = (arguments.settings(), arguments.text(), &arguments.out);
    empty_or_stopped(out)?;
    std::fs::create_dir_all(out).with_context(|| out.display().to_string())?;
    arguments.threads.start()?;
    fetching::model(&arguments.model)?;
    let model = match arguments.fresh {
        true => model::unweighted(&arguments.model)?,
        false => model::open(&arguments.model)?,
    };
    let mut training = Pretraining::new(&model, &text, settings)?;
    training.resume(out)?;
    let interrupt = Interrupt::listen()?;
    let mut progress = Progress::new(arguments, &training);
    progress.begin()?;
    let ended = train(&mut training, out, &interrupt, &mut progress)?;
    progress.end();
    let Ended::Done(score) = ended else {
        let step = training.steps();
        output::note(format_args!("tunemask: stopped at step {step}; the same command continues"));
        return Ok(ExitCode::from(interrupt.code()));
    };
    let score = match score {
        Some(score) => Some(score),
        None => training.held_out()?,
    };
    let (trained_on, truncated, text_sha256) = training.corpus();
    let record = json!({
        "model": arguments.model,
        "model_sha256": model.fingerprint,
        "text": text,
        "text_sha256": text_sha256,
        "texts": trained_on,
        "texts_cut": truncated,
        "settings": training.settings(),
        "engine": ENGINE_VERSION,
        "held_out": score,
    });
    let stored = if arguments.bf16 { Stored::Bf16 } else { Stored::F32 };
    save(out, &model, &training, stored, &record)?;
    training.forget(out);
    done(arguments, out, score)?;
    Ok(ExitCode::SUCCESS)
}

/// Steps until the last step or a signal; scores and saves in between.
fn train(
    training: &mut Pretraining,
    out: &Path,
    interrupt: &Interrupt,
    progress: &mut Progress,
) -> Result<Ended> {
    let every = training.settings().steps.div_ceil(SCORES);
    let mut kept = Instant::now();
    let mut score: Option<HeldOut> = None;
    while !training.is_done() {
        let begun = Instant::now();
        let (report, tokens) = training.step()?;
        progress.step(training.steps(), report.loss, tokens, begun.elapsed())?;
        if training.steps().is_multiple_of(every) || training.is_done() {
            score = training.held_out()?;
            progress.score(score)?;
        }
        let stopped = interrupt.is_pressed();
        if stopped || kept.elapsed() > CHECKPOINT {
            training.keep(out)?;
            kept = Instant::now();
        }
        if stopped {
            return Ok(Ended::Stopped);
        }
    }
    Ok(Ended::Done(score))
}

fn done(arguments: &Arguments, out: &Path, score: Option<HeldOut>) -> Result<()> {
    if arguments.json {
        let line = json!({ "event": "finished", "out": out.display().to_string(), "held_out": score });
        return output::json(&line);
    }
    let score = score.map_or_else(String::new, |s| {
        format!(": held-out loss {:.4}, {:.1} % of the hidden word pieces found", s.loss, 100.0 * s.accuracy)
    });
    Ok(output::line(format!("{}{score}", out.display()))?)
}

/// What is shown while it trains: a bar, or JSON lines.
struct Progress {
    bar: ProgressBar,
    json: bool,
    loss: f64,
    steps: u32,
    tokens: usize,
    time: Duration,
    scored: String,
    intro: serde_json::Value,
}

impl Progress {
    fn new(arguments: &Arguments, training: &Pretraining) -> Self {
        let (texts, cut, sha256) = training.corpus();
        let bar = ProgressBar::new(u64::from(arguments.steps)).with_position(u64::from(training.steps()));
        let style = ProgressStyle::with_template("  {bar:40} {pos}/{len} steps, {eta} left  {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()).progress_chars("━━╌"));
        if arguments.json {
            bar.set_draw_target(indicatif::ProgressDrawTarget::hidden());
        }
        let intro = json!({
            "event": "started", "step": training.steps(), "steps": arguments.steps,
            "texts": texts, "texts_cut": cut, "text_sha256": sha256,
        });
        Self {
            bar,
            json: arguments.json,
            loss: 0.0,
            steps: 0,
            tokens: 0,
            time: Duration::ZERO,
            scored: String::new(),
            intro,
        }
    }

    fn begin(&self) -> Result<()> {
        if self.json {
            return output::json(&self.intro);
        }
        output::note(format_args!(
            "tunemask: {} texts to train on, {} of them cut",
            self.intro["texts"], self.intro["texts_cut"]
        ));
        Ok(())
    }

    fn step(&mut self, step: u32, loss: f64, tokens: usize, time: Duration) -> Result<()> {
        self.loss += loss;
        self.steps += 1;
        self.tokens += tokens;
        self.time += time;
        self.bar.set_position(u64::from(step));
        if self.steps < LINE {
            return Ok(());
        }
        let loss = self.loss / f64::from(self.steps);
        let tokens_per_s = self.tokens as f64 / self.time.as_secs_f64();
        (self.loss, self.steps, self.tokens, self.time) = (0.0, 0, 0, Duration::ZERO);
        if self.json {
            let line = json!({ "event": "points", "step": step, "loss": loss, "tokens_per_s": tokens_per_s });
            return output::json(&line);
        }
        self.bar.set_message(format!("loss {loss:.4}, {tokens_per_s:.0} tokens/s{}", self.scored));
        Ok(())
    }

    fn score(&mut self, score: Option<HeldOut>) -> Result<()> {
        let Some(score) = score else { return Ok(()) };
        self.scored = format!(", held-out {:.4} ({:.1} %)", score.loss, 100.0 * score.accuracy);
        if self.json {
            let HeldOut { step, loss, accuracy } = score;
            let line = json!({ "event": "evaluated", "step": step, "loss": loss, "accuracy": accuracy });
            return output::json(&line);
        }
        Ok(())
    }

    fn end(&self) {
        self.bar.finish_and_clear();
    }
}

//! `tunemask predict`: a text of one's own through the runs of an experiment.

/// Texts of standard input.
mod lines;
/// What masks say, as text.
mod words;

use super::arguments::{Compute, Home};
use super::{experiment, output};
use crate::prediction::{ExperimentRef, PredictionError, Predictor, Text};
use crate::store::Reader;
use anyhow::{Context, Result};
use clap::Args;
use lines::{Lines, Numbered};
use serde::Serialize;
use std::io;
use std::process::ExitCode;
use tunemask_engine::Precision;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::mask::Mask;
use tunemask_shared::prediction::{Prediction, PredictionQuestion, RateChoice};
use tunemask_shared::state::LabState;
use tunemask_shared::task::TaskName;

/// Let the finished runs of an experiment read a text, and print what each mask says
///
/// Of a task that tags words, the words of the text are those between spaces. Each mask is asked at its picked learning rate,
/// and its probabilities are the mean over the seeds.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The experiment's number, or its name (the latest one of that name)
    experiment: String,
    /// The text, or - to read one per line from standard input, each as it comes; the second text of a pair follows a tab
    text: String,
    #[command(flatten)]
    home: Home,
    /// The task [default: the experiment's first]
    #[arg(long)]
    task: Option<TaskName>,
    /// This mask alone; may be repeated
    #[arg(long = "mask", value_name = "MASK")]
    masks: Vec<Mask>,
    /// This seed alone; may be repeated
    #[arg(long = "seed", value_name = "SEED")]
    seeds: Vec<u64>,
    /// Ask each mask at every learning rate, not at the picked one
    #[arg(long)]
    all_rates: bool,
    #[command(flatten)]
    compute: Compute,
    /// Print one JSON object per text
    #[arg(long)]
    json: bool,
}

/// A text with what is said of it.
#[derive(Debug, Serialize)]
struct Line<'a> {
    text: &'a str,
    pair: Option<&'a str>,
    #[serde(flatten)]
    prediction: &'a Prediction,
}

/// What all texts are asked.
struct Asking<'a> {
    arguments: &'a Arguments,
    home: std::path::PathBuf,
    state: LabState,
    id: ExperimentId,
    question: PredictionQuestion,
    predictor: Predictor,
}

/// Reads the texts and prints what is said of them.
pub fn predict(arguments: &Arguments) -> Result<ExitCode> {
    let home = arguments.home.folder()?;
    let state = Reader::open(&home)?.state()?;
    let id = experiment::find(&state, &arguments.experiment)
        .with_context(|| format!("nothing to ask in {}", home.display()))?;
    let question = PredictionQuestion {
        task: arguments.task.clone(),
        masks: arguments.masks.clone(),
        seeds: arguments.seeds.clone(),
        rates: if arguments.all_rates { RateChoice::All } else { RateChoice::Picked },
        ..PredictionQuestion::default()
    };
    let predictor = Predictor::new(arguments.compute.open(Precision::Bf16)?);
    let asking = Asking { arguments, home, state, id, question, predictor };
    if arguments.text != "-" {
        asking.ask(&[split(&arguments.text)])?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut lines = Lines::read(|| io::stdin().lock())?;
    loop {
        match lines.waiting()? {
            texts if texts.is_empty() => return Ok(ExitCode::SUCCESS),
            texts => asking.ask_all(&texts)?,
        }
    }
}

/// The texts of a line.
fn split(line: &str) -> Text {
    match line.split_once('\t') {
        Some((text, pair)) => Text { text: text.to_owned(), pair: Some(pair.to_owned()) },
        None => Text { text: line.to_owned(), pair: None },
    }
}

impl Asking<'_> {
    /// Texts that wait, all at once. Where one cannot be read those before it are, and it is named.
    fn ask_all(&self, numbered: &[Numbered]) -> Result<()> {
        let texts: Vec<Text> = numbered.iter().map(|numbered| numbered.text.clone()).collect();
        let Err(error) = self.ask(&texts) else { return Ok(()) };
        let why = error.downcast_ref::<PredictionError>();
        if why.is_some_and(|why| matches!(why.field(), "text" | "pair")) {
            for Numbered { line, text } in numbered {
                self.ask(std::slice::from_ref(text))
                    .with_context(|| format!("standard input, line {line}"))?;
            }
        }
        Err(error)
    }

    fn ask(&self, texts: &[Text]) -> Result<()> {
        if texts.is_empty() {
            return Ok(());
        }
        let of = ExperimentRef { state: &self.state, home: &self.home, id: self.id };
        let said = self.predictor.predict_all(of, &self.question, texts, &|| true)?;
        for (text, prediction) in texts.iter().zip(&said) {
            if self.arguments.json {
                let (text, pair) = (text.text.trim(), text.pair.as_deref().map(str::trim));
                output::json(&Line { text, pair, prediction })?;
            } else {
                output::line(words::of(text, prediction))?;
            }
        }
        Ok(())
    }
}

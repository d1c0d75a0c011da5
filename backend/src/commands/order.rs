//! `tunemask order`: what each step of a run reads, so that another implementation can repeat the run.

use super::arguments::Home;
use super::cell::{CellChoice, Needs};
use super::output;
use crate::data::{self, Input, Record};
use crate::lab::Order;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use std::collections::HashMap;
use std::process::ExitCode;
use tunemask_shared::schedule::Schedule;
use tunemask_shared::task::TaskKind;

/// Print which training examples every step of a run reads, and its learning rate
///
/// Rows are those of the task's training file, counted from 0, header not counted; epochs and steps count from 1. With
/// `export --epoch initial` it is all that another implementation needs to repeat a run without dropout.
#[derive(Args, Debug)]
pub struct Arguments {
    /// An experiment file, or a run's id, or the beginning of it if no other run's begins alike
    #[arg(value_name = "EXPERIMENT.toml|RUN")]
    of: String,
    #[command(flatten)]
    choice: CellChoice,
    #[command(flatten)]
    home: Home,
    /// The first N steps alone
    #[arg(long, value_name = "N")]
    steps: Option<usize>,
    /// Output format
    #[arg(long, value_enum, default_value_t = Format::Csv)]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// A line per step and example: epoch, step, row, `learning_rate`
    Csv,
    /// JSON Lines, an object per step: epoch, step, `learning_rate`, rows
    Json,
    /// JSON Lines, an object per step and example with its text and label, as `probe --steps` reads them
    Examples,
}

/// Prints it.
pub fn order(arguments: &Arguments) -> Result<ExitCode> {
    let found = arguments.choice.find(&arguments.of, &arguments.home.folder()?, Needs::Order)?;
    let (experiment, cell) = (&found.experiment, &found.cell);
    let tokenizer = found.model()?.tokenizer;
    let length = experiment.max_length as usize;
    let limit = experiment.train_limit;
    let train = data::load(&cell.task, found.data(), &tokenizer, length, limit, Some(1))?.train;
    if train.is_empty() {
        bail!("{} has no training examples", cell.task.title());
    }
    let mut records = HashMap::new();
    if arguments.format == Format::Examples {
        let read = data::training_records(&cell.task, found.data())?;
        records.extend(read.into_iter().map(|record| (record.index, record)));
    }
    let step_size = experiment.step_size();
    let mut order = Order::new(train.len(), step_size, cell.seed);
    let per_epoch = order.steps_per_epoch();
    let steps = per_epoch * cell.epochs as usize;
    let schedule = Schedule::new(steps, experiment.warmup_fraction).with_decay(experiment.schedule);
    let kind = cell.task.kind();
    output::lines(|out| {
        if arguments.format == Format::Csv {
            writeln!(out, "epoch,step,row,learning_rate")?;
        }
        for step in 0..steps.min(arguments.steps.unwrap_or(steps)) {
            let rows: Vec<u32> = order.batch(step).iter().map(|&place| train[place as usize].index).collect();
            let rate = cell.learning_rate * schedule.factor(step);
            let (epoch, step) = (step / per_epoch + 1, step + 1);
            match arguments.format {
                Format::Csv => {
                    rows.iter().try_for_each(|row| writeln!(out, "{epoch},{step},{row},{rate}"))?;
                }
                Format::Json => {
                    let line = json!({ "epoch": epoch, "step": step, "learning_rate": rate, "rows": rows });
                    writeln!(out, "{line}")?;
                }
                Format::Examples => {
                    for row in rows {
                        let record = records.get(&row).with_context(|| format!("row {row} is gone"))?;
                        writeln!(out, "{}", example(record, step, kind))?;
                    }
                }
            }
        }
        Ok(())
    })?;
    Ok(ExitCode::SUCCESS)
}

/// An example as `probe` reads it.
fn example(record: &Record, step: usize, kind: &TaskKind) -> Value {
    let label = |target: f32| match kind {
        TaskKind::Regression(..) => json!(target),
        TaskKind::Classification(_) | TaskKind::Tagging(_) | TaskKind::MultiLabel(_) => json!(target as u32),
    };
    let labels: Vec<Value> = record.targets.iter().map(|&target| label(target)).collect();
    let mut line = json!({ "step": step, "row": record.index });
    match &record.input {
        Input::Text(text) => line["text"] = json!(text),
        Input::Pair(text, pair) => {
            line["text"] = json!(text);
            line["pair"] = json!(pair);
        }
        Input::Words(words) => {
            line["tokens"] = json!(words);
            line["tags"] = json!(labels);
            return line;
        }
    }
    match kind {
        TaskKind::MultiLabel(_) => line["labels"] = json!(labels),
        TaskKind::Classification(_) | TaskKind::Regression(_) | TaskKind::Tagging(_) => {
            line["label"] = labels.into_iter().next().unwrap_or_default();
        }
    }
    line
}

//! `tunemask table`: the result table of an experiment that ran.

use super::arguments::Home;
use super::output;
use crate::store::Reader;
use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use std::process::ExitCode;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::state::LabState;
use tunemask_shared::statistics;

/// Print the result table of an experiment
///
/// Mean ± standard deviation over the seeds by mask and task, at the picked learning rate.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The experiment's number, or its name (the latest one of that name)
    experiment: String,
    #[command(flatten)]
    home: Home,
    /// How it is written
    #[arg(long, value_enum, default_value_t = Format::Markdown)]
    format: Format,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// A pipe table in percent, with notes
    Markdown,
    /// A tabular for the booktabs package, in percent, with notes as comments
    Latex,
    /// A line a mask, task and metric, unrounded and not in percent
    Csv,
}

/// Prints the table.
pub fn table(arguments: &Arguments) -> Result<ExitCode> {
    let home = arguments.home.folder()?;
    let state = Reader::open(&home)?.state()?;
    let id =
        find(&state, &arguments.experiment).with_context(|| format!("no table from {}", home.display()))?;
    let Some(table) = statistics::table(&state, id) else { bail!("experiment {id} is not in the log") };
    let text = match arguments.format {
        Format::Markdown => statistics::markdown(&table),
        Format::Latex => statistics::latex(&table),
        Format::Csv => statistics::csv(&table),
    };
    output::line(text.trim_end())?;
    Ok(ExitCode::SUCCESS)
}

/// By number, else the latest of that name.
fn find(state: &LabState, asked: &str) -> Result<ExperimentId> {
    let number = asked.parse().ok().map(ExperimentId).filter(|id| state.experiments.contains_key(id));
    let named = || state.experiments.iter().rev().find(|(_, e)| e.experiment.name == asked.trim());
    if let Some(id) = number.or_else(|| named().map(|(&id, _)| id)) {
        return Ok(id);
    }
    if state.experiments.is_empty() {
        bail!("there is no experiment yet; start one with `tunemask run` or on the page");
    }
    let known = state.experiments.iter().rev().take(10);
    let list: Vec<String> = known.map(|(id, e)| format!("{id} ({})", e.experiment.name)).collect();
    bail!("no experiment has the number or name `{asked}`; the latest are {}", list.join(", "))
}

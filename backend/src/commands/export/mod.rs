//! `tunemask export`: a run's tuned model as files, or an experiment's data. In reading order:

/// A run's tuned model.
mod model;
/// An experiment's data.
mod data;

use super::arguments::Home;
use crate::files::Existing;
use anyhow::Result;
use clap::Args;
use std::process::ExitCode;

/// Write a run's tuned model as files, or an experiment's data
///
/// Of a run, writes a Hugging Face folder that Python's transformers opens; with --delta only what was trained: a few
/// kilobytes that `probe --delta` and an experiment's `delta` apply to the base model again. Of an experiment, with
/// --runs, --points and --evaluations, writes tables for pandas and its like: CSV, JSON Lines or parquet, as the file's
/// name ends.
#[derive(Args, Debug)]
pub struct Arguments {
    /// A run's id, or the beginning of it if no other run's begins alike, with --epoch initial also an experiment file;
    /// for data an experiment's number, or its name (the latest one of that name)
    #[arg(value_name = "RUN|EXPERIMENT")]
    what: String,
    #[command(flatten)]
    home: Home,
    /// Replace existing files
    #[arg(long)]
    force: bool,
    #[command(flatten, next_help_heading = "A run's model")]
    model: model::Arguments,
    #[command(flatten, next_help_heading = "An experiment's data")]
    data: data::Arguments,
}

/// Writes it.
pub fn export(arguments: &Arguments) -> Result<ExitCode> {
    let home = arguments.home.folder()?;
    let existing = if arguments.force { Existing::Replace } else { Existing::Keep };
    if arguments.data.is_asked() {
        let wanted = data::Wanted { experiment: &arguments.what, home: &home, existing };
        return data::export(&arguments.data, wanted);
    }
    model::export(&arguments.model, model::Wanted { run: &arguments.what, home: &home, existing })
}

//! `tunemask models`: models and data on this machine.

use super::arguments::Home;
use super::output;
use crate::hub;
use crate::lab::on_machine;
use anyhow::Result;
use clap::Args;
use serde::Serialize;
use std::process::ExitCode;
use tunemask_shared::facts::Local;

/// List the models and data on this machine: what the page's form offers
///
/// The built-in model, BERTs and data in the Hugging Face hub's cache, and those in folders named models and data, of the home folder and
/// of the current directory.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    home: Home,
    /// Print one JSON object per line
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    kind: &'static str,
    #[serde(flatten)]
    local: &'a Local,
}

/// Prints them.
pub fn models(arguments: &Arguments) -> Result<ExitCode> {
    let found = on_machine(&arguments.home.folder()?);
    for (kind, all) in [("model", &found.models), ("data", &found.data)] {
        for local in all {
            if arguments.json {
                output::json(&Line { kind, local })?;
                continue;
            }
            let size = if local.bytes > 0 { hub::size(local.bytes) } else { String::new() };
            let words = [local.note.as_str(), &size].into_iter().filter(|word| !word.is_empty());
            output::line(format_args!(
                "{kind:<6} {}\n       {}",
                local.name,
                words.collect::<Vec<_>>().join(", ")
            ))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

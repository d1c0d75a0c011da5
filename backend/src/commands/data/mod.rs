//! `tunemask data`: what a folder of one's own data holds.

/// What is looked at.
mod subject;
/// `tunemask data check`: what would be trained on.
mod check;

use anyhow::Result;
use clap::{Args, Subcommand};
use std::process::ExitCode;

/// Look at data of your own before anything trains on them
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Check(check::Arguments),
}

/// Does it.
pub fn data(arguments: &Arguments) -> Result<ExitCode> {
    match &arguments.command {
        Command::Check(arguments) => check::check(arguments),
    }
}

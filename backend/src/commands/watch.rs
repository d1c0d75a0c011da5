//! `tunemask watch`: the page on a plan folder whose workers others have started.

use super::fleet::Opened;
use super::serve::Listening;
use crate::cluster::PlanFolder;
use crate::lab::Workers;
use anyhow::{Context, Result};
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use tunemask_engine::Device;

/// Show the page on a plan folder whose workers are started elsewhere
///
/// Trains nothing and asks nothing of the workers: shows what they write, from any machine that sees the folder. What they
/// trained is copied into the home folder, if one is named.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The plan's folder
    plan: PathBuf,
    /// Home folder that keeps what was seen [default: one that is gone afterwards]
    #[arg(long, value_name = "DIR")]
    home: Option<PathBuf>,
    #[command(flatten)]
    listening: Listening,
}

/// Serves until Ctrl-C.
pub fn watch(arguments: Arguments) -> Result<ExitCode> {
    let Arguments { plan, home, listening } = arguments;
    // Before a server listens: a folder that is none is said at once.
    PlanFolder::open(&plan)?;
    let plan = std::path::absolute(&plan).with_context(|| plan.display().to_string())?;
    let opened = Opened { device: Device::cpu(), workers: Workers::Others(plan) };
    match home {
        Some(home) => listening.serve(home, opened),
        None => {
            let home =
                tempfile::tempdir().context("cannot make a folder for what is seen; name one with --home")?;
            listening.serve(home.path().to_owned(), opened)
        }
    }
}

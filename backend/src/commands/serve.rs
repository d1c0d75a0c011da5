//! `tunemask serve`: the page.

use super::arguments::{Compute, Home, Threads};
use super::output;
use crate::engine::Numbers;
use crate::server::{self, ServeOptions};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;

/// Serve the page on which experiments are made and watched
///
/// Runs that an earlier program left in the queue go on. Listens on this machine only unless --host says
/// otherwise.
#[derive(Args, Debug)]
pub struct Arguments {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 lets the system choose one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    #[command(flatten)]
    home: Home,
    /// Folder of a built page, read anew for every request [default: the page within the program]
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    threads: Threads,
}

/// Serves until Ctrl-C.
pub fn serve(arguments: Arguments) -> Result<ExitCode> {
    let device = arguments.compute.open(Numbers::Bf16)?;
    let home = arguments.home.folder()?;
    arguments.threads.start()?;
    let Arguments { host, port, page, .. } = arguments;
    server::serve(&ServeOptions { host, port, home, page, device }, |address, no_page| -> Result<()> {
        if let Some(why) = no_page {
            output::note(format_args!("tunemask: {why}"));
        }
        Ok(output::line(format_args!("Tunemask is at http://{address}"))?)
    })?;
    Ok(ExitCode::SUCCESS)
}

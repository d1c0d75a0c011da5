//! `tunemask serve`: the page.

use super::arguments::{Compute, Home, Threads};
use super::fleet::{Fleet, Opened, Opening};
use super::output;
use crate::server::{self, Access, Limits, Origin, PathPrefix, ServeOptions, Token};
use anyhow::Result;
use clap::Args;
use std::path::PathBuf;
use std::process::ExitCode;
use tunemask_engine::Precision;
use tunemask_shared::experiment::EngineKind;

/// Serve the page on which experiments are made and watched
///
/// Continues the runs that an earlier program left in the queue. Listens on this machine only unless --host says
/// otherwise. You are let in on this machine; other users, and everyone on other machines, need a token.
#[derive(Args, Debug)]
pub struct Arguments {
    #[command(flatten)]
    listening: Listening,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    fleet: Fleet,
    #[command(flatten)]
    threads: Threads,
}

/// Where the page is, and who is let in.
#[derive(Args, Clone, Debug)]
pub struct Listening {
    /// Address to listen on
    #[arg(long, default_value = "127.0.0.1")]
    host: String,
    /// Port to listen on; 0 lets the system choose one
    #[arg(long, default_value_t = 3000)]
    port: u16,
    /// Token that others need [default: the home folder's]. Other users can see a program's arguments: set the variable
    #[arg(long, env = "TUNEMASK_TOKEN", hide_env_values = true)]
    token: Option<Token>,
    /// Origin at which a reverse proxy serves the page, such as `https://lab.example`; repeatable. Everyone needs the token then
    #[arg(long = "origin", value_name = "ORIGIN")]
    origins: Vec<Origin>,
    /// Path below which a reverse proxy serves the page, if it passes the path on
    #[arg(long, visible_alias = "base-path", value_name = "PATH", default_value = "")]
    path_prefix: PathPrefix,
    /// Folder of a built page, read again for every request [default: the page within the program]
    #[arg(long, value_name = "DIR")]
    page: Option<PathBuf>,
}

/// Serves until Ctrl-C.
pub fn serve(arguments: Arguments) -> Result<ExitCode> {
    let opening = Opening { engine: EngineKind::Tunemask, usual: Precision::Bf16 };
    let Opened { device, workers } = arguments.fleet.open(&arguments.compute, arguments.threads, opening)?;
    let home = arguments.home.folder()?;
    arguments.threads.start()?;
    arguments.listening.serve(home, Opened { device, workers })
}

impl Listening {
    /// Serves a home folder until Ctrl-C.
    ///
    /// # Errors
    /// The address cannot be listened on; the lab does not open.
    pub fn serve(self, home: PathBuf, opened: Opened) -> Result<ExitCode> {
        let Opened { device, workers } = opened;
        let Self { host, port, page, token, origins, path_prefix } = self;
        let access = Access { token, origins, path_prefix };
        let options =
            ServeOptions { host, port, home, page, device, workers, access, limits: Limits::default() };
        server::serve(&options, |urls, no_page| -> Result<()> {
            if let Some(why) = no_page {
                output::note(format_args!("tunemask: {why}"));
            }
            for url in urls {
                output::line(format_args!("Tunemask is at {url}"))?;
            }
            Ok(())
        })?;
        Ok(ExitCode::SUCCESS)
    }
}

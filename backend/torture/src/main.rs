//! Runs campaigns against the built program, prints what each did, and ends with 1 if anything was wrong.

use anyhow::Result;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};
use tunemask_torture::campaigns::{clock, descriptors, disk, flood, kill, many, sockets, two};
use tunemask_torture::fuzz::{self, Target};
use tunemask_torture::{Binary, Order, Report};

/// Try to break Tunemask
///
/// Each campaign prints one line of what it did. The exit status is 1 if the program lost something, did something twice,
/// panicked, or did not say what was wrong.
#[derive(Debug, Parser)]
#[command(name = "tunemask-torture")]
struct Arguments {
    #[command(subcommand)]
    campaign: Campaign,
}

#[derive(Debug, Subcommand)]
enum Campaign {
    /// kill -9 at random moments of `serve` and `run`, of `run` with workers and of a worker; a round is a kill
    Kill(Told),
    /// Full and read-only disks; a round is a disk
    Disk(Told),
    /// Few file descriptors; a round is a server
    Descriptors(Told),
    /// Connections that break, stall and trickle; a round is a broken connection
    Sockets(Told),
    /// Messages, experiments and grids of 10^9 runs; a round has 500 messages and 50 experiments
    Flood(Told),
    /// A clock that jumps; a round is a home
    Clock(Told),
    /// Several programs on one home; a round is a race
    Two(Told),
    /// Many tiny runs over four workers; a round is a run, and the paper's grid has 4242
    Many(Told),
    /// Inputs changed at random; a round is an input, of every target
    Fuzz {
        /// One target alone
        #[arg(long)]
        target: Option<Target>,
        #[command(flatten)]
        told: Told,
    },
    /// Write valid inputs of every target, for `cargo fuzz`, into DIR/TARGET
    Corpus {
        /// The folder
        folder: PathBuf,
    },
    /// What `fuzz` starts
    #[command(hide = true)]
    Inside {
        target: Target,
        #[arg(long)]
        seed: u64,
        #[arg(long)]
        from: u64,
        #[arg(long)]
        to: u64,
        #[arg(long)]
        progress: PathBuf,
        /// Seconds after which no input begins
        #[arg(long)]
        secs: Option<f64>,
    },
}

#[derive(Args, Clone, Debug)]
struct Told {
    /// The program [default: the one beside this]
    #[arg(long)]
    program: Option<PathBuf>,
    /// Where all chance comes from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// How often harm is done
    #[arg(long, default_value_t = 10)]
    rounds: u64,
    /// No more rounds after so many minutes
    #[arg(long)]
    minutes: Option<u64>,
}

impl Told {
    fn order(self) -> Result<Order> {
        let binary = self.program.map_or_else(Binary::beside, |path| Ok(Binary(path)))?;
        let until = self.minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes));
        Ok(Order { binary, seed: self.seed, rounds: self.rounds, until })
    }
}

fn main() -> ExitCode {
    match torture(Arguments::parse().campaign) {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("tunemask-torture: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Whether nothing was wrong.
fn torture(campaign: Campaign) -> Result<bool> {
    let report = match campaign {
        Campaign::Kill(told) => kill::kill(&told.order()?)?,
        Campaign::Disk(told) => disk::disk(&told.order()?)?,
        Campaign::Descriptors(told) => descriptors::descriptors(&told.order()?)?,
        Campaign::Sockets(told) => sockets::sockets(&told.order()?)?,
        Campaign::Flood(told) => flood::flood(&told.order()?)?,
        Campaign::Clock(told) => clock::clock(&told.order()?)?,
        Campaign::Two(told) => two::two(&told.order()?)?,
        Campaign::Many(told) => many::many(&told.order()?)?,
        Campaign::Fuzz { target, told } => {
            let targets = target.map_or_else(|| Target::ALL.to_vec(), |one| vec![one]);
            // Each has its part of the time.
            let part = u32::try_from(targets.len()).unwrap_or(u32::MAX);
            let reports: Result<Vec<Report>> = targets.into_iter().map(|t| fuzzed(t, &told, part)).collect();
            return Ok(reports?.iter().all(Report::is_clean));
        }
        Campaign::Corpus { folder } => {
            corpus(&folder)?;
            return Ok(true);
        }
        Campaign::Inside { target, seed, from, to, progress, secs } => {
            let left = secs.and_then(|secs| Duration::try_from_secs_f64(secs).ok());
            inside(target, seed, from..to, progress, left.map(|left| Instant::now() + left))?;
            return Ok(true);
        }
    };
    println!("{report}");
    Ok(report.is_clean())
}

fn fuzzed(target: Target, told: &Told, part: u32) -> Result<Report> {
    let until = told.minutes.map(|minutes| Instant::now() + Duration::from_secs(60 * minutes) / part);
    let order = Order { until, ..told.clone().order()? };
    let report = fuzz::fuzz(target, &order)?;
    println!("{report}");
    Ok(report)
}

/// On a thread whose stack is as small as those of the server.
fn inside(
    target: Target,
    seed: u64,
    numbers: std::ops::Range<u64>,
    progress: PathBuf,
    until: Option<Instant>,
) -> Result<()> {
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let driving = thread.spawn(move || fuzz::inside(target, seed, numbers, &progress, until))?;
    match driving.join() {
        Ok(driven) => Ok(driven?),
        Err(_) => anyhow::bail!("the driver itself panicked"),
    }
}

fn corpus(folder: &std::path::Path) -> Result<()> {
    for target in Target::ALL {
        let folder = folder.join(target.name());
        std::fs::create_dir_all(&folder)?;
        for (number, input) in target.corpus()?.iter().enumerate() {
            std::fs::write(folder.join(format!("valid-{number}")), input)?;
        }
    }
    Ok(())
}

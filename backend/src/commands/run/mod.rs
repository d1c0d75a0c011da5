//! `tunemask run`: trains an experiment file in this process.
//!
//! In reading order:

/// The experiment file, its errors with their lines.
mod file;
/// How what happens is shown.
mod display;
/// What happens, as one JSON object a line.
mod json;
/// What happens, as bars on a terminal.
mod bars;
/// What happens, as plain lines.
mod plain;
/// Words that bars and lines share.
pub(super) mod words;
/// The experiment from its start to its last run.
mod watch;

use super::arguments::{Compute, Engine, Home, Threads};
use super::fleet::{DryRun, Fleet, Opened, Opening, Written};
use super::interrupt::{Interrupt, OnInterrupt};
use super::output::{self, OutputFormat};
use crate::files::free_bytes;
use crate::lab::{Lab, LabOptions, OlderQueue};
use crate::results::render::markdown;
use crate::results::table::table;
use anyhow::{Result, bail};
use clap::Args;
use display::Display;

pub(super) use file::File;
use std::io::IsTerminal;
use std::path::PathBuf;
use std::process::ExitCode;
use tunemask_engine::Precision;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::RunStatus;
use tunemask_shared::text::count;
pub(super) use watch::Watch;

/// Train the runs of an experiment file and print its result table
///
/// Runs that the home folder already holds are not trained again. Paths in the file are relative to the
/// current directory. Progress goes to standard error. The exit status is 1 if a run failed, 130 after Ctrl-C,
/// 143 after SIGTERM and 129 after SIGHUP. What was trained is saved then, and the same command continues it.
#[derive(Args, Debug)]
pub struct Arguments {
    /// A TOML file with the fields of the page's form, or - for standard input; fields with a default may be left out
    #[arg(value_name = "EXPERIMENT.toml")]
    experiment: PathBuf,
    #[command(flatten)]
    home: Home,
    /// Engine that trains, whatever the file says
    #[arg(long, value_enum)]
    engine: Option<Engine>,
    /// Whose weights stay on the disk, whatever the file says: all, picked, last:N or none
    #[arg(long, value_name = "RULE")]
    keep_weights: Option<KeepWeights>,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    fleet: Fleet,
    #[command(flatten)]
    dry_run: DryRun,
    #[command(flatten)]
    threads: Threads,
    /// Print every event as one JSON object per line, and the table as the last one
    #[arg(long)]
    json: bool,
}

/// JSON lines, or bars on a terminal, or plain lines.
pub(super) fn display(format: OutputFormat) -> Box<dyn Display> {
    if format == OutputFormat::Json {
        Box::new(json::Lines::default())
    } else if std::io::stderr().is_terminal() {
        Box::new(bars::Bars::new())
    } else {
        Box::new(plain::Lines::default())
    }
}

/// Trains, shows progress and prints the table; 1 if a run failed, 128 and its number if a signal ended it.
pub fn run(arguments: Arguments) -> Result<ExitCode> {
    let file = File::read(&arguments.experiment, arguments.json.into())?;
    let mut experiment = file.experiment().clone();
    if let Some(engine) = arguments.engine {
        experiment.engine = engine.into();
    }
    experiment.keep_weights = arguments.keep_weights.or(experiment.keep_weights);
    let opening = Opening { engine: experiment.engine, usual: Precision::Bf16 };
    let Opened { device, workers } = arguments.fleet.open(&arguments.compute, arguments.threads, opening)?;
    if let Some(remark) = &file.remark {
        output::note(format_args!("tunemask: {remark}"));
    }
    let home = arguments.home.folder()?;
    arguments.threads.start()?;
    let mut display = display(arguments.json.into());
    let mut interrupt = Interrupt::listen()?;
    let options = LabOptions { home: home.clone(), older_queue: OlderQueue::Leave, device };
    let lab = Lab::open_with(&options, &workers)?;
    let refused = |errors: &[_]| file.refused(errors);
    if arguments.dry_run.write(&lab, &experiment, &workers, refused)? == Written::Yes {
        return Ok(ExitCode::SUCCESS);
    }
    let mut watch = Watch::start(&lab, &home, &experiment, |errors| file.refused(errors))?;
    if let Some(free) = free_bytes(&home).filter(|_| !arguments.json) {
        let folder = home.display();
        output::note(format_args!(
            "tunemask: {} are free on the disk of {folder}",
            indicatif::HumanBytes(free)
        ));
    }
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let ended =
        runtime.block_on(watch.follow(display.as_mut(), &mut interrupt, arguments.fleet.on_interrupt()));
    display.end();
    // The training thread ends between two steps; what it wrote is kept.
    lab.shut_down();
    let cancelled = ended?;
    if cancelled && arguments.fleet.on_interrupt() == OnInterrupt::Leave {
        output::note(arguments.fleet.left());
        return Ok(ExitCode::from(interrupt.code()));
    }

    let Some(table) = table(watch.state(), watch.experiment_id()) else {
        bail!("the log of {} does not hold the experiment any more", home.display())
    };
    if arguments.json {
        output::json(&json::TableLine { event: "table", table: &table })?;
    } else {
        output::line(markdown::table(&table).trim_end())?;
    }
    let with = |status| watch.runs().filter(|r| r.status == status).count();
    if cancelled {
        let (id, kept) = (watch.experiment_id(), count(with(RunStatus::Finished), "finished run"));
        output::note(format_args!(
            "tunemask: stopped; {kept} of experiment {id} stay in {}. The same command again trains the rest.",
            home.display()
        ));
        return Ok(ExitCode::from(interrupt.code()));
    }
    let (failed, total) = (with(RunStatus::Failed), watch.runs().count());
    if failed > 0 {
        output::note(format_args!(
            "tunemask: {failed} of {} failed; the notes of the table say why",
            count(total, "run")
        ));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

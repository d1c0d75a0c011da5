//! `tunemask study`: the paper's tables and figures, from their plan to their verdicts.
//!
//! In reading order:

/// What is asked for.
mod arguments;
/// What of grid and protocol is asked for otherwise.
mod changes;
/// Which experiments the studies are.
mod grid;
/// More learning rates where the best one lies on an edge.
mod extension;
/// What they take, before they start.
mod preview;
/// What they found: on standard output and as files.
mod outcome;

pub use arguments::Arguments;

use super::fleet::{Opened, Opening, Written};
use super::interrupt::{Interrupt, OnInterrupt};
use super::output::{self, OutputFormat};
use super::run::{self, Watch};
use crate::lab::{Lab, LabOptions, OlderQueue};
use crate::results::table::{ResultTable, table};
use anyhow::{Result, anyhow, bail};
use extension::next_round;
use grid::Planned;
use std::io::IsTerminal;
use std::path::Path;
use std::process::ExitCode;
use tunemask_engine::Precision;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::RunStatus;
use tunemask_shared::study::Study;
use tunemask_shared::text::count;

/// Plans, asks, trains and prints; 1 if a run failed, 128 and its number if a signal ended it.
pub fn study(arguments: &Arguments) -> Result<ExitCode> {
    let opening = Opening { engine: arguments.changes.engine(), usual: Precision::Bf16 };
    let Opened { device, workers } = arguments.fleet.open(&arguments.compute, arguments.threads, opening)?;
    let home = arguments.home.folder()?;
    let studies = grid::experiments(arguments)?;
    arguments.threads.start()?;
    let options = LabOptions { home: home.clone(), older_queue: OlderQueue::Leave, device };
    let lab = Lab::open_with(&options, &workers)?;
    let mut written = Written::No;
    for planned in &studies {
        let refused = |errors: &[_]| anyhow!("{}", grid::refused(planned.study, errors));
        written = arguments.dry_run.write(&lab, &planned.experiment, &workers, refused)?;
    }
    if written == Written::Yes {
        return Ok(ExitCode::SUCCESS);
    }
    let previews = preview::rows(&lab, &studies)?;
    if previews.is_empty() {
        output::note("tunemask: there is nothing to train");
    } else {
        preview::show(&previews, &lab.device(), arguments)?;
    }
    let asks = !(previews.is_empty() || arguments.yes || arguments.json);
    if arguments.plan || asks && !preview::agreed()? {
        return Ok(ExitCode::SUCCESS);
    }
    let mut surroundings = Surroundings {
        lab: &lab,
        home: &home,
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        interrupt: Interrupt::listen()?,
        on_interrupt: arguments.fleet.on_interrupt(),
    };
    let mut failed = 0;
    for planned in &studies {
        let ended = train(planned, &mut surroundings, arguments)?;
        match ended {
            Ended::Cancelled => {
                lab.shut_down();
                if arguments.fleet.on_interrupt() == OnInterrupt::Leave {
                    output::note(arguments.fleet.left());
                    return Ok(ExitCode::from(surroundings.interrupt.code()));
                }
                output::note(format_args!(
                    "tunemask: stopped; what has finished stays in {}. The same command trains the rest.",
                    home.display()
                ));
                return Ok(ExitCode::from(surroundings.interrupt.code()));
            }
            Ended::Over { failures } => failed += failures,
        }
    }
    lab.shut_down();
    if failed > 0 {
        output::note(format_args!(
            "tunemask: {} failed; the notes of the tables say why",
            count(failed, "run")
        ));
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

/// How a study ended.
enum Ended {
    Over { failures: usize },
    Cancelled,
}

/// What all studies share.
struct Surroundings<'a> {
    lab: &'a Lab,
    home: &'a Path,
    runtime: tokio::runtime::Runtime,
    interrupt: Interrupt,
    on_interrupt: OnInterrupt,
}

/// Trains a study's grid and what extends it, and shows what it found.
fn train(planned: &Planned, with: &mut Surroundings<'_>, arguments: &Arguments) -> Result<Ended> {
    let format = OutputFormat::from(arguments.json);
    if format == OutputFormat::Text && std::io::stderr().is_terminal() {
        output::note(format_args!("\n{}", planned.study.title()));
    }
    let mut experiment = planned.experiment.clone();
    for number in 1.. {
        let Some((table, failures)) = trained(planned.study, &experiment, with, format)? else {
            break;
        };
        let Some(round) = next_round(&experiment, &table, arguments.most_per_side()) else {
            outcome::show(planned.study, &table, arguments, with.home)?;
            return Ok(Ended::Over { failures });
        };
        outcome::extended(planned.study, number, &round, format)?;
        experiment = round.experiment;
    }
    Ok(Ended::Cancelled)
}

/// An experiment of a study, trained: its table, and how many of its runs failed. `None` if it was cancelled.
fn trained(
    study: Study,
    experiment: &Experiment,
    with: &mut Surroundings<'_>,
    format: OutputFormat,
) -> Result<Option<(ResultTable, usize)>> {
    if with.interrupt.is_pressed() {
        return Ok(None);
    }
    let refused = |errors: &[_]| anyhow!("{}", grid::refused(study, errors));
    let mut watch = Watch::start(with.lab, with.home, experiment, refused)?;
    let mut display = run::display(format);
    let ended = with.runtime.block_on(watch.follow(display.as_mut(), &mut with.interrupt, with.on_interrupt));
    display.end();
    if ended? {
        return Ok(None);
    }
    let Some(table) = table(watch.state(), watch.experiment_id()) else {
        bail!("the log of {} does not hold the experiment any more", with.home.display())
    };
    Ok(Some((table, watch.runs().filter(|r| r.status == RunStatus::Failed).count())))
}

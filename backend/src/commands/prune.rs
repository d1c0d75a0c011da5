//! `tunemask prune`: drops weights of an experiment that ran.

use super::arguments::Home;
use super::{experiment, output};
use crate::lab::{AffectedExperiment, Assumed, Dropping, HomeAtRest};
use crate::store::Reader;
use anyhow::{Result, bail};
use clap::Args;
use indicatif::HumanBytes;
use std::io::{IsTerminal, Write, stderr, stdin};
use std::process::ExitCode;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::storage::Storage;
use tunemask_shared::text::count;

/// Drop weights of an experiment's finished runs to free the disk
///
/// Scores, curves and predictions stay, and so do weights that another experiment keeps. Says first what becomes free, and which
/// other experiments lose weights that no rule wants any more, and asks.
/// The experiment has the rule from then on. While the page is served, use the experiment's page instead.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The experiment's number, or its name (the latest one of that name)
    experiment: String,
    /// Whose weights stay: all, picked (those that the result table reports), last:N or none
    #[arg(long, value_name = "RULE")]
    keep: KeepWeights,
    #[command(flatten)]
    home: Home,
    /// Drop them without asking; needed where nobody can be asked
    #[arg(long)]
    yes: bool,
}

/// Says what would become free, asks, and drops.
pub fn prune(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.keep == KeepWeights::Last(0) {
        bail!("--keep last:0 keeps nothing; write `none`");
    }
    let home = arguments.home.folder()?;
    let experiment_id = experiment::find(&Reader::open(&home)?.state()?, &arguments.experiment)?;
    let assumed = Assumed { experiment_id, rule: arguments.keep };
    let mut at_rest = HomeAtRest::open(&home)?;
    let Some(storage) = at_rest.storage(assumed) else { bail!("there is no experiment {experiment_id}") };
    output::note(format_args!("tunemask: experiment {experiment_id}: {}", words(&storage, arguments.keep)));
    let dropping = at_rest.dropping(assumed);
    if let Some(words) = others(&dropping, experiment_id) {
        output::note(format_args!("tunemask: {words}"));
    }
    if dropping.runs > 0 && !arguments.yes && !agreed()? {
        output::note("tunemask: nothing was changed");
        return Ok(ExitCode::SUCCESS);
    }
    let dropped = at_rest.keep(assumed)?;
    output::line(format_args!("dropped the weights of {}", count(dropped, "run")))?;
    Ok(ExitCode::SUCCESS)
}

/// What an experiment takes, and what the rule gives back of it.
fn words(storage: &Storage, rule: KeepWeights) -> String {
    let Storage { bytes, finished, whole, gives_back, .. } = *storage;
    let all = count(finished as usize, "finished run");
    let takes = format!("{all}, {whole} with weights, {} on the disk", HumanBytes(bytes));
    match gives_back.runs {
        0 => format!("{takes}; the rule `{rule}` drops none"),
        runs => format!(
            "{takes}; the rule `{rule}` drops those of {} and gives back {}",
            count(runs as usize, "run"),
            HumanBytes(gives_back.bytes)
        ),
    }
}

/// Which other experiments lose weights; `None` if none does.
fn others(dropping: &Dropping, asked: ExperimentId) -> Option<String> {
    let others = dropping.affected.iter().filter(|affected| affected.experiment_id != asked);
    let name = |AffectedExperiment { experiment_id, runs }: &AffectedExperiment| {
        format!("experiment {experiment_id} ({})", count(*runs, "run"))
    };
    let named: Vec<String> = others.map(name).collect();
    let (all, bytes) = (count(dropping.runs, "run"), HumanBytes(dropping.bytes));
    (!named.is_empty()).then(|| {
        format!(
            "by their own rules these lose weights with it: {}; that is {all} in all, which gives back {bytes}",
            named.join(", ")
        )
    })
}

/// Asks on a terminal; where nobody can be asked it takes a word on the command line.
fn agreed() -> Result<bool> {
    if !(stdin().is_terminal() && stderr().is_terminal()) {
        bail!("weights that were dropped do not come back without training; add --yes to drop them");
    }
    let mut terminal = stderr().lock();
    write!(terminal, "Weights that are dropped do not come back without training. Drop them? [y/N] ")?;
    terminal.flush()?;
    let mut answer = String::new();
    stdin().read_line(&mut answer)?;
    Ok(matches!(answer.trim().to_lowercase().as_str(), "y" | "yes"))
}

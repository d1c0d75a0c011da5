//! `tunemask study`: the paper's tables and figures, from their plan to their verdicts.
//!
//! In reading order:

/// Which experiments the studies are.
mod grid;
/// What they take, before they start.
mod preview;
/// What they found: on standard output and as files.
mod outcome;

use super::arguments::{Compute, Home, Threads, learning_rate};
use super::interrupt::Interrupt;
use super::output;
use super::run::{self, Watch};
use crate::lab::{Lab, LabOptions, OlderQueue};
use crate::results::table::table;
use anyhow::{Result, anyhow, bail};
use clap::Args;
use grid::{Plan, Planned};
use std::io::IsTerminal;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tunemask_engine::Numbers;
use tunemask_shared::run::RunStatus;
use tunemask_shared::text::count;

/// Run the paper's studies: tables 1 to 4, figures 1 and 2
///
/// Says first how many runs it takes, how long and how much memory. Runs that the home folder already holds are not
/// trained again: a study that was stopped goes on where it was, and one that is enlarged trains only what is
/// missing. Progress goes to standard error; tables, verdicts and figures to standard output.
#[derive(Args, Debug)]
pub struct Arguments {
    /// table1, table2, table3, table4, figure1, figure2, or all
    #[arg(required = true, value_name = "NAME", value_parser = grid::named)]
    studies: Vec<grid::Named>,
    /// On the built-in model and tasks, in minutes
    #[arg(long, conflicts_with_all = ["model", "tagging_model", "data"])]
    quick: bool,
    /// In full size: a Hugging Face folder, the paper's is bert-base-uncased
    #[arg(long, value_name = "DIR")]
    model: Option<String>,
    /// In full size: the model of Table 2, the paper's is bert-base-cased [default: the same]
    #[arg(long, value_name = "DIR")]
    tagging_model: Option<String>,
    /// In full size: the folder with GLUE's folders, conll2003 and ptb
    #[arg(long, value_name = "DIR")]
    data: Option<String>,
    #[command(flatten)]
    grid: Changes,
    #[command(flatten)]
    home: Home,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    threads: Threads,
    /// Say what it takes, and train nothing
    #[arg(long)]
    plan: bool,
    /// Start without asking; where nobody can be asked it starts anyway
    #[arg(long)]
    yes: bool,
    /// Also write tables (Markdown, LaTeX, CSV), verdicts and figures (SVG, CSV) into this folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// For verdicts: what difference does not matter, in points of per cent
    #[arg(long, default_value_t = crate::results::report::MARGIN, value_parser = super::table::margin)]
    margin: f64,
    /// Print every event as one JSON object a line, and after each study its table and verdicts
    #[arg(long)]
    json: bool,
}

/// What of a study's grid and protocol is asked for otherwise.
#[derive(Args, Clone, Debug, Default)]
pub struct Changes {
    /// Tasks instead of the study's
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    tasks: Vec<String>,
    /// Learning rates instead of the study's
    #[arg(long, value_delimiter = ',', value_name = "A,B", value_parser = learning_rate)]
    learning_rates: Vec<f64>,
    /// Seeds instead of the study's
    #[arg(long, value_delimiter = ',', value_name = "A,B")]
    seeds: Vec<u64>,
    /// Epochs of every run
    #[arg(long, value_name = "N")]
    epochs: Option<u32>,
    /// The first N training examples
    #[arg(long, value_name = "N")]
    train_limit: Option<u32>,
    /// The first N development examples
    #[arg(long, value_name = "N")]
    eval_limit: Option<u32>,
}

/// Plans, asks, trains and prints; 1 if a run failed, 128 and its number if a signal ended it.
pub fn study(arguments: &Arguments) -> Result<ExitCode> {
    let device = arguments.compute.open(Numbers::Bf16)?;
    let home = arguments.home.folder()?;
    let Plan { planned: studies, pretrained } = grid::experiments(arguments)?;
    arguments.threads.start()?;
    let lab = Lab::open(&LabOptions { home: home.clone(), older_queue: OlderQueue::Leave, device })?;
    let previews = preview::of(&lab, &studies)?;
    if previews.is_empty() {
        output::note("tunemask: there is nothing to train");
    } else {
        preview::show(&previews, &lab.device(), arguments.json)?;
    }
    let asks = !(previews.is_empty() || arguments.yes || arguments.json);
    if arguments.plan || asks && !preview::agreed()? {
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(model) = &pretrained {
        outcome::pretrained(model, arguments)?;
    }
    let mut surroundings = Surroundings {
        lab: &lab,
        home: &home,
        runtime: tokio::runtime::Builder::new_current_thread().enable_all().build()?,
        interrupt: Interrupt::listen()?,
    };
    let mut failed = 0;
    for planned in &studies {
        let ended = train(planned, &mut surroundings, arguments)?;
        match ended {
            Ended::Cancelled => {
                lab.shut_down();
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
}

fn train(planned: &Planned, with: &mut Surroundings<'_>, arguments: &Arguments) -> Result<Ended> {
    if !arguments.json && std::io::stderr().is_terminal() {
        output::note(format_args!("\n{}", planned.study.title()));
    }
    let refused = |errors: &[_]| anyhow!("{}", grid::refused(planned.study, errors));
    if with.interrupt.is_pressed() {
        return Ok(Ended::Cancelled);
    }
    let mut watch = Watch::start(with.lab, with.home, &planned.experiment, refused)?;
    let mut display = run::display(arguments.json);
    let ended = with.runtime.block_on(watch.follow(display.as_mut(), &mut with.interrupt));
    display.end();
    if ended? {
        return Ok(Ended::Cancelled);
    }
    let Some(table) = table(watch.state(), watch.experiment_id()) else {
        bail!("the log of {} does not hold the experiment any more", with.home.display())
    };
    outcome::show(planned.study, &table, arguments, with.home)?;
    Ok(Ended::Over { failures: watch.runs().filter(|r| r.status == RunStatus::Failed).count() })
}

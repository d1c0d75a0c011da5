//! An experiment's data as tables, and as folders for other programs' boards.

use crate::commands::{experiment, output};
use crate::files::Existing;
use crate::records::{
    Board, Form, Recorded, RecordsError, Table, TensorBoard, Wandb, is_occupied, save, save_board,
};
use crate::store::Reader;
use anyhow::{Context, Error, Result, bail};
use clap::Args;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use tunemask_shared::text::count;

/// What only a run's model has.
const MODEL: [&str; 7] = ["out", "epoch", "delta", "task", "mask", "learning_rate", "seed"];

/// What is written.
#[derive(Args, Debug)]
// By its arguments: of a group, clap tells no conflict.
#[group(id = "data", multiple = true, conflicts_with_all = MODEL)]
pub struct Arguments {
    /// Write one row per run: all that determines it, status, scores at the best and the last epoch, times, notes
    #[arg(long, value_name = "FILE.csv|jsonl|parquet")]
    runs: Option<PathBuf>,
    /// Write one row per step: epoch, loss, learning rate, gradient norm, tokens per second, elapsed seconds
    #[arg(long, value_name = "FILE")]
    points: Option<PathBuf>,
    /// Write one row per evaluation, development set and metric
    #[arg(long, value_name = "FILE")]
    evaluations: Option<PathBuf>,
    /// Write one folder per run for `tensorboard --logdir DIR`
    #[arg(long, value_name = "DIR")]
    tensorboard: Option<PathBuf>,
    /// Write one folder per run for `wandb sync DIR/offline-run-*`
    #[arg(long, value_name = "DIR")]
    wandb: Option<PathBuf>,
}

/// Which experiment, from where, and what may be replaced.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The experiment's number or name.
    pub experiment: &'a str,
    /// The home folder.
    pub home: &'a Path,
    /// What becomes of files that are there.
    pub existing: Existing,
}

/// Something to write, and where.
struct Asked<'a> {
    what: What,
    /// The option that asks for it.
    option: &'static str,
    path: &'a Path,
}

#[derive(Clone, Copy)]
enum What {
    Table(Table),
    Board(&'static dyn Board),
}

/// Everything that can be written, with its option.
const ALL: [(&str, What); 5] = [
    ("runs", What::Table(Table::Runs)),
    ("points", What::Table(Table::Points)),
    ("evaluations", What::Table(Table::Evaluations)),
    ("tensorboard", What::Board(&TensorBoard)),
    ("wandb", What::Board(&Wandb)),
];

impl Arguments {
    /// Whether any data is asked for.
    pub fn is_asked(&self) -> bool {
        !self.asked().is_empty()
    }

    fn asked(&self) -> Vec<Asked<'_>> {
        let paths = [&self.runs, &self.points, &self.evaluations, &self.tensorboard, &self.wandb];
        let all = ALL.into_iter().zip(paths);
        all.filter_map(|((option, what), path)| Some(Asked { what, option, path: path.as_deref()? }))
            .collect()
    }
}

/// Writes it.
pub fn export(arguments: &Arguments, wanted: Wanted<'_>) -> Result<ExitCode> {
    let asked = arguments.asked();
    check(&asked, wanted.existing)?;
    let reader = Reader::open(wanted.home)?;
    reader.at_one_moment(|reader| {
        let state = reader.state()?;
        let id = experiment::find(&state, wanted.experiment)
            .with_context(|| format!("nothing to export from {}", wanted.home.display()))?;
        let of = Recorded { state: &state, id, reader };
        for Asked { what, option, path } in &asked {
            let to = path.display();
            match what {
                What::Table(table) => {
                    let rows = count(usize::try_from(save(*table, of, path, wanted.existing)?)?, "row");
                    output::line(format_args!("experiment {id}: {option} written to {to}, {rows}"))?;
                }
                What::Board(board) => {
                    let written = save_board(*board, of, path, wanted.existing)?;
                    let runs = count(written.runs, "run");
                    let left = match written.left_out {
                        0 => String::new(),
                        n => format!("; left out, as nothing was measured of them yet: {}", count(n, "run")),
                    };
                    output::line(format_args!("experiment {id}: {runs} written to {to}{left}"))?;
                }
            }
        }
        Ok::<ExitCode, Error>(ExitCode::SUCCESS)
    })
}

/// What can be refused before anything is read or written.
fn check(asked: &[Asked<'_>], existing: Existing) -> Result<()> {
    for (i, one) in asked.iter().enumerate() {
        let path = one.path;
        let occupied = match one.what {
            What::Table(_) => {
                Form::of(path)?;
                path.exists()
            }
            What::Board(_) if path.is_file() => bail!("{}: --{} needs a folder", path.display(), one.option),
            What::Board(_) => is_occupied(path),
        };
        if occupied && existing == Existing::Keep {
            return Err(RecordsError::Occupied(path.to_owned()).into());
        }
        if let Some(other) = asked[..i].iter().find(|other| other.path == path) {
            let (first, second) = (other.option, one.option);
            bail!("--{first} and --{second} name the same place, {}; give each its own", path.display());
        }
    }
    Ok(())
}

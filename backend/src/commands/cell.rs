//! One cell of an experiment: a run that is known, or one of an experiment file.

use super::output::OutputFormat;
use super::run::File;
use crate::artifacts::find_run;
use crate::lab;
use crate::model::{self, Model};
use crate::store::Reader;
use anyhow::{Context, Result, bail};
use clap::Args;
use std::path::Path;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::mask::Mask;
use tunemask_shared::task::TaskName;
use tunemask_shared::validation::{GridCell, validate};

/// Which cell of an experiment file.
#[derive(Args, Clone, Debug)]
pub struct CellChoice {
    /// The task, where the experiment has several
    #[arg(long)]
    task: Option<TaskName>,
    /// The mask, where it makes a difference
    #[arg(long)]
    mask: Option<Mask>,
    /// The peak learning rate, where it makes a difference
    #[arg(long, value_name = "RATE")]
    learning_rate: Option<f64>,
    /// The seed, where the experiment has several
    #[arg(long)]
    seed: Option<u64>,
}

/// What has to be known of a cell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needs {
    /// Task and seed: they decide the initial head.
    Head,
    /// All that decides what a step reads, and its learning rate.
    Order,
}

/// A cell and the experiment that holds it, whose protocol is the cell's.
#[derive(Debug)]
pub struct Cell {
    /// The experiment.
    pub experiment: Experiment,
    /// Its cell.
    pub cell: GridCell,
}

impl CellChoice {
    /// Whether anything is chosen.
    pub fn is_made(&self) -> bool {
        self.task.is_some() || self.mask.is_some() || self.learning_rate.is_some() || self.seed.is_some()
    }

    /// The cell of an experiment file, which must be one up to what `needs` leaves open, or of a run by the beginning of
    /// its id.
    ///
    /// # Errors
    /// An experiment file that cannot be run, has no such cell, or several; no such run, or several.
    pub fn find(&self, named: &str, home: &Path, needs: Needs) -> Result<Cell> {
        let path = Path::new(named);
        if path.is_file() || path.extension().is_some_and(|e| e == "toml") {
            return self.of_file(path, needs);
        }
        if self.is_made() {
            bail!(
                "a run has one task, mask, learning rate and seed; leave the choice out, or name a .toml file"
            );
        }
        let state = Reader::open(home)?.state()?;
        let run = find_run(&state, named)?;
        let known = state.runs.get(&run).with_context(|| format!("run {run} is not known"))?;
        let holds = state.experiments.values().rev().find(|held| held.runs.contains(&run));
        let held = holds.with_context(|| format!("no experiment holds run {run}"))?;
        let spec = known.spec.clone();
        let experiment = Experiment {
            batch_size: spec.batch_size,
            gradient_accumulation: spec.gradient_accumulation,
            max_length: spec.max_length,
            warmup_fraction: spec.warmup_fraction,
            train_limit: spec.train_limit,
            ..held.experiment.clone()
        };
        let cell = GridCell {
            task: spec.task.clone(),
            mask: spec.mask,
            learning_rate: spec.learning_rate,
            seed: spec.seed,
            epochs: spec.epochs,
        };
        Ok(Cell { experiment, cell })
    }

    fn of_file(&self, path: &Path, needs: Needs) -> Result<Cell> {
        let file = File::read(path, OutputFormat::Text)?;
        let experiment = file.experiment();
        let facts = lab::inspect(&experiment.model, experiment.data.as_deref());
        let valid = validate(experiment, &facts).map_err(|errors| file.refused(&errors))?;
        let wanted = |cell: &GridCell| {
            self.task.as_ref().is_none_or(|name| cell.task.name() == name)
                && self.mask.as_ref().is_none_or(|mask| cell.mask == *mask)
                && self.learning_rate.is_none_or(|rate| cell.learning_rate == rate)
                && self.seed.is_none_or(|seed| cell.seed == seed)
        };
        let cells: Vec<GridCell> = valid.cells().into_iter().filter(wanted).collect();
        let Some(first) = cells.first() else { bail!("{} has no such run", path.display()) };
        let ordered = needs == Needs::Order;
        let open = [
            ("--task", cells.iter().any(|cell| cell.task != first.task)),
            ("--seed", cells.iter().any(|cell| cell.seed != first.seed)),
            (
                "--learning-rate",
                ordered && cells.iter().any(|cell| cell.learning_rate != first.learning_rate),
            ),
            ("--mask", ordered && cells.iter().any(|cell| cell.epochs != first.epochs)),
        ];
        let open: Vec<&str> =
            open.iter().filter(|(_, differs)| *differs).map(|(option, _)| *option).collect();
        if !open.is_empty() {
            bail!("{} has several such runs; choose one with {}", path.display(), open.join(", "));
        }
        Ok(Cell { cell: first.clone(), experiment: valid.experiment })
    }
}

impl Cell {
    /// Its model, with the experiment's delta applied.
    ///
    /// # Errors
    /// The model or the delta cannot be used.
    pub fn model(&self) -> Result<Model> {
        Ok(model::open_with(&self.experiment.model, self.experiment.delta_file().map(Path::new))?)
    }

    /// The folder of the tasks' folders.
    pub fn data(&self) -> Option<&Path> {
        self.experiment.data.as_deref().map(str::trim).filter(|data| !data.is_empty()).map(Path::new)
    }
}

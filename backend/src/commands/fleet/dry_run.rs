//! Plans that are written for others to submit.

use crate::commands::output;
use crate::lab::{Lab, LabError, Workers};
use anyhow::{Error, Result};
use clap::Args;
use indicatif::HumanDuration;
use std::time::Duration;
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::text::count;

/// Whether anything is submitted.
#[derive(Args, Clone, Copy, Debug)]
#[command(next_help_heading = "Many devices and machines")]
pub struct DryRun {
    /// Write the plan's folder and its script, print how to submit them, and train nothing
    #[arg(long, requires = "slurm")]
    dry_run: bool,
}

impl DryRun {
    /// Writes the plan of an experiment instead of training it; gives whether it did.
    ///
    /// # Errors
    /// Every field's error, which `refused` puts into words; the folder cannot be written.
    pub fn write(
        self,
        lab: &Lab,
        experiment: &Experiment,
        workers: &Workers,
        refused: impl FnOnce(&[FieldError]) -> Error,
    ) -> Result<Written> {
        let Some(launch) = workers.launch() else { return Ok(Written::No) };
        if !self.dry_run {
            return Ok(Written::No);
        }
        let plan = lab.write_plan(experiment, launch).map_err(|error| match error {
            LabError::Invalid(errors) => refused(&errors),
            other => other.into(),
        })?;
        if plan.runs == 0 {
            output::note("tunemask: there is nothing to train");
            return Ok(Written::Yes);
        }
        let time = |secs: f64| HumanDuration(Duration::from_secs_f64(secs.clamp(1.0, 1e12)));
        let (all, longest) =
            (plan.task_secs.iter().sum(), plan.task_secs.iter().copied().fold(0.0, f64::max));
        output::note(format_args!(
            "{} in {}; by this machine's speed the longest takes about {}, all about {}",
            count(plan.runs, "run"),
            count(plan.task_secs.len(), "task"),
            time(longest),
            time(all)
        ));
        output::note(format_args!(
            "Other job systems start `{} worker {} TASK` for tasks 0 to {}; `tunemask watch {}` shows them.",
            "tunemask",
            plan.folder.display(),
            plan.task_secs.len() - 1,
            plan.folder.display()
        ));
        output::line(format_args!("# {}", plan.script.display()))?;
        for command in plan.commands {
            output::line(command)?;
        }
        Ok(Written::Yes)
    }
}

/// Whether a plan was written instead of trained.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was.
    Yes,
    /// It is to be trained.
    No,
}

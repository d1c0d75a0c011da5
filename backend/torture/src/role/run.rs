//! `tunemask run`, which prints every line.

use super::{Ended, Progress, Role, Stage, Working};
use crate::ledger::Shown;
use crate::program::{Ending, Heard, Means, PATIENCE, Program};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// What it is called.
const RUN: &str = "run";

/// `tunemask run --json` on the study's file.
#[derive(Debug)]
pub struct Run;

/// One that works, with or without workers.
#[derive(Debug)]
pub(super) struct Runs {
    pub program: Program,
    shown: Vec<Shown>,
}

impl Role for Run {
    fn name(&self) -> &'static str {
        RUN
    }

    fn start(&self, stage: Stage<'_>) -> Result<Box<dyn Working>> {
        let program = stage.binary.start(&Means::default(), &stage.study.arguments(), stage.home)?;
        Ok(Box::new(Runs::of(program)))
    }
}

impl Runs {
    /// One that has shown nothing yet.
    pub fn of(program: Program) -> Self {
        Self { program, shown: Vec::new() }
    }

    fn take(&mut self, line: &str) {
        // What a kill has cut is no line.
        self.shown.extend(serde_json::from_str(line).ok().map(Shown::Printed));
    }
}

impl Working for Runs {
    fn work(&mut self, within: Duration) -> Result<Progress> {
        let begin = Instant::now();
        loop {
            match self.program.hear(within.saturating_sub(begin.elapsed())) {
                Heard::Line(line) => self.take(&line),
                Heard::Nothing => return Ok(Progress::Works),
                Heard::End => break,
            }
        }
        let status = self.program.ended(PATIENCE)?;
        if !status.success() {
            bail!("`tunemask run` ended with {status}: {}", self.program.errors());
        }
        Ok(Progress::Over)
    }

    fn end(mut self: Box<Self>, how: Ending) -> Result<Ended> {
        self.program.end(how)?;
        // What it had printed before is still to be read.
        while let Heard::Line(line) = self.program.hear(PATIENCE) {
            self.take(&line);
        }
        match self.program.cry() {
            Some(cry) => bail!("`tunemask run` cried: {cry}"),
            None => Ok(Ended { shown: self.shown, kind: RUN }),
        }
    }
}

//! `tunemask run`, which prints every line.

use super::{Progress, Role, Stage, Working};
use crate::ledger::Shown;
use crate::program::{Ending, Heard, Means, PATIENCE, Program};
use anyhow::{Result, bail};
use std::time::{Duration, Instant};

/// `tunemask run --json` on the study's file.
#[derive(Debug)]
pub struct Run;

#[derive(Debug)]
struct Runs {
    program: Program,
    shown: Vec<Shown>,
}

impl Role for Run {
    fn name(&self) -> &'static str {
        "run"
    }

    fn start(&self, stage: Stage<'_>) -> Result<Box<dyn Working>> {
        let program = stage.binary.start(&Means::default(), &stage.study.arguments(), stage.home)?;
        Ok(Box::new(Runs { program, shown: Vec::new() }))
    }
}

impl Runs {
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

    fn end(mut self: Box<Self>, how: Ending) -> Result<Vec<Shown>> {
        self.program.end(how)?;
        // What it had printed before is still to be read.
        while let Heard::Line(line) = self.program.hear(PATIENCE) {
            self.take(&line);
        }
        match self.program.cry() {
            Some(cry) => bail!("`tunemask run` cried: {cry}"),
            None => Ok(self.shown),
        }
    }
}

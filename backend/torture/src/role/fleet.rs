//! `tunemask run` with two worker processes, of which one is killed, or the coordinator that leads them.

use super::run::Runs;
use super::{Ended, Progress, Role, Stage, Working};
use crate::program::{Ending, Means, children, kill};
use anyhow::Result;
use fastrand::Rng;
use std::time::Duration;

/// How long the others go on after a worker was killed, at most.
const AFTERWARDS: Duration = Duration::from_secs(2);

/// `tunemask run --devices cpu*2 --json` on the study's file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fleet {
    /// The coordinator is killed; its workers find out by themselves.
    Coordinator,
    /// A worker is killed; the coordinator goes on for a while, and is asked to end.
    Worker,
}

#[derive(Debug)]
struct Led {
    killed: Fleet,
    runs: Runs,
    chance: Rng,
}

impl Role for Fleet {
    fn name(&self) -> &'static str {
        match self {
            Fleet::Coordinator => "coordinators",
            Fleet::Worker => "workers",
        }
    }

    fn start(&self, stage: Stage<'_>) -> Result<Box<dyn Working>> {
        let program = stage.binary.start(&Means::default(), &stage.study.on_two_workers(), stage.home)?;
        let chance = Rng::with_seed(stage.seed);
        Ok(Box::new(Led { killed: *self, runs: Runs::of(program), chance }))
    }
}

impl Working for Led {
    fn work(&mut self, within: Duration) -> Result<Progress> {
        self.runs.work(within)
    }

    fn end(mut self: Box<Self>, how: Ending) -> Result<Ended> {
        let workers = children(self.runs.program.id());
        match (self.killed, how, self.chance.choice(&workers)) {
            (Fleet::Worker, Ending::Kill, Some(worker)) => {
                kill(*worker)?;
                self.runs.work(AFTERWARDS.mul_f64(self.chance.f64()))?;
                let ended = Box::new(self.runs).end(Ending::Ask)?;
                Ok(Ended { kind: Fleet::Worker.name(), ..ended })
            }
            // It has no worker yet, or no more.
            _ => Ok(Ended { kind: Fleet::Coordinator.name(), ..Box::new(self.runs).end(how)? }),
        }
    }
}

//! `tunemask run` with two worker processes, of which one is killed, or the coordinator that leads them.

use super::run::Runs;
use super::{Ended, Progress, Role, Stage, Working};
use crate::program::{Ending, Means, PATIENCE, children, is_running, kill};
use anyhow::{Result, bail};
use fastrand::Rng;
use std::thread;
use std::time::{Duration, Instant};

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

/// Waits until a worker has found out that nobody leads it.
///
/// # Errors
/// It goes on.
fn await_end(worker: u32) -> Result<()> {
    let begin = Instant::now();
    while is_running(worker) {
        if begin.elapsed() > PATIENCE {
            bail!("worker {worker} goes on without its coordinator");
        }
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
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
            _ => {
                let ended = Box::new(self.runs).end(how)?;
                for worker in workers {
                    await_end(worker)?;
                }
                Ok(Ended { kind: Fleet::Coordinator.name(), ..ended })
            }
        }
    }
}

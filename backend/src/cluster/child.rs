//! A worker on this machine: a process of its own, which ends what it does when its standard input ends.
//!
//! So a worker does not outlive its coordinator, however that ends.

use super::ClusterError;
use super::told::Side;
use serde::{Deserialize, Serialize};
use std::ffi::OsString;
use std::io::Write;
use std::path::PathBuf;
use std::process::{ChildStdin, Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};
use tunemask_shared::places::HERE;

/// What a worker is told on a line of its standard input: to train tasks of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Order {
    /// The plan's folder.
    pub(crate) plan: PathBuf,
    /// Which tasks.
    pub(crate) tasks: Vec<usize>,
    /// How often they were begun before.
    pub(crate) attempt: u32,
}

/// How a worker is started.
#[derive(Clone, Debug, Default)]
pub struct Child {
    /// The program and what comes before `worker`: `ssh HOST tunemask`, or this program itself.
    pub program: Vec<OsString>,
    /// What comes behind `worker`.
    pub arguments: Vec<OsString>,
    /// The place that it is of, as experiments call it.
    pub place: String,
    /// What it is called among the workers of its machine, where there are several.
    pub name: Option<String>,
    /// Variables that it finds beside those of this program, or instead of them.
    pub environment: Vec<Variable>,
}

/// A variable of the environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// Its value.
    pub value: String,
}

/// A worker that was started.
#[derive(Debug)]
pub(crate) struct RunningChild {
    process: std::process::Child,
    /// `None` when it was told to end.
    orders: Option<ChildStdin>,
}

impl Child {
    /// Where it trains. One that nobody placed is a process of this machine.
    pub(crate) fn side(&self) -> Side {
        if self.place.is_empty() || self.place == HERE { Side::Here } else { Side::Elsewhere }
    }

    /// Starts it.
    ///
    /// # Errors
    /// The system does not.
    pub(crate) fn start(&self) -> Result<RunningChild, ClusterError> {
        let named = self.program.first().cloned().unwrap_or_default();
        let mut command = Command::new(&named);
        command.args(self.program.iter().skip(1)).arg("worker").args(&self.arguments);
        command.args(self.name.iter().flat_map(|name| ["--name", name]));
        command.envs(self.environment.iter().map(|Variable { name, value }| (name, value)));
        command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::inherit());
        // Ctrl-C on the terminal is the coordinator's to hear: it ends its workers in good order.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        let failed = |cause| ClusterError::Start { program: named.clone().into(), cause };
        let mut process = command.spawn().map_err(failed)?;
        let orders = process.stdin.take();
        Ok(RunningChild { process, orders })
    }
}

impl RunningChild {
    /// Its process's number.
    pub(crate) fn pid(&self) -> u32 {
        self.process.id()
    }

    /// Tells it to train; whether it hears that is seen by what it writes.
    pub(crate) fn tell(&mut self, order: &Order) {
        let Some(orders) = &mut self.orders else { return };
        // A pipe that is broken is a worker that has ended, which is seen where it is waited for.
        _ = serde_json::to_string(order).map(|line| writeln!(orders, "{line}").and_then(|()| orders.flush()));
    }

    /// Tells it to save and to end.
    pub(crate) fn ask_to_end(&mut self) {
        self.orders = None;
    }

    /// How it ended, if it has.
    pub(crate) fn ended(&mut self) -> Option<ExitStatus> {
        self.process.try_wait().ok().flatten()
    }

    /// Waits for its end, and ends it when that takes too long.
    pub(crate) fn wait(&mut self, patience: Duration) {
        self.ask_to_end();
        let begin = Instant::now();
        while self.ended().is_none() {
            if begin.elapsed() > patience {
                tracing::warn!("worker {} did not end in time and is killed", self.pid());
                _ = self.process.kill();
                _ = self.process.wait();
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for RunningChild {
    fn drop(&mut self) {
        self.wait(Duration::from_secs(30));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(unix)]
    fn a_worker_finds_its_own_gpu_alone_in_its_environment() {
        let folder = tempfile::tempdir().unwrap();
        let said = folder.path().join("said");
        let script = "printf %s \"$CUDA_VISIBLE_DEVICES\" > \"$0.part\" && mv \"$0.part\" \"$0\"";
        let environment =
            vec![Variable { name: super::super::CUDA_VISIBLE_DEVICES, value: "GPU-8932".into() }];
        let program =
            ["sh", "-c", script].map(OsString::from).into_iter().chain([said.clone().into()]).collect();
        let mut child = Child { program, environment, ..Child::default() }.start().unwrap();
        child.wait(Duration::from_secs(60));
        assert_eq!(std::fs::read_to_string(said).unwrap(), "GPU-8932");
    }
}

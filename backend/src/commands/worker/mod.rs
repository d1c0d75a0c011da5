//! `tunemask worker`: trains tasks of a plan folder, wherever it is started.
//!
//! In reading order:

/// What asks it to end.
mod asked;
/// The job system's own queue.
mod requeue;

use super::arguments::{Compute, Threads};
use super::output;
use crate::cluster::{Order, PlanFolder};
use crate::lab::{TaskEnd, Worker, WorkerOptions};
use anyhow::{Context, Result, bail};
use asked::Asked;
use clap::Args;
use std::io::BufRead;
use std::path::PathBuf;
use std::process::ExitCode;
use std::str::FromStr;
use std::sync::mpsc::{Receiver, channel};
use tunemask_engine::Precision;

/// Exit code of a worker whose device fails: another may do better.
const DEVICE_LOST: u8 = 75;

/// Train tasks of a plan folder and append what becomes of them to a segment in it
///
/// Started by `serve`, `run` and `study` on other devices and machines, and by the array of any job system. Opens no home
/// folder. What is over is not trained again, and what was begun continues. SIGUSR1 and SIGUSR2 save and put the Slurm task
/// into its queue again; SIGTERM and Ctrl-C save.
#[derive(Args, Debug)]
pub struct Arguments {
    /// The plan's folder
    #[arg(required_unless_present = "from_stdin")]
    plan: Option<PathBuf>,
    /// Tasks, such as 3 or 0-7 [default: all]
    tasks: Vec<Tasks>,
    /// Train what lines on standard input say, and end with them
    #[arg(long, hide = true, conflicts_with_all = ["plan", "tasks"])]
    from_stdin: bool,
    /// What it is called among the workers of its machine
    #[arg(long, hide = true)]
    name: Option<String>,
    #[command(flatten)]
    compute: Compute,
    #[command(flatten)]
    threads: Threads,
}

/// Tasks by their numbers, the last included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Tasks {
    first: usize,
    last: usize,
}

impl FromStr for Tasks {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = |text: &str| text.parse().ok();
        let read = match text.split_once('-') {
            Some((first, last)) => number(first).zip(number(last)),
            None => number(text).zip(number(text)),
        };
        match read {
            Some((first, last)) if first <= last => Ok(Self { first, last }),
            _ => Err("not a task; use a number from 0, or two as in 0-7".into()),
        }
    }
}

/// Trains until the tasks are over, or it is asked to end.
pub fn worker(arguments: &Arguments) -> Result<ExitCode> {
    let asked = Asked::listen()?;
    let plan = arguments.plan.as_deref().map(PlanFolder::open).transpose()?;
    let precision = plan.as_ref().and_then(|(_, plan)| plan.runs.first()?.job.spec.precision);
    let device = arguments.compute.open(precision.unwrap_or(Precision::F32))?;
    arguments.threads.start()?;
    let worker = Worker::new(WorkerOptions { device, name: arguments.name.clone(), job: requeue::task() });
    asked.stop(worker.clone());
    let end = match plan {
        Some((folder, plan)) => {
            let all = [Tasks { first: 0, last: plan.tasks.len().saturating_sub(1) }];
            let tasks = if arguments.tasks.is_empty() { &all[..] } else { &arguments.tasks };
            let path = std::path::absolute(folder.path())?;
            let orders = tasks.iter().map(|tasks| Order {
                plan: path.clone(),
                tasks: (tasks.first..=tasks.last).collect(),
                attempt: requeue::restarts(),
            });
            train(&worker, orders)?
        }
        None => train(&worker, read_orders(worker.clone())?)?,
    };
    Ok(match end {
        TaskEnd::Done => ExitCode::SUCCESS,
        TaskEnd::Stopped if asked.is_time_up() => {
            requeue::requeue();
            ExitCode::SUCCESS
        }
        TaskEnd::Stopped => ExitCode::from(asked.code()),
        TaskEnd::Lost => {
            output::note("tunemask: the device fails; what it trained is saved as far as the device gave it");
            ExitCode::from(DEVICE_LOST)
        }
    })
}

fn train(worker: &Worker, orders: impl IntoIterator<Item = Order>) -> Result<TaskEnd> {
    for order in orders {
        for task in order.tasks {
            let end = worker
                .train(&order.plan, task, order.attempt)
                .with_context(|| format!("task {task} of {}", order.plan.display()))?;
            if end != TaskEnd::Done {
                return Ok(end);
            }
        }
    }
    Ok(TaskEnd::Done)
}

/// What standard input says, line by line; its end is the worker's.
fn read_orders(worker: Worker) -> Result<Receiver<Order>> {
    let (sender, orders) = channel();
    let read = move || {
        for line in std::io::stdin().lock().lines().map_while(Result::ok) {
            match serde_json::from_str(&line) {
                Ok(order) => {
                    if sender.send(order).is_err() {
                        break;
                    }
                }
                Err(error) => tracing::error!("an order cannot be read: {error}"),
            }
        }
        worker.stop("its coordinator");
    };
    match std::thread::Builder::new().name("orders".into()).spawn(read) {
        Ok(_) => Ok(orders),
        Err(error) => bail!("cannot start the thread that reads orders: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_numbers_or_ranges() {
        let read = |text: &str| text.parse::<Tasks>().map(|tasks| (tasks.first, tasks.last));
        assert_eq!(read("3"), Ok((3, 3)));
        assert_eq!(read("0-7"), Ok((0, 7)));
        for wrong in ["", "x", "7-0", "-1", "1-", "1-2-3"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}

//! Where gangs train: a device of this program, workers on devices of this machine. Each place is a thread that takes
//! orders from the foreman and says when one is over; its runs' lines go to the log by themselves. In reading order:

/// The lines of workers, on their way to the log.
mod folding;
/// What runs left in a plan's folder, on its way home.
mod homing;
/// A worker that is a process of this machine.
mod worker_process;
/// Plans that an earlier program left.
mod older;
/// Where plans are that are trained elsewhere.
mod submitted;
/// What is unfinished and in no queue.
mod reconcile;
/// Plans that are trained elsewhere.
mod remote;

pub(super) use folding::FoldsInto;
pub(super) use homing::lend_checkpoints;
pub(super) use older::fold_older;
pub(super) use reconcile::Known;
pub use remote::Launch;
pub(super) use remote::{Followed, Remote, at_once, start as start_remote, tasks, work_plan};
pub(super) use submitted::{Found, Submitted};
pub(super) use worker_process::{WorkerProcess, start as start_process};

use super::LabError;
use super::job::Job;
use super::training::Ended;
use std::collections::HashSet;
use std::sync::mpsc::SyncSender;
use std::thread::JoinHandle;
use tunemask_shared::run::RunId;

/// The folder of plans in a home folder.
pub(super) const PLANS: &str = "plans";

/// A place, by its number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct PlaceId(pub(super) usize);

/// How much a place takes at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Capacity {
    /// What it has is all that it gets.
    Nothing,
    /// The next gang.
    OneGang,
    /// All that wait: they are trained elsewhere, many at once.
    AllGangs {
        /// How many, about.
        at_once: usize,
        /// Memory of a worker, where it is known.
        memory_bytes: Option<u64>,
    },
}

/// A place, as the foreman has it.
#[derive(Debug)]
pub(super) struct Place {
    /// What experiments call it; others may have the same name.
    pub(super) name: String,
    /// Where its orders go; it ends when this is dropped.
    pub(super) orders: SyncSender<Order>,
    pub(super) thread: JoinHandle<()>,
    pub(super) capacity: Capacity,
}

/// What a place is to train.
#[derive(Clone, Debug)]
pub(super) struct Order {
    /// Gangs, one after the other or beside each other.
    pub(super) gangs: Vec<Vec<Job>>,
}

impl Order {
    /// All of its runs.
    pub(super) fn runs(&self) -> HashSet<RunId> {
        self.gangs.iter().flatten().map(|job| job.run.clone()).collect()
    }
}

/// What became of an order.
#[derive(Debug)]
pub(super) struct Report {
    pub(super) place: PlaceId,
    /// Its runs.
    pub(super) runs: HashSet<RunId>,
    /// How it ended, or that its lines could not be written.
    pub(super) ended: Result<Ended, LabError>,
}

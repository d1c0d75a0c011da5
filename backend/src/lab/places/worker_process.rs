//! A worker that is a process of this machine: it lives from gang to gang, and is started anew when it has ended.

use super::folding::{FolderEnd, Folding, FoldsInto};
use super::homing::{Homing, TakesFiles};
use super::{Capacity, Order, PLANS, Place, PlaceId, Report};
use crate::artifacts::Artifacts;
use crate::cluster::{Ask, Child, ClusterError, Left, PlanFolder, RunningChild, Told, WorkPlan, host};
use crate::lab::LabError;
use crate::lab::foreman::Command;
use crate::lab::gone::GoneRun;
use crate::lab::training::Ended;
use std::collections::HashSet;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};
use tunemask_shared::run::RunId;

/// Time between two looks at what a worker wrote.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// How long a worker may take to save what it trains and to end.
const EXIT_GRACE: Duration = Duration::from_secs(60);

/// A worker that is a process, as its place has it.
#[derive(Debug)]
pub(in crate::lab) struct WorkerProcess {
    /// How it is started.
    pub(in crate::lab) child: Child,
    pub(in crate::lab) home: PathBuf,
    pub(in crate::lab) with: FoldsInto,
}

/// Starts a place whose gangs a process trains.
///
/// # Errors
/// The system starts no thread.
pub(in crate::lab) fn start(
    process: WorkerProcess,
    place: PlaceId,
    foreman: SyncSender<Command>,
) -> Result<Place, LabError> {
    let (orders, received) = sync_channel(1);
    let name = process.child.place.clone();
    let thread = thread::Builder::new()
        .name("worker".into())
        .spawn(move || process.work(place, &received, &foreman))
        .map_err(|e| LabError::Thread(e.into()))?;
    Ok(Place { name, orders, thread, capacity: Capacity::OneGang })
}

/// A gang that a worker has.
struct Given {
    folding: Folding,
    folder: PlanFolder,
    runs: HashSet<RunId>,
    /// Which order of its place it is: segments that others left there do not count.
    attempt: u32,
    /// What was asked of it so far.
    asked: Ask,
}

impl WorkerProcess {
    fn work(&self, place: PlaceId, orders: &Receiver<Order>, foreman: &SyncSender<Command>) {
        let (mut child, mut attempt) = (None, 0);
        while let Ok(order) = orders.recv() {
            let runs = order.runs();
            attempt += 1;
            let ended = self.train(order, attempt, &mut child);
            if foreman.send(Command::Idle(Report { place, runs, ended })).is_err() {
                return;
            }
        }
    }

    pub(super) fn train(
        &self,
        order: Order,
        attempt: u32,
        child: &mut Option<RunningChild>,
    ) -> Result<Ended, LabError> {
        let runs = order.runs();
        let lost =
            |runs: HashSet<RunId>, why: String| Ok(Ended::Lost { runs: runs.into_iter().collect(), why });
        let folder = match self.give(order) {
            Ok(folder) => folder,
            Err(error) => return lost(runs, error.to_string()),
        };
        let homing = self.homing(&folder);
        let folding = Folding::of_new(folder.clone(), &runs, self.with.clone(), homing)?;
        let given = Given { folding, folder, runs: runs.clone(), attempt, asked: Ask::default() };
        if child.as_mut().is_none_or(|child| child.ended().is_some()) {
            *child = None;
        }
        if child.is_none() {
            match self.child.start() {
                Ok(started) => *child = Some(started),
                Err(error) => {
                    given.folding.close(&runs, FolderEnd::Removed)?;
                    return lost(runs, error.to_string());
                }
            }
        }
        let Some(worker) = child else { return Ok(Ended::Over) };
        let told = Told { by: host(), pid: worker.pid(), trains: self.child.side() };
        if let Err(error) = given.folder.note_told(&told) {
            given.folding.close(&runs, FolderEnd::Removed)?;
            return lost(runs, error.to_string());
        }
        let tasks = vec![0];
        worker.tell(&crate::cluster::Order { plan: given.folder.path().to_owned(), tasks, attempt });
        let ended = self.follow(given, worker)?;
        if !matches!(ended, Ended::Over) {
            // What it is in now is not known.
            *child = None;
        }
        Ok(ended)
    }

    /// Writes the plan of an order.
    fn give(&self, order: Order) -> Result<PlanFolder, ClusterError> {
        let runs = order.runs();
        let gangs: Vec<_> = order.gangs.into_iter().map(|jobs| (jobs, 0.0)).collect();
        let all = (0..gangs.len()).collect();
        let plan = WorkPlan::new(Vec::new(), gangs, vec![all]);
        let folder = PlanFolder::create_apart(&self.home.join(PLANS), &plan)?;
        let homing = self.homing(&folder);
        runs.iter().for_each(|run| homing.lend_checkpoint(run));
        Ok(folder)
    }

    fn homing(&self, folder: &PlanFolder) -> Homing {
        Homing {
            home: Artifacts::new(&self.home),
            plan: Artifacts::inside(&folder.runs_folder()),
            takes: TakesFiles::Own,
        }
    }

    /// Brings what a worker writes into the log until it has left the plan.
    fn follow(&self, mut given: Given, worker: &mut RunningChild) -> Result<Ended, LabError> {
        let mut ends: Option<Instant> = None;
        // When something was new last.
        let mut heard = Instant::now();
        let ended = loop {
            self.ask(&mut given);
            if self.with.control.is_stopped() && ends.is_none() {
                worker.ask_to_end();
                ends = Some(Instant::now());
            }
            // Before the look at what it wrote: what a process wrote before it ended is there then.
            let status = worker.ended();
            let news = given.folding.poll()?;
            if news || status.is_none() {
                heard = Instant::now();
            }
            match (given.folding.left_by(given.attempt), status) {
                (Some(Left::Lost { why }), _) => {
                    break Ended::Lost { runs: self.open(&given), why: why.clone() };
                }
                (Some(left), _) => break self.gone(&given, left.to_string()),
                // Over ssh it may outlive the connection, and what cannot be read now may be a moment later.
                (None, Some(status))
                    if !news
                        && given
                            .folding
                            .awaited()
                            .is_none_or(|awaited| heard.elapsed() > awaited.patience()) =>
                {
                    break self.gone(&given, status.to_string());
                }
                (None, _) => {}
            }
            if ends.is_some_and(|since| since.elapsed() > EXIT_GRACE) {
                break self.gone(&given, "it did not end in time".into());
            }
            if !news {
                thread::sleep(POLL_INTERVAL);
            }
        };
        let runs = given.runs;
        given.folding.close(&runs, FolderEnd::Removed)?;
        Ok(ended)
    }

    /// Passes on what the foreman signals.
    fn ask(&self, given: &mut Given) {
        let now = Ask {
            pause: self.with.control.is_paused(),
            cancelled: self.with.control.cancelled(&given.runs).into_iter().collect(),
        };
        match given.folder.ask(&given.asked, &now) {
            Ok(()) => given.asked = now,
            // It is tried again.
            Err(error) => tracing::warn!("a worker could not be asked: {error}"),
        }
    }

    /// How an order ended whose worker has left it, with all of its runs over or before its time.
    fn gone(&self, given: &Given, why: String) -> Ended {
        let came_to = |run: RunId| GoneRun { came_to: given.folding.came_to(&run), run };
        let runs: Vec<GoneRun> = self.open(given).into_iter().map(came_to).collect();
        // The program ends, or nothing was left to do.
        if self.with.control.is_stopped() || runs.is_empty() {
            Ended::Over
        } else {
            Ended::Gone { runs, why }
        }
    }

    fn open(&self, given: &Given) -> Vec<RunId> {
        given.runs.iter().filter(|run| !given.folding.fold().is_over(run)).cloned().collect()
    }
}

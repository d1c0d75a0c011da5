//! Plans that are trained elsewhere: all that waits goes into one, Slurm or the user starts workers, and what they write is
//! brought into the log. Whoever ends this program ends nothing of it.

use super::folding::{FolderEnd, Folding, FoldingEnd, FoldsInto};
use super::homing::{Homing, TakesFiles};
use super::reconcile::{Known, Reconcile};
use super::submitted::{Found, Submitted};
use super::{Capacity, Order, Place, PlaceId, Report};
use crate::artifacts::Artifacts;
use crate::cluster::{Ask, ClusterError, PlanFolder, SlurmSettings, Submission, WorkPlan};
use crate::lab::LabError;
use crate::lab::foreman::Command;
use crate::lab::job::Job;
use crate::lab::training::Ended;
use crate::store::Mark;
use std::collections::{HashMap, HashSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};
use tunemask_engine::Precision;
use tunemask_shared::event::EventKind;
use tunemask_shared::places::SLURM;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState};

/// Time between two looks at what workers wrote: at first, and when nothing has come for long.
const POLL_INTERVALS: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(5)];

/// Tasks into which a plan is cut at least, where Slurm is not told how many may run at once.
const MIN_TASKS: usize = 4;

/// How plans get their workers.
#[derive(Clone, Debug)]
pub struct Launch {
    /// What Slurm is asked for.
    pub settings: SlurmSettings,
    /// The precision of the workers' devices.
    pub precision: Precision,
    /// What comes behind the plan in a worker's command line.
    pub arguments: Vec<String>,
}

/// A place whose plans are trained elsewhere.
#[derive(Debug)]
pub(in crate::lab) struct Remote {
    pub(in crate::lab) home: PathBuf,
    pub(in crate::lab) with: FoldsInto,
    /// How its plans get their workers; `None` where others see to that.
    pub(in crate::lab) launch: Option<Launch>,
}

/// A plan that is followed.
#[derive(Debug)]
pub(in crate::lab) struct Followed {
    name: String,
    folder: PlanFolder,
    runs: HashSet<RunId>,
    folding: Folding,
    /// `None` where others see to its workers.
    reconcile: Option<Reconcile>,
    asked: Ask,
}

impl Followed {
    /// Its runs.
    pub(in crate::lab) fn runs(&self) -> &HashSet<RunId> {
        &self.runs
    }
}

/// Starts a place; `adopted` is what a program before this one had submitted.
///
/// # Errors
/// The system starts no thread.
pub(in crate::lab) fn start(
    remote: Remote,
    place: PlaceId,
    adopted: Vec<Followed>,
    foreman: SyncSender<Command>,
) -> Result<Place, LabError> {
    let (orders, received) = sync_channel(1);
    let capacity = remote.launch.as_ref().map_or(Capacity::Nothing, |Launch { settings, .. }| {
        Capacity::AllGangs { at_once: at_once(settings), memory_bytes: settings.memory_bytes() }
    });
    let thread = thread::Builder::new()
        .name("submitted".into())
        .spawn(move || remote.work(place, adopted, &received, &foreman))
        .map_err(|e| LabError::Thread(e.into()))?;
    Ok(Place { name: SLURM.into(), orders, thread, capacity })
}

impl Remote {
    fn work(
        &self,
        place: PlaceId,
        adopted: Vec<Followed>,
        orders: &Receiver<Order>,
        foreman: &SyncSender<Command>,
    ) {
        let all: HashSet<RunId> = adopted.iter().flat_map(|followed| followed.runs.clone()).collect();
        let mut open = adopted.into_iter();
        let ended = open.try_for_each(|followed| self.follow(followed));
        // Whether anybody hears it.
        let report = |runs, ended: Result<Ended, LabError>| {
            foreman.send(Command::Idle(Report { place, runs, ended })).is_ok()
        };
        if !all.is_empty() && !report(all, ended.map(|()| Ended::Over)) {
            return;
        }
        while let Ok(order) = orders.recv() {
            let runs = order.runs();
            let given = self.launch.as_ref().map(|launch| self.give(order, launch));
            let ended = match given.unwrap_or_else(|| Err(ClusterError::NoPlan(self.home.clone()).into())) {
                Ok(followed) => self.follow(followed).map(|()| Ended::Over),
                Err(error) => {
                    Ok(Ended::Lost { runs: runs.iter().cloned().collect(), why: error.to_string() })
                }
            };
            if !report(runs, ended) {
                return;
            }
        }
    }

    /// Writes the plan of an order, and takes note of where it is.
    fn give(&self, order: Order, launch: &Launch) -> Result<Followed, LabError> {
        let settings = &launch.settings;
        let experiments = self.with.journal.feed().read(|state| experiments_of(state, &order.runs()));
        let plan = work_plan(order.gangs, experiments, settings);
        let name = PlanFolder::name_of(&plan);
        let above = settings.folder.clone().unwrap_or_else(|| self.home.join("slurm"));
        let path = std::path::absolute(above.join(&name))
            .map_err(|cause| ClusterError::Io { path: above, cause })?;
        let folder = PlanFolder::create(path.clone(), &plan)?;
        let submitted = Submitted::of(&self.home).add(&name, &path);
        submitted.map_err(|cause| ClusterError::Io { path: self.home.clone(), cause })?;
        let found = Found { name, folder, plan };
        // What the log may know of a folder of this name, it knows of one that is gone.
        self.with.journal.append_folded(Vec::new(), vec![Mark::Forget { plan: found.name.clone() }])?;
        let followed = self.followed(found, HashMap::new(), Known::New)?;
        let homing = self.homing(&followed.folder);
        followed.runs.iter().for_each(|run| homing.lend_checkpoint(run));
        Ok(followed)
    }

    fn homing(&self, folder: &PlanFolder) -> Homing {
        let takes = if self.launch.is_some() { TakesFiles::Own } else { TakesFiles::Others };
        Homing { home: Artifacts::new(&self.home), plan: Artifacts::inside(&folder.runs_folder()), takes }
    }

    /// A plan, to be followed.
    ///
    /// # Errors
    /// Its script cannot be written.
    pub(in crate::lab) fn followed(
        &self,
        found: Found,
        folded: HashMap<String, u64>,
        known: Known,
    ) -> Result<Followed, ClusterError> {
        let Found { name, folder, plan } = found;
        let runs: HashSet<RunId> = plan.runs.iter().map(|planned| planned.job.run.clone()).collect();
        let reconcile = match &self.launch {
            Some(Launch { settings, arguments, .. }) => {
                let submission = Submission::new(settings, &folder, &name, plan.tasks.len(), arguments)?;
                let task_runs = |task| plan.gangs_of(task).flat_map(|gang| gang.runs.clone()).collect();
                let tasks = (0..plan.tasks.len()).map(task_runs).collect();
                Some(Reconcile::new(settings.clone(), submission, tasks, folder.logs_folder(), known))
            }
            None => None,
        };
        let homing = self.homing(&folder);
        let folding = Folding::new(name.clone(), folder.clone(), &runs, folded, self.with.clone(), homing);
        // A program before this one may have left a pause there that is over.
        let asked = folder.asks().unwrap_or_default();
        Ok(Followed { name, folder, runs, folding, reconcile, asked })
    }

    /// Brings what workers write into the log until all runs are over, or this program ends.
    fn follow(&self, mut followed: Followed) -> Result<(), LabError> {
        let mut pause = POLL_INTERVALS[0];
        let mut end = FolderEnd::Removed;
        loop {
            if self.with.control.is_stopped() {
                followed.folding.leave();
                return Ok(());
            }
            self.ask(&mut followed);
            let news = followed.folding.poll()?;
            self.end_cancelled(&mut followed)?;
            let failed = followed.reconcile.as_mut().map(|reconcile| reconcile.tick(&mut followed.folding));
            for line in failed.into_iter().flatten() {
                end = FolderEnd::Kept;
                followed.folding.end(line)?;
            }
            if followed.runs.iter().all(|run| followed.folding.fold().is_over(run)) {
                break;
            }
            pause = if news { POLL_INTERVALS[0] } else { (pause + POLL_INTERVALS[0]).min(POLL_INTERVALS[1]) };
            self.sleep(if news { POLL_INTERVALS[0] } else { pause });
        }
        let Some(reconcile) = followed.reconcile else {
            followed.folding.leave();
            return Ok(());
        };
        reconcile.cancel_all();
        if followed.folding.close(&followed.runs, end)? == FoldingEnd::Over {
            Submitted::of(&self.home).remove(&followed.name);
        }
        Ok(())
    }

    /// Sleeps, but not beyond the program's end.
    fn sleep(&self, time: Duration) {
        let begin = Instant::now();
        while begin.elapsed() < time && !self.with.control.is_stopped() {
            thread::sleep(POLL_INTERVALS[0].min(time));
        }
    }

    /// Passes on what the foreman signals.
    fn ask(&self, followed: &mut Followed) {
        if self.launch.is_none() {
            // They obey another.
            return;
        }
        let control = &self.with.control;
        let cancelled = control.cancelled(&followed.runs).into_iter().collect();
        let now = Ask { pause: control.is_paused(), cancelled };
        if let Err(error) = followed.folder.ask(&followed.asked, &now) {
            // It is tried again.
            tracing::warn!("workers could not be asked: {error}");
        } else {
            followed.asked = now;
        }
    }

    /// Ends runs that are cancelled and that nobody trains.
    fn end_cancelled(&self, followed: &mut Followed) -> Result<(), LabError> {
        for run in self.with.control.cancelled(&followed.runs) {
            let waits = |status| matches!(status, RunStatus::Queued | RunStatus::Interrupted);
            let status =
                self.with.journal.feed().read(|state| state.runs.get(&run).map(|known| known.status));
            if !followed.folding.fold().is_over(&run) && status.is_some_and(waits) {
                followed.folding.end(EventKind::Cancelled { run })?;
            }
        }
        Ok(())
    }
}

/// The experiments that hold runs, as lines of the log.
fn experiments_of(state: &LabState, runs: &HashSet<RunId>) -> Vec<EventKind> {
    let holds = |held: &&ExperimentState| held.runs.iter().any(|run| runs.contains(run));
    let of = state.experiments.iter().filter(|(_, held)| holds(held));
    of.map(|(id, held)| EventKind::Created {
        experiment_id: *id,
        experiment: held.experiment.clone(),
        runs: held.runs.clone(),
        plan: held.plan.clone(),
    })
    .collect()
}

/// A plan of gangs: tasks of about the time that a task is to take, and as many as may run at once.
pub(in crate::lab) fn work_plan(
    gangs: Vec<Vec<Job>>,
    experiments: Vec<EventKind>,
    settings: &SlurmSettings,
) -> WorkPlan {
    let expected = |jobs: &Vec<Job>| jobs.iter().map(|job| job.expected_secs).sum::<f64>();
    let gangs: Vec<(Vec<Job>, f64)> = gangs
        .into_iter()
        .map(|jobs| {
            let secs = expected(&jobs);
            (jobs, secs)
        })
        .collect();
    let times: Vec<f64> = gangs.iter().map(|(_, secs)| *secs).collect();
    let tasks = tasks(&times, settings);
    WorkPlan::new(experiments, gangs, tasks)
}

/// The tasks of gangs that take so many seconds each: of about the time that a task is to take, and as many as may run at once.
pub(in crate::lab) fn tasks(gang_secs: &[f64], settings: &SlurmSettings) -> Vec<Vec<usize>> {
    let all: f64 = gang_secs.iter().sum();
    packed(gang_secs, (60.0 * settings.task_minutes).min(all / at_once(settings) as f64))
}

/// How many tasks may run at once, about.
pub(in crate::lab) fn at_once(settings: &SlurmSettings) -> usize {
    settings.at_once.map_or(MIN_TASKS, |tasks| tasks as usize)
}

/// Cuts gangs, in their order, into tasks that take no longer than that; one that takes longer is a task of its own.
fn packed(gang_secs: &[f64], most_secs: f64) -> Vec<Vec<usize>> {
    let mut tasks: Vec<Vec<usize>> = Vec::new();
    let mut secs = f64::INFINITY;
    // Where nothing is expected, nobody knows how long one takes.
    if most_secs <= 0.0 {
        return (0..gang_secs.len()).map(|gang| vec![gang]).collect();
    }
    for (gang, own) in gang_secs.iter().enumerate() {
        secs += own;
        match tasks.last_mut() {
            // A little over is not a task more.
            Some(task) if secs <= 1.05 * most_secs => task.push(gang),
            _ => {
                tasks.push(vec![gang]);
                secs = *own;
            }
        }
    }
    tasks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gangs_are_packed_into_tasks_of_a_time() {
        assert_eq!(packed(&[10.0, 10.0, 10.0, 50.0, 5.0], 20.0), [vec![0, 1], vec![2], vec![3], vec![4]]);
        assert_eq!(packed(&[1.0; 4], 1.0), [vec![0], vec![1], vec![2], vec![3]]);
        assert_eq!(packed(&[0.0; 3], 0.0), [vec![0], vec![1], vec![2]]);
        assert!(packed(&[], 10.0).is_empty());
    }
}

//! Experiments that are asked for: queued, or only planned.

use super::{Inner, Lab};
use crate::artifacts::Artifacts;
use crate::files::free_bytes;
use crate::lab::LabError;
use crate::lab::foreman::{Asked, Command, Submission};
use crate::lab::places::tasks;
use crate::lab::plan::{By, ExperimentPlan, Share};
use crate::lab::trainers::Trainers;
use std::collections::HashSet;
use std::sync::Arc;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::places::{SLURM, workers};
use tunemask_shared::plan::{Plan, PlannedDisk};
use tunemask_shared::run::{RunId, RunStatus};

/// What an experiment would take.
#[derive(Clone, Debug, PartialEq)]
pub struct Preview {
    /// All of its runs.
    pub runs: usize,
    /// The gangs of those that are still to train.
    pub plan: Plan,
}

impl Lab {
    /// Validates an experiment and queues those of its runs that are not done yet, and those that finished but of which
    /// nothing is left.
    ///
    /// Reads the model and the data's fingerprints first, which takes seconds for a large one.
    ///
    /// # Errors
    /// Every field's error; the disk has no room for what the runs would leave; or the log cannot be written.
    pub fn submit(&self, experiment: &Experiment) -> Result<ExperimentId, LabError> {
        let plan = self.make(experiment)?;
        let gone = self.gone(&plan)?;
        let asked = Arc::new(Asked { plan, gone });
        // Again only if another's wish changed meanwhile which of them are to train.
        loop {
            let trains = self.0.ask(|reply| Command::Ask(asked.clone(), reply))?;
            let gangs = asked.plan.gangs(&trains);
            let disk = asked.plan.disk(&gangs);
            self.room(disk.most)?;
            let gangs = Plan { disk: Some(disk), ..gangs };
            let submission = Submission { asked: asked.clone(), trains, gangs };
            if let Some(id) = self.0.ask(|reply| Command::Submit(submission, reply))? {
                return Ok(id);
            }
        }
    }

    fn make(&self, experiment: &Experiment) -> Result<ExperimentPlan, LabError> {
        self.make_by(experiment, self.0.trainers(experiment))
    }

    /// What these are to train of an experiment.
    pub(super) fn make_by(
        &self,
        experiment: &Experiment,
        trainers: Trainers,
    ) -> Result<ExperimentPlan, LabError> {
        self.0.check_places(experiment)?;
        let Inner { resources, device, precision, share, places, .. } = &*self.0;
        let by = By { trainers, precision: *precision };
        let plan = ExperimentPlan::make_by(experiment, resources, device, by);
        let workers = workers(places, &experiment.places) as usize;
        let share = Share { workers: if places.is_empty() { share.workers } else { workers }, ..*share };
        plan.map(|plan| plan.shared(share)).map_err(LabError::Invalid)
    }

    /// Those of a plan's runs that have finished and of which nothing is left, or not the weights that it asks for.
    pub(super) fn gone(&self, plan: &ExperimentPlan) -> Result<HashSet<RunId>, LabError> {
        let mut finished: HashSet<RunId> = {
            let state = self.0.feed.state();
            let ids = plan.runs.iter().map(|planned| &planned.queued.run);
            let finished =
                |run: &&RunId| state.runs.get(*run).is_some_and(|r| r.status == RunStatus::Finished);
            ids.filter(finished).cloned().collect()
        };
        // Behind that: what a run leaves is there before it has finished.
        if !finished.is_empty() {
            let left = Artifacts::new(&self.0.home).finished_runs()?;
            let bare = self.without_weights(plan);
            finished.retain(|run| !left.contains(&run.0) || bare.contains(run));
        }
        Ok(finished)
    }

    /// Those of a plan's runs whose weights were dropped, where it says that it wants all.
    fn without_weights(&self, plan: &ExperimentPlan) -> HashSet<RunId> {
        if plan.experiment.keep_weights != Some(KeepWeights::All) {
            return HashSet::new();
        }
        let state = self.0.feed.state();
        let dropped = state.runs.iter().filter(|(_, run)| run.weights_dropped.is_some());
        dropped.map(|(run, _)| run.clone()).collect()
    }

    /// Seconds of each task that Slurm would be asked for, by this machine's speed; none where others train as well.
    fn task_secs(&self, experiment: &Experiment, plan: &Plan) -> Vec<f64> {
        let is_slurm = |name: &String| name == SLURM;
        let by_slurm = match &experiment.places[..] {
            [] => self.0.places.iter().all(|place| is_slurm(&place.name)),
            asked => asked.iter().all(is_slurm),
        };
        let Some(settings) = self.0.slurm.as_ref().filter(|_| by_slurm) else { return Vec::new() };
        let secs: Vec<f64> = plan.gangs.iter().map(|gang| gang.expected_secs).collect();
        let sum = |gangs: Vec<usize>| gangs.into_iter().filter_map(|gang| secs.get(gang)).sum();
        tasks(&secs, settings).into_iter().map(sum).collect()
    }

    /// Refuses what the disk has no room for.
    fn room(&self, needed: u64) -> Result<(), LabError> {
        match free_bytes(&self.0.home) {
            Some(free) if free < needed => Err(LabError::Room { home: self.0.home.clone(), needed, free }),
            _ => Ok(()),
        }
    }

    /// What an experiment would take: the gangs of those of its runs that are not done yet.
    ///
    /// Reads the model and a part of the data first.
    ///
    /// # Errors
    /// Every field's error.
    pub fn plan(&self, experiment: &Experiment) -> Result<Plan, LabError> {
        Ok(self.plan_after(experiment, &mut HashSet::new())?.plan)
    }

    /// What an experiment would take after others, whose runs are `earlier`; its own join them.
    ///
    /// # Errors
    /// Every field's error.
    pub fn plan_after(
        &self,
        experiment: &Experiment,
        earlier: &mut HashSet<RunId>,
    ) -> Result<Preview, LabError> {
        let plan = self.make(experiment)?;
        let gone = self.gone(&plan)?;
        let halves = plan.experiment.halving.is_some();
        let trains: Vec<usize> = {
            let state = self.0.feed.state();
            let done = |run: &RunId| {
                let is = |status| state.runs.get(run).is_some_and(|r| r.status == status);
                let finished = is(RunStatus::Finished) && !gone.contains(run);
                finished || (halves && is(RunStatus::Retired)) || earlier.contains(run)
            };
            let open = plan.runs.iter().enumerate().filter(|(_, planned)| !done(&planned.queued.run));
            open.map(|(i, _)| i).collect()
        };
        let gangs = plan.gangs(&trains);
        let disk = PlannedDisk { free: free_bytes(&self.0.home), ..plan.disk(&gangs) };
        let task_secs = self.task_secs(&plan.experiment, &gangs);
        let runs: Vec<RunId> = plan.runs.iter().map(|planned| planned.queued.run.clone()).collect();
        let same_runs_as = self.read(|state| state.first_with(&runs, None));
        let training = plan.training();
        let made = Plan { training, disk: Some(disk), task_secs, same_runs_as, ..gangs };
        let count = runs.len();
        earlier.extend(runs);
        Ok(Preview { runs: count, plan: made })
    }
}

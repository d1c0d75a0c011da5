//! Experiments as plan folders, for workers that others start: the array of any job system, or the user.

use super::Lab;
use crate::artifacts::Artifacts;
use crate::cluster::{Bracket, ClusterError, Job, Logged, PlanFolder, Submission};
use crate::lab::LabError;
use crate::lab::places::{Launch, lend_checkpoints, work_plan};
use crate::lab::plan::{ExperimentPlan, PlannedRun};
use crate::lab::trainers::Trainers;
use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::plan::{Plan, PlannedGang};
use tunemask_shared::run::RunStatus;
use tunemask_shared::state::LabState;

/// A plan folder that was written.
#[derive(Clone, Debug, PartialEq)]
pub struct WrittenPlan {
    /// Where it is.
    pub folder: PathBuf,
    /// What a job system starts.
    pub script: PathBuf,
    /// The command lines that submit it to Slurm.
    pub commands: Vec<String>,
    /// Its tasks, and seconds that each is expected to take by this machine's speed.
    pub task_secs: Vec<f64>,
    /// Its runs.
    pub runs: usize,
}

impl Lab {
    /// Writes what is still to train of an experiment as a plan folder, with the script of its tasks. Nothing is queued.
    ///
    /// # Errors
    /// Every field's error; the folder cannot be written.
    pub fn write_plan(&self, experiment: &Experiment, launch: &Launch) -> Result<WrittenPlan, LabError> {
        let planned = self.make_by(experiment, Trainers::of_slurm(&launch.settings))?;
        let gone = self.gone(&planned)?;
        let state = self.state();
        let halves = planned.experiment.halving.is_some();
        let done = |run: &PlannedRun| {
            let id = &run.queued.run;
            let is = |status| state.runs.get(id).is_some_and(|known| known.status == status);
            is(RunStatus::Finished) && !gone.contains(id) || halves && is(RunStatus::Retired)
        };
        let open = planned.runs.iter().enumerate().filter(|(_, run)| !done(run));
        let places: Vec<usize> = open.map(|(i, _)| i).collect();
        let gangs = planned.gangs(&places);
        let jobs = gangs.gangs.iter().map(|gang| jobs(&planned, gang, &state)).collect();
        let created = EventKind::Created {
            experiment_id: ExperimentId(1),
            experiment: planned.experiment.clone(),
            runs: planned.runs.iter().map(|run| run.queued.run.clone()).collect(),
            plan: Some(Plan { disk: Some(planned.disk(&gangs)), ..gangs }),
        };
        let plan = work_plan(jobs, vec![created], &launch.settings);
        let failed = |error: ClusterError| LabError::Plan(Arc::new(error));
        let name = PlanFolder::name_of(&plan);
        let above = launch.settings.folder.clone().unwrap_or_else(|| self.home().join("slurm"));
        let path = std::path::absolute(above.join(&name))
            .map_err(|cause| failed(ClusterError::Io { path: above.clone(), cause }))?;
        let folder = PlanFolder::create(path, &plan).map_err(failed)?;
        lend_checkpoints(Artifacts::new(self.home()), &folder, &plan);
        let tasks = plan.tasks.len();
        let submission =
            Submission::new(&launch.settings, &folder, &name, tasks, &launch.arguments).map_err(failed)?;
        let all: Vec<usize> = (0..tasks).collect();
        let secs = |task| plan.gangs_of(task).map(|gang| gang.expected_secs).sum();
        Ok(WrittenPlan {
            folder: folder.path().to_owned(),
            script: submission.script().to_owned(),
            commands: submission.commands(&all).iter().map(|words| Submission::shell_line(words)).collect(),
            task_secs: (0..tasks).map(secs).collect(),
            runs: plan.runs.len(),
        })
    }
}

/// The learning rates that a planned run is held against.
fn bracket(planned: &ExperimentPlan, run: &PlannedRun) -> Option<Bracket> {
    let own = &run.queued.spec;
    let beside = planned.runs.iter().filter(|other| {
        let other = &other.queued.spec;
        other.task == own.task && other.mask == own.mask && other.seed == own.seed
    });
    let halving = planned.experiment.halving.clone()?;
    Some(Bracket::new(halving, beside.map(|other| other.queued.run.clone()).collect()))
}

/// The jobs of a planned gang, from where their runs are.
fn jobs(planned: &ExperimentPlan, gang: &PlannedGang, state: &LabState) -> Vec<Job> {
    let experiment = &planned.experiment;
    let expected_secs = gang.expected_secs / gang.runs.len().max(1) as f64;
    let runs = gang.runs.iter().filter_map(|&place| planned.runs.get(place as usize));
    let logged: HashMap<_, _> = runs
        .clone()
        .filter_map(|run| Some((&run.queued.run, Logged::of(state.runs.get(&run.queued.run)?))))
        .collect();
    runs.map(|run| {
        let queued = run.queued.clone();
        Job {
            logged: logged.get(&queued.run).cloned().unwrap_or_default(),
            run: queued.run,
            spec: queued.spec,
            trainable: queued.trainable,
            model: experiment.model.clone(),
            delta: experiment.delta_file().map(PathBuf::from),
            data: experiment.data.as_ref().map(PathBuf::from),
            alone: queued.alone,
            reported: experiment.reported_epoch,
            expected_secs,
            bracket: bracket(planned, run),
            notes: Vec::new(),
        }
    })
    .collect()
}

use std::path::PathBuf;
use tunemask_shared::event::Evaluation;
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::state::LabState;

/// A run on its way to a device. A gang's jobs agree in all that decides what a batch is, see [`super::gangs`].
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// Its identity.
    pub(super) run: RunId,
    /// What it is.
    pub(super) spec: RunSpec,
    /// Where its model lies.
    pub(super) model: String,
    /// What comes upon its model.
    pub(super) delta: Option<PathBuf>,
    /// Where its data lie.
    pub(super) data: Option<PathBuf>,
    /// What the log holds of it.
    pub(super) logged: Logged,
}

/// What the log holds of a run that goes on: it is not written again.
#[derive(Clone, Debug, Default)]
pub(super) struct Logged {
    /// Last step of its curve.
    pub(super) step: u64,
    /// Its scores.
    pub(super) evaluations: Vec<Evaluation>,
    /// Seconds of training up to that step.
    pub(super) elapsed_secs: f64,
}

impl Job {
    /// The job of a run, with the folders of the latest experiment that holds it. `None` if none does.
    pub(super) fn find(state: &LabState, run: &RunId) -> Option<Self> {
        let known = state.runs.get(run)?;
        let spec = known.spec.clone();
        let logged = Logged {
            step: known.step,
            evaluations: known.evaluations.clone(),
            elapsed_secs: known.elapsed_secs,
        };
        let latest = state.experiments.values().rev().find(|e| e.runs.contains(run))?;
        let data = latest.experiment.data.as_ref().map(PathBuf::from);
        let (model, delta) =
            (latest.experiment.model.clone(), latest.experiment.delta_file().map(PathBuf::from));
        Some(Self { run: run.clone(), spec, model, delta, data, logged })
    }
}

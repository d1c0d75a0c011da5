use std::path::PathBuf;
use tunemask_shared::run::{RunId, RunSpec};
use tunemask_shared::state::LabState;

/// A run on its way to a device. A gang's jobs agree in model, data, limits, longest sequence, batch size and
/// epochs.
#[derive(Clone, Debug)]
pub(super) struct Job {
    /// Its identity.
    pub(super) run: RunId,
    /// What it is.
    pub(super) spec: RunSpec,
    /// Where its model lies.
    pub(super) model: String,
    /// Where its data lie.
    pub(super) data: Option<PathBuf>,
}

impl Job {
    /// The job of a run, with the folders of the latest experiment that holds it. `None` if none does.
    pub(super) fn find(state: &LabState, run: &RunId) -> Option<Self> {
        let spec = state.runs.get(run)?.spec.clone();
        let latest = state.experiments.values().rev().find(|e| e.runs.contains(run))?;
        let data = latest.experiment.data.as_ref().map(PathBuf::from);
        Some(Self { run: run.clone(), spec, model: latest.experiment.model.clone(), data })
    }
}

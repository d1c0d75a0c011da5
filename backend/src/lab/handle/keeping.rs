//! Whose weights of an experiment stay on the disk, and what its runs take there.

use super::Lab;
use crate::artifacts::Artifacts;
use crate::files::free_bytes;
use crate::lab::LabError;
use crate::lab::foreman::Command;
use crate::lab::keeping::{Assumed, unwanted};
use std::collections::HashSet;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::LabState;
use tunemask_shared::storage::{Storage, Weights};

impl Lab {
    /// Keeps the weights of an experiment's runs by another rule from now on; what no experiment wants then is dropped soon.
    ///
    /// # Errors
    /// There is no such experiment; the last of no runs; the log cannot be written.
    pub fn keep_weights(&self, experiment_id: ExperimentId, rule: KeepWeights) -> Result<(), LabError> {
        self.0.ask(|reply| Command::Keep(experiment_id, rule, reply))
    }

    /// What an experiment's runs take on the disk, and what another rule would give back.
    ///
    /// # Errors
    /// There is no such experiment.
    pub fn storage(&self, experiment_id: ExperimentId, rule: KeepWeights) -> Result<Storage, LabError> {
        storage(&self.state(), &Artifacts::new(&self.0.home), Assumed { experiment_id, rule })
            .map(|storage| Storage { free: free_bytes(&self.0.home), ..storage })
            .ok_or(LabError::UnknownExperiment(experiment_id))
    }
}

/// What an experiment's runs take, and what the assumed rule would give back; `None` if there is no such experiment.
pub(in crate::lab) fn storage(state: &LabState, files: &Artifacts, assumed: Assumed) -> Option<Storage> {
    let held = state.experiments.get(&assumed.experiment_id)?;
    let given = unwanted(state, Some(assumed)).into_iter().map(|(run, _)| run);
    let own: HashSet<&RunId> = held.runs.iter().collect();
    let given: Vec<RunId> = given.filter(|run| own.contains(run)).collect();
    let finished = held.runs.iter().filter_map(|id| state.runs.get(id));
    let finished: Vec<_> = finished.filter(|run| run.status == RunStatus::Finished).collect();
    let whole = finished.iter().filter(|run| run.weights_dropped.is_none()).count();
    let count = |n: usize| n.try_into().unwrap_or(u32::MAX);
    Some(Storage {
        rule: held.experiment.keeps(),
        bytes: held.runs.iter().map(|run| files.bytes(&run.0)).sum(),
        finished: count(finished.len()),
        whole: count(whole),
        gives_back: Weights {
            runs: count(given.len()),
            bytes: given.iter().map(|run| files.weight_bytes(&run.0)).sum(),
        },
        free: None,
    })
}

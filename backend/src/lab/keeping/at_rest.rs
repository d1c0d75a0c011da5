//! A home folder in which nothing trains: whose weights of an experiment stay, without a lab.

use super::{Assumed, unwanted};
use crate::artifacts::{ArtifactError, Artifacts};
use crate::lab::LabError;
use crate::lab::handle::storage;
use crate::store::Store;
use std::collections::HashSet;
use std::path::Path;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, LabState};
use tunemask_shared::storage::Storage;

/// All weights that would be dropped, whichever experiments they are of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dropping {
    /// Runs that would lose theirs.
    pub runs: usize,
    /// Their bytes on the disk, about.
    pub bytes: u64,
    /// The experiments that hold these runs, in their order. A run may be of several.
    pub affected: Vec<AffectedExperiment>,
}

/// An experiment of which weights would be dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AffectedExperiment {
    /// The experiment.
    pub experiment_id: ExperimentId,
    /// Its runs that would lose theirs.
    pub runs: usize,
}

/// A home folder that no other program has open. What waits in its queue stays there.
#[derive(Debug)]
pub struct HomeAtRest {
    store: Store,
    files: Artifacts,
    state: LabState,
}

impl HomeAtRest {
    /// Opens a home folder.
    ///
    /// # Errors
    /// Another tunemask has it; its log cannot be read.
    pub fn open(home: &Path) -> Result<Self, LabError> {
        let store = Store::open(home)?;
        let state = store.state()?;
        Ok(Self { store, files: Artifacts::new(home), state })
    }

    /// What an experiment's runs take, and what the assumed rule would give back; `None` if there is no such experiment.
    pub fn storage(&self, assumed: Assumed) -> Option<Storage> {
        storage(&self.state, &self.files, assumed)
    }

    /// What [`HomeAtRest::keep`] would drop. It may be more than the experiment's: by the rules of others, too, weights may be
    /// unwanted that a killed program did not get to.
    pub fn dropping(&self, assumed: Assumed) -> Dropping {
        let runs: HashSet<RunId> =
            unwanted(&self.state, Some(assumed)).into_iter().map(|(run, _)| run).collect();
        let of = |held: &ExperimentState| held.runs.iter().filter(|run| runs.contains(*run)).count();
        let experiments = self.state.experiments.iter();
        let affected =
            experiments.map(|(&experiment_id, held)| AffectedExperiment { experiment_id, runs: of(held) });
        Dropping {
            runs: runs.len(),
            bytes: runs.iter().map(|run| self.files.weight_bytes(&run.0)).sum(),
            affected: affected.filter(|affected| affected.runs > 0).collect(),
        }
    }

    /// Gives an experiment the rule, and drops what no experiment wants then, and what a killed program did not get to. Says of
    /// how many runs the weights were dropped.
    ///
    /// # Errors
    /// There is no such experiment; the log or a file cannot be written: what was not dropped is dropped by the next program.
    pub fn keep(&mut self, assumed: Assumed) -> Result<usize, LabError> {
        let Assumed { experiment_id, rule } = assumed;
        let held = self.state.experiments.get(&experiment_id);
        let now = held.ok_or(LabError::UnknownExperiment(experiment_id))?.experiment.keeps();
        if now != rule {
            self.write(vec![EventKind::KeepChanged { experiment_id, keep_weights: rule }])?;
        }
        let dropped = unwanted(&self.state, None);
        let lines =
            dropped.iter().map(|(run, rule)| EventKind::WeightsDropped { run: run.clone(), rule: *rule });
        self.write(lines.collect())?;
        let bare = self.state.runs.iter().filter(|(_, run)| run.weights_dropped.is_some());
        let written: Result<Vec<()>, ArtifactError> =
            bare.map(|(run, _)| self.files.drop_weights(&run.0)).collect();
        written?;
        Ok(dropped.len())
    }

    fn write(&mut self, lines: Vec<EventKind>) -> Result<(), LabError> {
        self.store.append(lines)?;
        self.state = self.store.state()?;
        Ok(())
    }
}

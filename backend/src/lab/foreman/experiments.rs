//! What a user does to an experiment as a whole: writes on it, deletes it, moves it, gives it another rule.

use super::Foreman;
use crate::lab::LabError;
use tunemask_shared::annotation::Annotation;
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::experiment::FieldError;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::queue::{QueuePlace, moved};
use tunemask_shared::run::RunId;

impl Foreman {
    pub(super) fn annotate(
        &mut self,
        experiment_id: ExperimentId,
        annotation: Annotation,
    ) -> Result<(), LabError> {
        let annotation = annotation.tidy().map_err(|error| LabError::Invalid(vec![error]))?;
        let now = {
            let state = self.journal.feed().state();
            state.experiments.get(&experiment_id).map(|e| e.annotation())
        };
        match now {
            None => Err(LabError::UnknownExperiment(experiment_id)),
            Some(now) if now == annotation => Ok(()),
            Some(_) => self.journal.append(vec![EventKind::Annotated { experiment_id, annotation }]),
        }
    }

    pub(super) fn delete(&mut self, experiment_id: ExperimentId) -> Result<Vec<RunId>, LabError> {
        let own = {
            let state = self.journal.feed().state();
            if !state.experiments.contains_key(&experiment_id) {
                return Err(LabError::UnknownExperiment(experiment_id));
            }
            let own = state.runs_of_it_alone(experiment_id);
            let open = |run: &&RunId| {
                let over = state.runs.get(*run).is_none_or(|r| r.status.is_over());
                !over || self.queue.contains(run) || self.working.contains_key(*run)
            };
            match own.iter().filter(open).count() {
                0 => own,
                open => return Err(LabError::NotOver(open)),
            }
        };
        self.journal.append(vec![EventKind::Deleted { experiment_id }])?;
        own.iter().for_each(|run| _ = self.again.remove(run));
        self.keeper.leave(&own.iter().cloned().collect());
        Ok(own)
    }

    pub(super) fn move_in_queue(
        &mut self,
        experiment_id: ExperimentId,
        to: QueuePlace,
    ) -> Result<(), LabError> {
        let experiments = {
            let state = self.journal.feed().state();
            if !state.experiments.contains_key(&experiment_id) {
                return Err(LabError::UnknownExperiment(experiment_id));
            }
            moved(&state.queue(), experiment_id, to)
        };
        // One that is over, or stands there already.
        let Some(experiments) = experiments else { return Ok(()) };
        self.journal.append(vec![EventKind::QueueOrdered { experiments }])?;
        self.rebuild_queue(|_| false);
        Ok(())
    }

    pub(super) fn keep(
        &mut self,
        experiment_id: ExperimentId,
        keep_weights: KeepWeights,
    ) -> Result<(), LabError> {
        if keep_weights == KeepWeights::Last(0) {
            let message = "of at least 1 run, or `none`".to_owned();
            return Err(LabError::Invalid(vec![FieldError { field: "keep_weights".into(), message }]));
        }
        let now = {
            let state = self.journal.feed().state();
            state.experiments.get(&experiment_id).map(|held| held.experiment.keeps())
        };
        match now {
            None => Err(LabError::UnknownExperiment(experiment_id)),
            Some(now) if now == keep_weights => Ok(()),
            Some(_) => self.journal.append(vec![EventKind::KeepChanged { experiment_id, keep_weights }]),
        }
    }
}

//! Weights that no rule wants: first a line says that they go, then the keeper writes their files.

use super::Foreman;
use crate::lab::keeping::unwanted;
use tunemask_shared::event::EventKind;
use tunemask_shared::run::RunId;

impl Foreman {
    /// Goes on with what a program before this one could not.
    pub(super) fn keep_from_before(&mut self) {
        let dropped: Vec<RunId> = {
            let state = self.journal.feed().state();
            let dropped = state.runs.iter().filter(|(_, run)| run.weights_dropped.is_some());
            dropped.map(|(run, _)| run.clone()).collect()
        };
        self.keeper.drop_weights(dropped);
        self.drop_unwanted();
    }

    /// Drops the weights that no rule wants: when their lines are in the log.
    pub(super) fn drop_unwanted(&mut self) {
        let unwanted = unwanted(&self.journal.feed().state(), None);
        if unwanted.is_empty() {
            return;
        }
        let lines =
            unwanted.iter().map(|(run, rule)| EventKind::WeightsDropped { run: run.clone(), rule: *rule });
        match self.journal.append(lines.collect()) {
            Ok(()) => self.keeper.drop_weights(unwanted.into_iter().map(|(run, _)| run)),
            // They stay: the next start finds them.
            Err(error) => tracing::error!("weights that no rule keeps stay on the disk: {error}"),
        }
    }
}

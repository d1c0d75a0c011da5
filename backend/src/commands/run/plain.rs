//! What happens, as plain lines.

use super::display::Display;
use super::watch::known;
use super::{output, words};
use anyhow::Result;
use std::collections::HashSet;
use tunemask_shared::event::{Event, EventKind};
use tunemask_shared::printable;
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;

/// Lines on standard error: one when an epoch was evaluated, one when a run ended.
#[derive(Debug, Default)]
pub struct Lines {
    total: usize,
    over: HashSet<RunId>,
}

impl Display for Lines {
    fn show(&mut self, state: &LabState, event: &Event) -> Result<()> {
        if let EventKind::Created { experiment_id, runs, experiment, plan } = &event.kind {
            self.total = runs.len();
            self.over = known(state, runs, plan.as_ref()).into_iter().cloned().collect();
            let known = self.over.len();
            let (name, total) = (printable::line(&experiment.name), self.total);
            output::note(format_args!("experiment {experiment_id}, {name}: {total} runs, {known} known"));
            if let Some(plan) = plan.as_ref().filter(|plan| plan.runs() > 0) {
                output::note(words::plan(plan));
            }
            if let Some(again) = words::again(state, runs, known) {
                output::note(again);
            }
        }
        let Some((id, run)) = event.kind.run().and_then(|id| state.runs.get(id).map(|run| (id, run))) else {
            return Ok(());
        };
        let name = words::run(&run.spec);
        match &event.kind {
            EventKind::Started { steps, train_examples, .. } => {
                output::note(format_args!("{name}: {steps} steps over {train_examples} examples"));
            }
            EventKind::Checkpointed { failure: Some(why), step, .. } => {
                output::note(format_args!("{name}: not saved at step {step}: {}", printable::line(why)));
            }
            EventKind::Evaluated { evaluation, .. } => {
                output::note(format_args!("{name}: {}", words::evaluation(run, evaluation)));
            }
            EventKind::Finished { .. }
            | EventKind::Failed { .. }
            | EventKind::Cancelled { .. }
            | EventKind::Interrupted { .. }
            | EventKind::Retired { .. }
                if run.status.is_over() =>
            {
                self.over.insert(id.clone());
                let (over, total) = (self.over.len(), self.total);
                output::note(format_args!("{name}: {} ({over} of {total} runs)", words::ending(run)));
            }
            EventKind::Created { .. } | EventKind::Annotated { .. } | EventKind::Deleted { .. } => {}
            EventKind::Queued { .. } | EventKind::Continued { .. } => {}
            EventKind::Preparing { .. } | EventKind::Points { .. } | EventKind::Checkpointed { .. } => {}
            EventKind::Finished { .. } | EventKind::Failed { .. } | EventKind::Cancelled { .. } => {}
            EventKind::Interrupted { .. } | EventKind::Paused | EventKind::Resumed => {}
            EventKind::Retired { .. } => {}
            EventKind::KeepChanged { .. } | EventKind::WeightsDropped { .. } => {}
            EventKind::QueueOrdered { .. } => {}
        }
        Ok(())
    }
}

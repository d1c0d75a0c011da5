//! The experiment from its start to its last run.

use super::display::Display;
use crate::commands::interrupt::{Interrupt, OnInterrupt};
use crate::lab::{Lab, LabError, Subscription, Trouble, Update};
use crate::store::Reader;
use anyhow::{Error, Result, bail};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::experiment::{Experiment, FieldError};
use tunemask_shared::plan::Plan;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{LabState, RunState};

/// Those of an experiment's runs that were done when it was accepted. One that had finished and is planned trains again:
/// what it had left is gone.
pub fn known<'a>(state: &LabState, runs: &'a [RunId], plan: Option<&Plan>) -> HashSet<&'a RunId> {
    let planned = plan.into_iter().flat_map(|plan| plan.gangs.iter().flat_map(|gang| &gang.runs));
    let again: HashSet<&RunId> = planned.filter_map(|&place| runs.get(place as usize)).collect();
    let finished = |id: &&RunId| state.runs.get(id).is_some_and(|r| r.status == RunStatus::Finished);
    runs.iter().filter(finished).filter(|id| !again.contains(id)).collect()
}

/// An experiment in this process: what the log says of it, as it is written.
pub struct Watch<'a> {
    lab: &'a Lab,
    home: PathBuf,
    news: Subscription,
    state: LabState,
    experiment_id: ExperimentId,
    /// Its runs, in the order in which they are trained.
    runs: Vec<RunId>,
    /// The same.
    ours: HashSet<RunId>,
    /// Its runs that are queued or running.
    open: HashSet<RunId>,
    cancelled: bool,
}

impl<'a> Watch<'a> {
    /// Starts the experiment.
    ///
    /// # Errors
    /// It cannot be run, which `refused` puts into words; or the log cannot be written.
    pub fn start(
        lab: &'a Lab,
        home: &Path,
        experiment: &Experiment,
        refused: impl FnOnce(&[FieldError]) -> Error,
    ) -> Result<Self> {
        // Before the experiment starts, so that none of its events is missed.
        let mut news = lab.subscribe();
        let Some(Update::Snapshot(state)) = news.blocking_next() else {
            bail!("the log cannot be read");
        };
        let experiment_id = lab.submit(experiment).map_err(|error| match error {
            LabError::Invalid(errors) => refused(&errors),
            other => other.into(),
        })?;
        Ok(Self {
            lab,
            home: home.to_owned(),
            news,
            state: Arc::unwrap_or_clone(state),
            experiment_id,
            runs: Vec::new(),
            ours: HashSet::new(),
            open: HashSet::new(),
            cancelled: false,
        })
    }

    /// Its number.
    pub fn experiment_id(&self) -> ExperimentId {
        self.experiment_id
    }

    /// What the log says so far.
    pub fn state(&self) -> &LabState {
        &self.state
    }

    /// Its runs.
    pub fn runs(&self) -> impl Iterator<Item = &RunState> {
        self.runs.iter().filter_map(|id| self.state.runs.get(id))
    }

    /// Shows what happens until every run is over; Ctrl-C cancels what is left, or leaves it to its workers. Returns whether
    /// it was pressed.
    ///
    /// # Errors
    /// The log or standard output cannot be written.
    pub async fn follow(
        &mut self,
        display: &mut dyn Display,
        interrupt: &mut Interrupt,
        on_interrupt: OnInterrupt,
    ) -> Result<bool> {
        let mut created = false;
        while !created || !self.open.is_empty() {
            tokio::select! {
                update = self.news.next() => {
                    let events = match update {
                        Some(Update::Events(events)) => events.to_vec(),
                        // Too slow a terminal: what was missed is in the log.
                        Some(Update::Snapshot(_)) => Reader::open(&self.home)?.events(self.state.seq)?,
                        // Said as a warning by who waits for it. It goes on by itself.
                        Some(Update::Waits(None | Some(Trouble::Log(_)))) => continue,
                        Some(Update::Waits(Some(trouble @ Trouble::Device(_)))) => bail!("{trouble}"),
                        Some(Update::Failed(error)) => return Err(error.into()),
                        None => bail!("training ended without giving a reason; see the messages above"),
                    };
                    for event in &events {
                        self.take(event, display)?;
                        created |= matches!(&event.kind,
                            EventKind::Created { experiment_id, .. } if *experiment_id == self.experiment_id);
                    }
                }
                () = interrupt.pressed(), if created && !self.cancelled => {
                    self.cancelled = true;
                    if on_interrupt == OnInterrupt::Leave {
                        return Ok(true);
                    }
                    let open = self.runs.iter().filter(|id| self.open.contains(*id));
                    self.lab.cancel(open.cloned().collect())?;
                }
            }
        }
        Ok(self.cancelled)
    }

    fn take(&mut self, event: &Event, display: &mut dyn Display) -> Result<()> {
        if event.seq <= self.state.seq {
            return Ok(());
        }
        self.state.apply(event)?;
        let ours = match &event.kind {
            EventKind::Created { experiment_id, runs, plan, .. } if *experiment_id == self.experiment_id => {
                self.runs = runs.clone();
                self.ours = runs.iter().cloned().collect();
                let known = known(&self.state, runs, plan.as_ref());
                self.open = runs.iter().filter(|id| !known.contains(id)).cloned().collect();
                true
            }
            what => what.run().is_some_and(|id| self.ours.contains(id)),
        };
        if !ours {
            return Ok(());
        }
        if let Some(id) = event.kind.run()
            && self.state.runs.get(id).is_some_and(|r| r.status.is_over())
        {
            self.open.remove(id);
        }
        display.show(&self.state, event)
    }
}

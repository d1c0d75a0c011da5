//! The server's messages folded into what the page knows, exactly as the server folds its log.
//!
//! No point is missed or repeated: a run's series carries the number of the last event in it, and later
//! points are appended only if their event is newer.

use std::collections::BTreeMap;
use tunemask_shared::event::{Event, EventKind, ExperimentId, Points};
use tunemask_shared::protocol::FromServer;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{LabState, LastLoss};

/// The points of one run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series {
    /// Number of the last event in it.
    pub seq: u64,
    /// The points.
    pub points: Points,
    /// Their steps as numbers to draw.
    pub step: Vec<f64>,
}

impl Series {
    fn new(seq: u64, points: Points) -> Self {
        let step = points.step.iter().map(|&s| s as f64).collect();
        Series { seq, points, step }
    }

    fn append(&mut self, seq: u64, more: &Points) {
        self.seq = seq;
        self.step.extend(more.step.iter().map(|&s| s as f64));
        self.points.extend(more);
    }
}

/// The points of the watched experiment's runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesStore {
    /// Which experiment is watched.
    pub watched: Option<ExperimentId>,
    /// Its runs' points.
    pub runs: BTreeMap<RunId, Series>,
}

/// What a message changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// The lab's state.
    pub lab: bool,
    /// The points.
    pub series: bool,
    /// The whole state was replaced: what is watched must be asked for again.
    pub anew: bool,
}

/// Messages that do not follow one another: the page must start from a new snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server's events end at {through}, but event {had} came before them")]
pub struct OutOfOrder {
    /// The last event known.
    pub had: u64,
    /// Where the message ends.
    pub through: u64,
}

impl SeriesStore {
    /// Turns to another experiment; its points are yet to come.
    pub fn watch(&mut self, experiment: Option<ExperimentId>) {
        if self.watched != experiment {
            *self = SeriesStore { watched: experiment, runs: BTreeMap::new() };
        }
    }

    fn take(&mut self, lab: &LabState, event: &Event) -> bool {
        match &event.kind {
            EventKind::Queued { run, .. } => {
                // Tried again: the points of the first try are no longer the run's.
                let held = self.runs.get_mut(run).filter(|s| s.seq < event.seq);
                held.map(|series| *series = Series { seq: event.seq, ..Series::default() }).is_some()
            }
            EventKind::Deleted { .. } => {
                let before = self.runs.len();
                self.runs.retain(|run, _| lab.runs.contains_key(run));
                self.runs.len() < before
            }
            EventKind::Points { run, points } => match self.runs.get_mut(run) {
                Some(series) if series.seq < event.seq => {
                    series.append(event.seq, points);
                    true
                }
                Some(_) => false,
                None => {
                    // A run whose series is still on its way will come whole; one that begins here is whole.
                    let ours = self.watched.and_then(|id| lab.experiments.get(&id));
                    let whole = points.step.first() == Some(&1) && ours.is_some_and(|e| e.runs.contains(run));
                    if whole {
                        self.runs.insert(run.clone(), Series::new(event.seq, points.clone()));
                    }
                    whole
                }
            },
            EventKind::Created { .. }
            | EventKind::Annotated { .. }
            | EventKind::Continued { .. }
            | EventKind::Paused
            | EventKind::Resumed => false,
            EventKind::Preparing { .. } | EventKind::Started { .. } | EventKind::Evaluated { .. } => false,
            EventKind::Checkpointed { .. } | EventKind::Finished { .. } | EventKind::Failed { .. } => false,
            EventKind::Cancelled { .. } | EventKind::Interrupted { .. } => false,
        }
    }
}

/// Folds a message. Messages that are answers change nothing here.
///
/// # Errors
/// [`OutOfOrder`] if events are missing or mixed up; what is known is then no longer to be trusted.
pub fn fold(
    lab: &mut LabState,
    store: &mut SeriesStore,
    message: &mut FromServer,
) -> Result<Change, OutOfOrder> {
    let mut change = Change::default();
    match message {
        FromServer::Snapshot { state } => {
            *lab = std::mem::take(state);
            change = Change { lab: true, series: false, anew: true };
        }
        FromServer::Events { events, through } => {
            for event in events.iter() {
                if event.seq <= lab.seq {
                    continue;
                }
                if event.seq > *through {
                    return Err(OutOfOrder { had: event.seq, through: *through });
                }
                // What lies between was left out on purpose: points of experiments that are not watched.
                lab.seq = event.seq - 1;
                change.lab |= lab.apply(event).is_ok();
                change.series |= store.take(lab, event);
            }
            if *through < lab.seq && !events.is_empty() {
                return Err(OutOfOrder { had: lab.seq, through: *through });
            }
            lab.seq = lab.seq.max(*through);
        }
        FromServer::Series { experiment_id, run, seq, points } => {
            let newer = store.runs.get(run).is_none_or(|held| held.seq <= *seq);
            if newer && store.watched == Some(*experiment_id) {
                let series = Series::new(*seq, std::mem::take(points));
                change.lab = catch_up(lab, run, &series.points);
                change.series = true;
                store.runs.insert(run.clone(), series);
            }
        }
        FromServer::Welcome { .. } | FromServer::Facts { .. } | FromServer::Planned { .. } => {}
        FromServer::Norms { .. } => {}
        FromServer::OnMachine { .. } | FromServer::Download { .. } => {}
        FromServer::OwnData { .. } | FromServer::DataSaved { .. } => {}
        FromServer::DiskUse { .. } | FromServer::Done { .. } => {}
        FromServer::Reported { .. } | FromServer::Accepted { .. } | FromServer::Rejected { .. } => {}
        FromServer::Refused { .. } => {}
    }
    Ok(change)
}

/// Progress of a run whose points were left out while it was not watched.
fn catch_up(lab: &mut LabState, run: &RunId, points: &Points) -> bool {
    let Some(state) = lab.runs.get_mut(run) else { return false };
    let last = (points.step.last(), points.loss.last(), points.elapsed_secs.last());
    let (Some(&step), Some(&loss), Some(&secs)) = last else { return false };
    if step > state.step {
        state.step = step;
        state.last_loss = Some(LastLoss(loss));
        state.elapsed_secs = state.elapsed_secs.max(secs);
        return true;
    }
    false
}

#[cfg(test)]
mod tests;

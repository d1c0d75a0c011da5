//! The server's messages folded into what the page knows, exactly as the server folds its log.
//!
//! No line is missed or repeated: the part of the lab that is watched carries the number of its last line, and messages say
//! behind which line they begin. Nor is a point: a run's series carries the number of the last event in it, and later points
//! are appended only if their event is newer.

use std::collections::BTreeMap;
use tunemask_shared::buckets::{Buckets, most_buckets};
use tunemask_shared::event::{Event, EventKind, Points};
use tunemask_shared::overview::Overview;
use tunemask_shared::protocol::{FromServer, RunSeries};
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::Watch;

/// The points of one run.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Number of the last event in it.
    pub seq: u64,
    /// Whether it may lack events: it is drawn until the whole one comes, and nothing is appended.
    pub old: bool,
    /// The points.
    pub buckets: Buckets,
}

impl Series {
    fn new(seq: u64, buckets: Buckets) -> Self {
        Series { seq, old: false, buckets }
    }

    fn append(&mut self, seq: u64, more: &Points) {
        self.seq = seq;
        self.buckets.extend(more);
    }

    /// Whether an event with this number comes next in it.
    fn lacks(&self, seq: u64) -> bool {
        !self.old && self.seq < seq
    }
}

/// The points of the runs that are watched.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SeriesStore {
    /// What is watched.
    pub watched: Vec<Watch>,
    /// Whether it has come: lines and series are of what came last.
    pub came: bool,
    /// The runs' points.
    pub runs: BTreeMap<RunId, Series>,
}

/// What a message changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Change {
    /// What every page knows.
    pub overview: bool,
    /// The watched part of the lab.
    pub part: bool,
    /// The points.
    pub series: bool,
    /// The server begins anew: what is watched must be asked for again.
    pub anew: bool,
}

/// Lines are missing: the page must begin anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the server continues after line {after}, but the last line here is {had}")]
pub struct OutOfOrder {
    /// The last line known.
    pub had: u64,
    /// Where the message begins.
    pub after: u64,
}

/// What the page knows, to be gone on with.
pub struct PageState<'a> {
    /// What every page knows.
    pub overview: &'a mut Overview,
    /// The watched part of the lab; empty until it comes.
    pub part: &'a mut LabState,
    /// The watched runs' points.
    pub series: &'a mut SeriesStore,
}

impl SeriesStore {
    fn take(&mut self, part: &LabState, event: &Event) -> bool {
        match &event.kind {
            EventKind::Queued { run, .. } => {
                // Tried again: the points of the first try are no longer the run's.
                let held = self.runs.get_mut(run).filter(|s| s.lacks(event.seq));
                let anew = |series: &Series| Series::new(event.seq, Buckets::new(series.buckets.most()));
                held.map(|series| *series = anew(series)).is_some()
            }
            EventKind::Deleted { .. } => {
                let before = self.runs.len();
                self.runs.retain(|run, _| part.runs.contains_key(run));
                self.runs.len() < before
            }
            EventKind::Points { run, points } => match self.runs.get_mut(run) {
                Some(series) if series.lacks(event.seq) => {
                    series.append(event.seq, points);
                    true
                }
                Some(_) => false,
                None => {
                    // A run whose series is still on its way will come whole; one that begins here is whole.
                    let whole = points.step.first() == Some(&1) && part.runs.contains_key(run);
                    if whole {
                        let buckets = Buckets::of(points, most_buckets(part.runs.len()));
                        self.runs.insert(run.clone(), Series::new(event.seq, buckets));
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
            EventKind::Cancelled { .. } | EventKind::Interrupted { .. } | EventKind::Retired { .. } => false,
            EventKind::KeepChanged { .. } | EventKind::WeightsDropped { .. } => false,
            EventKind::QueueOrdered { .. } => false,
        }
    }

    /// Takes series that came whole; whether any is newer than what is held.
    fn replace(&mut self, series: &mut Vec<RunSeries>) -> bool {
        let mut changed = false;
        for RunSeries { run, seq, buckets } in series.drain(..) {
            if self.runs.get(&run).is_none_or(|held| held.old || held.seq <= seq) {
                self.runs.insert(run, Series::new(seq, buckets));
                changed = true;
            }
        }
        changed
    }
}

/// Folds a message. Messages that are answers change nothing here, nor do those about what is watched no longer.
///
/// # Errors
/// [`OutOfOrder`] if lines are missing; what is known is then no longer to be trusted.
pub fn fold(known: &mut PageState<'_>, message: &mut FromServer) -> Result<Change, OutOfOrder> {
    let PageState { overview, part, series } = known;
    let nothing = Change::default();
    let change = match message {
        FromServer::Snapshot { overview: new } => {
            **overview = std::mem::take(new);
            // What was watched may be gone, and is to be asked for again.
            let is_there = |watch: &Watch| overview.experiments.contains_key(&watch.experiment_id);
            let gone = !series.watched.iter().all(is_there);
            if gone {
                **part = LabState::default();
            }
            series.came = false;
            Change { overview: true, part: gone, anew: true, ..nothing }
        }
        FromServer::Changed { change } => {
            overview.apply(std::mem::take(change));
            Change { overview: true, ..nothing }
        }
        FromServer::Watched { watch, part: new } => {
            series.came = series.watched == *watch;
            if !series.came {
                return Ok(nothing);
            }
            **part = std::mem::take(new);
            series.runs.values_mut().for_each(|series| series.old = true);
            Change { part: true, ..nothing }
        }
        FromServer::Events { after, events } => {
            // The part that they are of may not have come yet, and will hold them; or they are of another.
            if !series.came {
                return Ok(nothing);
            }
            if *after > part.seq {
                return Err(OutOfOrder { had: part.seq, after: *after });
            }
            let mut change = nothing;
            for event in events.iter().filter(|event| event.seq > *after) {
                if event.seq <= part.seq {
                    continue;
                }
                // What lies between concerns nothing that is watched.
                part.seq = event.seq - 1;
                change.part |= part.apply(event).is_ok();
                change.series |= series.take(part, event);
            }
            change
        }
        FromServer::Series { series: new } => {
            Change { series: series.came && series.replace(new), ..nothing }
        }
        FromServer::Welcome { .. } | FromServer::Facts { .. } | FromServer::Planned { .. } => nothing,
        FromServer::OnMachine { .. } | FromServer::Download { .. } => nothing,
        FromServer::OwnData { .. } | FromServer::DataSaved { .. } => nothing,
        FromServer::DiskUse { .. } | FromServer::Storage { .. } | FromServer::Done { .. } => nothing,
        FromServer::Machine { .. } | FromServer::RunLog { .. } => nothing,
        FromServer::Predicted { .. } | FromServer::Examples { .. } => nothing,
        FromServer::Reported { .. } | FromServer::Accepted { .. } | FromServer::Rejected { .. } => nothing,
        FromServer::Refused { .. } | FromServer::Experiment { .. } | FromServer::Norms { .. } => nothing,
    };
    Ok(change)
}

#[cfg(test)]
mod tests;

//! What every page knows of the lab, folded once for all pages.

use crate::lab::{Lab, Subscription, Update};
use futures_util::FutureExt;
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::time::Instant;
use tunemask_shared::event::{Event, EventKind, ExperimentId};
use tunemask_shared::overview::Overview;
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;

/// Shortest time between two folds that nobody waits for.
pub(super) const PERIOD: Duration = Duration::from_millis(100);

/// How much longer than a fold its pause is: folding takes a tenth of a thread at most, however many runs there are.
const PAUSE: u32 = 9;

/// How new an overview must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Freshness {
    /// It holds all that was written before it was asked for.
    Now,
    /// It was as new a moment ago: pages that ask often share it.
    Recent,
}

/// The overview of all pages. Nothing is folded while no page asks.
#[derive(Clone, Debug)]
pub(super) struct Overviews(Arc<Mutex<Inner>>);

#[derive(Debug)]
struct Inner {
    lab: Lab,
    /// What was written since it was asked for last.
    subscription: Option<Subscription>,
    written: Written,
    /// Number of the last line of which is known what it was of.
    heard: u64,
    latest: Arc<Overview>,
    /// When the next one is folded for those who want a recent one.
    due: Instant,
}

/// Which experiments something was written of.
#[derive(Debug, Default)]
struct Written {
    /// Experiments of each run.
    experiments: HashMap<RunId, Vec<ExperimentId>>,
    /// Those of which something was written since the last fold.
    changed: BTreeSet<ExperimentId>,
    /// Whether anything else was, such as a pause.
    other: bool,
}

impl Overviews {
    pub(super) fn new(lab: Lab) -> Self {
        Self(Arc::new(Mutex::new(Inner {
            lab,
            subscription: None,
            written: Written::default(),
            heard: 0,
            latest: Arc::default(),
            due: Instant::now(),
        })))
    }

    /// What every page knows.
    pub(super) async fn latest(&self, freshness: Freshness) -> Arc<Overview> {
        let mut inner = self.0.clone().lock_owned().await;
        inner.hear();
        let wanted = freshness == Freshness::Now || Instant::now() >= inner.due;
        if !inner.written.anything() || !wanted {
            return inner.latest.clone();
        }
        // An experiment of thousands of runs takes milliseconds.
        let folded = tokio::task::spawn_blocking(move || inner.fold()).await;
        folded.unwrap_or_else(|error| {
            tracing::error!("the overview cannot be folded: {error}");
            Arc::default()
        })
    }
}

impl Inner {
    /// Notes what was written.
    fn hear(&mut self) {
        let subscription = self.subscription.get_or_insert_with(|| self.lab.subscribe());
        while let Some(Some(update)) = subscription.next().now_or_never() {
            match update {
                Update::Snapshot(state) => {
                    self.written = Written::all_of(&state, &self.latest);
                    self.heard = state.seq;
                }
                Update::Events(events) => {
                    events.iter().for_each(|event| self.written.note(event));
                    self.heard = events.last().map_or(self.heard, |event| event.seq);
                }
                Update::Waits(_) | Update::Failed(_) => {}
            }
        }
    }

    fn fold(&mut self) -> Arc<Overview> {
        let begin = Instant::now();
        let changed = std::mem::take(&mut self.written.changed);
        self.written.other = false;
        let overview = Arc::make_mut(&mut self.latest);
        self.lab.read(|state| overview.refresh(state, changed.into_iter()));
        // Lines that were written meanwhile are heard of next.
        overview.seq = self.heard;
        self.due = Instant::now() + PERIOD.max(begin.elapsed() * PAUSE);
        self.latest.clone()
    }
}

impl Written {
    /// Where it is not known what was written: all experiments, those that are gone among them.
    fn all_of(state: &LabState, latest: &Overview) -> Self {
        let mut written = Self { other: true, ..Self::default() };
        written.changed.extend(latest.experiments.keys());
        for (id, experiment) in &state.experiments {
            written.add(*id, &experiment.runs);
        }
        written
    }

    fn add(&mut self, id: ExperimentId, runs: &[RunId]) {
        self.changed.insert(id);
        for run in runs {
            self.experiments.entry(run.clone()).or_default().push(id);
        }
    }

    fn note(&mut self, event: &Event) {
        match &event.kind {
            EventKind::Created { experiment_id, runs, .. } => self.add(*experiment_id, runs),
            EventKind::Annotated { experiment_id, .. } => _ = self.changed.insert(*experiment_id),
            EventKind::Deleted { experiment_id } => {
                self.changed.insert(*experiment_id);
                self.experiments.retain(|_, of| {
                    of.retain(|id| id != experiment_id);
                    !of.is_empty()
                });
            }
            EventKind::Preparing { runs } => runs.iter().for_each(|run| self.note_run(run)),
            EventKind::QueueOrdered { .. } | EventKind::Paused | EventKind::Resumed => self.other = true,
            kind => {
                if let Some(run) = kind.run() {
                    self.note_run(run);
                }
            }
        }
    }

    fn note_run(&mut self, run: &RunId) {
        self.changed.extend(self.experiments.get(run).into_iter().flatten());
    }

    fn anything(&self) -> bool {
        self.other || !self.changed.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::{LabOptions, OlderQueue};
    use tunemask_engine::Device;
    use tunemask_shared::fixtures::story;

    #[test]
    fn what_was_written_is_folded_and_nothing_else() {
        let (mut state, mut overview) = (LabState::default(), Overview::default());
        let mut written = Written::default();
        for (i, event) in story().iter().enumerate() {
            state.apply(event).unwrap();
            written.note(event);
            if i == 13 {
                // A page that lagged: what was written is not known.
                written = Written::all_of(&state, &overview);
            }
            if i % 2 == 0 && written.anything() {
                overview.refresh(&state, std::mem::take(&mut written.changed).into_iter());
                written.other = false;
                assert_eq!(overview, Overview::of(&state), "after line {}", event.seq);
            }
        }
        assert!(written.experiments.is_empty(), "nothing is kept of what was deleted: {written:?}");
        // A shared run goes on in both of its experiments, another in its own alone.
        let mut written = Written::default();
        story()[..6].iter().for_each(|event| written.note(event));
        for (run, experiments) in [(2, &[1, 2][..]), (4, &[2]), (9, &[])] {
            written.changed.clear();
            written.note_run(&RunId(format!("{run:016x}")));
            assert!(written.changed.iter().map(|id| id.0).eq(experiments.iter().copied()), "{run}");
        }
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn pages_share_an_overview_until_one_needs_a_newer() {
        let home = tempfile::tempdir().unwrap();
        let (older_queue, device) = (OlderQueue::Continue, Device::cpu());
        let lab = Lab::open(&LabOptions { home: home.path().into(), older_queue, device }).unwrap();
        let overviews = Overviews::new(lab.clone());
        let first = overviews.latest(Freshness::Now).await;
        assert!(Arc::ptr_eq(&first, &overviews.latest(Freshness::Now).await), "nothing was written");
        let paused = lab.clone();
        tokio::task::spawn_blocking(move || paused.pause()).await.unwrap().unwrap();
        overviews.0.lock().await.due = Instant::now() + Duration::from_secs(3600);
        assert!(Arc::ptr_eq(&first, &overviews.latest(Freshness::Recent).await), "recent enough");
        let newer = overviews.latest(Freshness::Now).await;
        assert_eq!((first.seq, first.paused, newer.seq, newer.paused), (0, false, 1, true));
    }
}

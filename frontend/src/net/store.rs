//! What the page knows of the lab: the fold of the server's messages, as signals.

use super::fold::{Change, OutOfOrder, PageState, SeriesStore, fold};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::overview::{Overview, Summary};
use tunemask_shared::protocol::FromServer;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::{Detail, Watch};

/// What the server says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Version of the program.
    pub version: String,
    /// The device that trains.
    pub device: String,
}

/// The lab as the server last told of it. Copies are the same store.
#[derive(Clone, Copy)]
pub struct Store {
    /// What every page knows.
    pub overview: RwSignal<Overview>,
    /// The part of the lab that is watched: experiments with runs of them, or nothing until it comes.
    pub state: RwSignal<LabState>,
    /// The points of the runs that are watched.
    pub series: RwSignal<SeriesStore>,
    /// Whether the overview has come.
    pub ready: RwSignal<bool>,
    /// The program at the other end.
    pub server: RwSignal<Option<Server>>,
}

impl Store {
    /// Knows nothing yet.
    pub fn new() -> Store {
        Store {
            overview: RwSignal::new(Overview::default()),
            state: RwSignal::new(LabState::default()),
            series: RwSignal::new(SeriesStore::default()),
            ready: RwSignal::new(false),
            server: RwSignal::new(None),
        }
    }

    /// Turns to another part of the lab, which is yet to come. Whether it is to be asked for: who has all runs of some
    /// experiments has their grids.
    pub fn watch(&self, wanted: Vec<Watch>) -> bool {
        let held = self.watched();
        let holds = |(held, wanted): (&Watch, &Watch)| {
            held.experiment_id == wanted.experiment_id && held.detail.holds(&wanted.detail)
        };
        if held.len() == wanted.len() && held.iter().zip(&wanted).all(holds) {
            return false;
        }
        self.state.set(LabState::default());
        self.series.set(SeriesStore { watched: wanted, ..SeriesStore::default() });
        true
    }

    /// What is watched.
    pub fn watched(&self) -> Vec<Watch> {
        self.series.with_untracked(|series| series.watched.clone())
    }

    /// Whether so much of an experiment has come. Tracks the part that is watched.
    pub fn has(&self, experiment_id: ExperimentId, detail: &Detail) -> bool {
        let holds = |watch: &Watch| watch.experiment_id == experiment_id && watch.detail.holds(detail);
        self.state.with(|part| part.experiments.contains_key(&experiment_id))
            && self.watched().iter().any(holds)
    }

    /// Something of an experiment that every page knows, if there is such an experiment.
    pub fn summary<T>(&self, id: ExperimentId, get: impl FnOnce(&Summary) -> T) -> Option<T> {
        self.overview.with(|overview| overview.experiments.get(&id).map(get))
    }

    /// Folds a message.
    ///
    /// # Errors
    /// [`OutOfOrder`] as [`fold`] has it.
    pub fn fold(&self, mut message: FromServer) -> Result<Change, OutOfOrder> {
        if let FromServer::Welcome { version, device } = message {
            // It comes again as a heartbeat: only a change is told on.
            let server = Some(Server { version, device });
            if self.server.with_untracked(|known| *known != server) {
                self.server.set(server);
            }
            return Ok(Change::default());
        }
        let mut outcome = Ok(Change::default());
        self.overview.maybe_update(|overview| {
            self.state.maybe_update(|part| {
                self.series.maybe_update(|series| {
                    outcome = fold(&mut PageState { overview, part, series }, &mut message);
                    outcome.is_ok_and(|change| change.series)
                });
                outcome.is_ok_and(|change| change.part)
            });
            outcome.is_ok_and(|change| change.overview)
        });
        // Told once: the snapshot of a new connection must not draw the page anew, with a form half filled in.
        if outcome.is_ok_and(|change| change.anew) && !self.ready.get_untracked() {
            self.ready.set(true);
        }
        outcome
    }
}

/// The store of this page.
pub fn use_store() -> Store {
    expect_context::<Store>()
}

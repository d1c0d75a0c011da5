//! What the page knows of the lab: the fold of the server's messages, as signals.

use super::fold::{Change, Known, OutOfOrder, SeriesStore, Watch, fold};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::overview::{Overview, Summary};
use tunemask_shared::protocol::FromServer;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::Detail;

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
    /// The part of the lab that is watched: an experiment with its runs, or nothing until it comes.
    pub state: RwSignal<LabState>,
    /// The watched experiment's points.
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

    /// Turns to another part of the lab, which is yet to come. Whether it is to be asked for: who has all runs has the grid.
    pub fn watch(&self, wanted: Option<Watch>) -> bool {
        let (held, id) = (self.watched(), |watch: Option<Watch>| watch.map(|watch| watch.experiment_id));
        if wanted == held || (id(wanted) == id(held) && wanted.map(|w| w.detail) < held.map(|w| w.detail)) {
            return false;
        }
        self.state.set(LabState::default());
        self.series.set(SeriesStore { watched: wanted, ..SeriesStore::default() });
        true
    }

    /// What is watched.
    pub fn watched(&self) -> Option<Watch> {
        self.series.with_untracked(|series| series.watched)
    }

    /// Whether so much of an experiment has come. Tracks the part that is watched.
    pub fn has(&self, experiment_id: ExperimentId, detail: Detail) -> bool {
        self.state.with(|part| part.experiments.contains_key(&experiment_id))
            && self.watched().is_some_and(|watch| watch.detail >= detail)
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
                    outcome = fold(&mut Known { overview, part, series }, &mut message);
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

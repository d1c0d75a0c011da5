//! What the page knows of the lab: the fold of the server's messages, as signals.

use super::fold::{Change, OutOfOrder, SeriesStore, fold};
use leptos::prelude::*;
use tunemask_shared::event::ExperimentId;
use tunemask_shared::protocol::FromServer;
use tunemask_shared::state::LabState;

/// What the server says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Version of the program.
    pub version: String,
    /// The device that trains.
    pub device: String,
}

/// The lab's state as the server last told it. Copies are the same store.
#[derive(Clone, Copy)]
pub struct Store {
    /// The fold of the log.
    pub state: RwSignal<LabState>,
    /// The watched experiment's points.
    pub series: RwSignal<SeriesStore>,
    /// Whether a snapshot has come.
    pub ready: RwSignal<bool>,
    /// The program at the other end.
    pub server: RwSignal<Option<Server>>,
}

impl Store {
    /// Knows nothing yet.
    pub fn new() -> Store {
        Store {
            state: RwSignal::new(LabState::default()),
            series: RwSignal::new(SeriesStore::default()),
            ready: RwSignal::new(false),
            server: RwSignal::new(None),
        }
    }

    /// Turns to another experiment, whose points are yet to come. Whether it is another one.
    pub fn watch(&self, experiment: Option<ExperimentId>) -> bool {
        let other = self.watched() != experiment;
        if other {
            self.series.update(|series| series.watch(experiment));
        }
        other
    }

    /// The experiment whose points are kept.
    pub fn watched(&self) -> Option<ExperimentId> {
        self.series.with_untracked(|series| series.watched)
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
        self.state.maybe_update(|state| {
            self.series.maybe_update(|series| {
                outcome = fold(state, series, &mut message);
                outcome.is_ok_and(|change| change.series)
            });
            outcome.is_ok_and(|change| change.lab)
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

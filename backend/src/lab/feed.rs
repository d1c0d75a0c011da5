//! What was written, for listeners: the state that it folds to, then every line once and in order.

use super::LabError;
use super::trouble::{Trouble, Troubles};
use crate::store::StoreError;
use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, error::RecvError};
use tunemask_shared::event::Event;
use tunemask_shared::state::LabState;

/// Batches that a listener may lag behind before it gets a snapshot instead.
pub(super) const BACKLOG: usize = 1024;

/// What there is to hear.
#[derive(Clone, Debug)]
enum Notice {
    /// Lines as they are written.
    Lines(Arc<[Event]>),
    /// Something else, see [`Update`].
    Other(Update),
}

/// What was written, for listeners.
#[derive(Clone, Debug)]
pub(super) struct Feed(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    /// Shared with whoever reads it: a line that is folded meanwhile goes into a copy.
    state: Mutex<Arc<LabState>>,
    /// `None` when nothing is written any more.
    notices: Mutex<Option<broadcast::Sender<Notice>>>,
    troubles: Troubles,
}

impl Feed {
    /// A feed of what follows a state.
    pub(super) fn new(state: LabState) -> Self {
        Self(Arc::new(Shared {
            state: Mutex::new(Arc::new(state)),
            notices: Mutex::new(Some(broadcast::channel(BACKLOG).0)),
            troubles: Troubles::default(),
        }))
    }

    /// Nothing follows any more.
    pub(super) fn end(&self) {
        *self.notices() = None;
    }

    /// The fold of all that was written up to now. Nobody waits for a holder; one that holds it for long makes the
    /// next line copy it.
    pub(super) fn state(&self) -> Arc<LabState> {
        self.locked().clone()
    }

    /// Looks at the fold of all that was written up to now. Whoever writes waits meanwhile; nothing is copied.
    pub(super) fn read<T>(&self, look: impl FnOnce(&LabState) -> T) -> T {
        look(&self.locked())
    }

    fn locked(&self) -> MutexGuard<'_, Arc<LabState>> {
        // The fold of a line cannot panic half-way.
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn notices(&self) -> MutexGuard<'_, Option<broadcast::Sender<Notice>>> {
        self.0.notices.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn send(&self, notice: Notice) {
        if let Some(notices) = &*self.notices() {
            // Nobody listens: that is no error.
            _ = notices.send(notice);
        }
    }

    /// The state, and all that is written from then on.
    pub(super) fn subscribe(&self) -> Subscription {
        // Lines are folded and sent under the same lock, so that none is in both or in neither.
        let state = self.locked();
        // A sender that is gone at once ends what it was to tell.
        let receiver =
            self.notices().as_ref().map_or_else(|| broadcast::channel(1).1, broadcast::Sender::subscribe);
        let mut first = VecDeque::from([Update::Snapshot(state.clone())]);
        match (self.0.troubles.failure(), self.0.troubles.now()) {
            (Some(error), _) => first.push_back(Update::Failed(error)),
            (None, Some(trouble)) => first.push_back(Update::Waits(Some(trouble))),
            (None, None) => {}
        }
        Subscription { first, receiver, feed: self.clone() }
    }

    /// Folds lines that are on the disk, and tells everyone.
    pub(super) fn show(&self, events: Vec<Event>) {
        if events.is_empty() {
            return;
        }
        let mut shared = self.locked();
        let state = Arc::make_mut(&mut shared);
        for event in &events {
            if let Err(gap) = state.apply(event) {
                // The store numbers lines one by one; if it ever did not, listeners find the gap too.
                tracing::error!("{gap}");
            }
        }
        self.send(Notice::Lines(events.into()));
    }

    /// The log cannot be written any more.
    pub(super) fn fail(&self, error: StoreError) {
        tracing::error!("{error}");
        let error = Arc::new(error);
        // Under the lock of `subscribe`, so that a listener is told once.
        let _state = self.locked();
        self.0.troubles.fail(error.clone());
        self.send(Notice::Other(Update::Failed(error)));
    }

    pub(super) fn failure(&self) -> LabError {
        self.0.troubles.failure().map_or(LabError::Stopped, LabError::Store)
    }

    /// Why nothing goes on, if so.
    pub(super) fn troubles(&self) -> &Troubles {
        &self.0.troubles
    }

    /// The log cannot be written for now.
    pub(super) fn log_waits(&self, error: StoreError) {
        let text = error.to_string();
        if self.0.troubles.set_log(Some(error)) {
            tracing::warn!("{text}; training waits until then");
            self.tell();
        }
    }

    /// The log was written: what kept it has passed, if anything did.
    pub(super) fn log_is_written(&self) {
        if self.0.troubles.set_log(None) {
            tracing::warn!("the log can be written again; training goes on");
            self.tell();
        }
    }

    /// The device cannot be used, or can again.
    pub(super) fn device_waits(&self, why: Option<String>) {
        if self.0.troubles.set_device(why) {
            self.tell();
        }
    }

    /// Tells everyone what keeps the queue from going on, or that nothing does any more.
    fn tell(&self) {
        let _state = self.locked();
        self.send(Notice::Other(Update::Waits(self.0.troubles.now())));
    }
}

/// What a listener hears.
#[derive(Clone, Debug)]
pub enum Update {
    /// All that was written so far. Comes first, and again after the listener lagged too far behind.
    Snapshot(Arc<LabState>),
    /// The lines that follow, in order and without gaps.
    Events(Arc<[Event]>),
    /// Nothing trains or is written until this has passed; or it has.
    Waits(Option<Trouble>),
    /// The log cannot be written any more; nothing trains until the program is started anew.
    Failed(Arc<StoreError>),
}

/// Listens to all that is written.
#[derive(Debug)]
pub struct Subscription {
    first: VecDeque<Update>,
    receiver: broadcast::Receiver<Notice>,
    feed: Feed,
}

impl Subscription {
    /// Waits for what comes next; `None` when the lab has ended.
    ///
    /// Safe to cancel: nothing is lost if the future is dropped.
    pub async fn next(&mut self) -> Option<Update> {
        if let Some(update) = self.first.pop_front() {
            return Some(update);
        }
        let received = self.receiver.recv().await;
        self.classify(received)
    }

    /// The same, outside of an async runtime.
    pub fn blocking_next(&mut self) -> Option<Update> {
        if let Some(update) = self.first.pop_front() {
            return Some(update);
        }
        let received = self.receiver.blocking_recv();
        self.classify(received)
    }

    fn classify(&mut self, received: Result<Notice, RecvError>) -> Option<Update> {
        match received {
            Ok(Notice::Lines(events)) => Some(Update::Events(events)),
            Ok(Notice::Other(update)) => Some(update),
            Err(RecvError::Lagged(_)) => {
                *self = self.feed.subscribe();
                self.first.pop_front()
            }
            Err(RecvError::Closed) => None,
        }
    }
}

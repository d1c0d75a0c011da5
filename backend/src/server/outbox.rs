use std::collections::HashSet;
use std::time::Duration;
use tokio::time::Instant;
use tunemask_shared::event::{Event, What};
use tunemask_shared::protocol::FromServer;
use tunemask_shared::run::RunId;

/// Shortest time between two deltas.
const PERIOD: Duration = Duration::from_millis(100);

/// Most events of one message; a large experiment queues thousands at once.
const EVENTS: usize = 500;

/// Events on their way to one page, and answers that must not overtake them.
#[derive(Debug)]
pub(super) struct Outbox {
    events: Vec<Event>,
    answers: Vec<FromServer>,
    watched: HashSet<RunId>,
    due: Instant,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self { events: Vec::new(), answers: Vec::new(), watched: HashSet::new(), due: Instant::now() }
    }

    /// Sends these runs' points whole from now on.
    pub(super) fn watch(&mut self, runs: impl IntoIterator<Item = RunId>) {
        self.watched = runs.into_iter().collect();
    }

    /// Forgets the events: a snapshot that is about to be sent holds them.
    pub(super) fn clear_events(&mut self) {
        self.events.clear();
    }

    pub(super) fn add(&mut self, events: &[Event]) {
        self.events.extend(events.iter().cloned());
    }

    /// Sends the answer behind all events that are waiting.
    pub(super) fn answer(&mut self, answer: FromServer) {
        self.answers.push(answer);
    }

    /// When to send next; `None` while there is nothing to send.
    pub(super) fn due(&self) -> Option<Instant> {
        match (self.events.is_empty(), self.answers.is_empty()) {
            (true, true) => None,
            (true, false) => Some(Instant::now()),
            _ => Some(self.due),
        }
    }

    /// What is to be sent now.
    pub(super) fn take(&mut self) -> Vec<FromServer> {
        if !self.events.is_empty() {
            self.due = Instant::now() + PERIOD;
        }
        let mut events: Vec<Event> = std::mem::take(&mut self.events);
        for event in &mut events {
            if let What::Points { run, points } = &mut event.what
                && !self.watched.contains(run)
            {
                *points = points.last();
            }
        }
        let messages = events.chunks(EVENTS).map(|some| FromServer::Events {
            through: some.last().map_or(0, |event| event.seq),
            events: some.to_vec(),
        });
        messages.chain(std::mem::take(&mut self.answers)).collect()
    }
}

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
    /// Number of the last event that the page's snapshot holds.
    held: u64,
    due: Instant,
}

impl Outbox {
    pub(super) fn new() -> Self {
        Self {
            events: Vec::new(),
            answers: Vec::new(),
            watched: HashSet::new(),
            held: 0,
            due: Instant::now(),
        }
    }

    /// Sends these runs' points whole from now on.
    pub(super) fn watch(&mut self, runs: impl IntoIterator<Item = RunId>) {
        self.watched = runs.into_iter().collect();
    }

    /// Starts behind a snapshot, which holds the events up to this one.
    pub(super) fn start_behind(&mut self, seq: u64) {
        self.events.clear();
        self.held = seq;
    }

    /// Takes events, but for those that the page's snapshot holds.
    pub(super) fn add(&mut self, events: &[Event]) {
        self.events.extend(events.iter().filter(|event| event.seq > self.held).cloned());
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_snapshot_holds_is_not_sent_again() {
        let events: Vec<Event> = (1..=5).map(|seq| Event { seq, at_ms: 0, what: What::Paused }).collect();
        let mut outbox = Outbox::new();
        outbox.add(&events[..2]);
        // Made a little later than the page asked for it: lines that come now may be in it already.
        outbox.start_behind(3);
        outbox.add(&events[2..3]);
        assert_eq!(outbox.due(), None);
        outbox.add(&events[2..]);
        let messages = outbox.take();
        let [FromServer::Events { events, through: 5 }] = &messages[..] else { panic!("{messages:?}") };
        assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [4, 5]);
    }
}

//! Events on their way to one page.

use std::collections::HashSet;
use std::future::pending;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tunemask_shared::event::{Event, EventKind};
use tunemask_shared::protocol::FromServer;
use tunemask_shared::run::RunId;

/// Shortest time between two deltas.
const PERIOD: Duration = Duration::from_millis(100);

/// Most events of one message; a large experiment queues thousands at once.
const MAX_EVENTS: usize = 500;

/// Events on their way to one page, and answers that must not overtake them. Its clock is tokio's.
#[derive(Debug)]
pub(super) struct SendQueue {
    /// In their order, not sent yet.
    events: Vec<Event>,
    /// They are sent behind the events: whatever an answer speaks of is among these, or was sent.
    answers: Vec<FromServer>,
    /// Runs whose points the page gets whole; of all others it gets the last one.
    watched: HashSet<RunId>,
    /// Number of the last event that the page's snapshot holds; what comes up to it is dropped.
    held: u64,
    /// When the next events may go out.
    due: Instant,
}

impl SendQueue {
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

    /// Waits until something is to be sent; without an end while there is nothing. Safe to cancel.
    pub(super) async fn ready(&self) {
        match (self.events.is_empty(), self.answers.is_empty()) {
            (true, true) => pending().await,
            // Alone, an answer need not wait.
            (true, false) => {}
            _ => sleep_until(self.due).await,
        }
    }

    /// What is to be sent now.
    pub(super) fn take(&mut self) -> Vec<FromServer> {
        if !self.events.is_empty() {
            self.due = Instant::now() + PERIOD;
        }
        let mut events: Vec<Event> = std::mem::take(&mut self.events);
        for event in &mut events {
            if let EventKind::Points { run, points } = &mut event.kind
                && !self.watched.contains(run)
            {
                *points = points.last();
            }
        }
        let messages = events.chunks(MAX_EVENTS).map(|some| FromServer::Events {
            through: some.last().map_or(0, |event| event.seq),
            events: some.to_vec(),
        });
        messages.chain(std::mem::take(&mut self.answers)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{interval, timeout};

    fn event(seq: u64) -> Event {
        Event { seq, at_ms: 0, kind: EventKind::Paused }
    }

    fn numbers(messages: &[FromServer]) -> Vec<u64> {
        let events = messages.iter().flat_map(|message| match message {
            FromServer::Events { events, through } => {
                assert_eq!(events.last().map(|event| event.seq), Some(*through));
                &events[..]
            }
            _ => &[],
        });
        events.map(|event| event.seq).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn deltas_come_at_most_ten_times_a_second_and_hold_every_event_once() {
        let (mut queue, begin) = (SendQueue::new(), Instant::now());
        let mut lines = interval(Duration::from_millis(7));
        let (mut written, mut sent, mut times) = (0, Vec::new(), Vec::new());
        while begin.elapsed() < Duration::from_secs(3) {
            tokio::select! {
                _ = lines.tick() => {
                    written += 1;
                    queue.add(&[event(written)]);
                }
                () = queue.ready() => {
                    times.push(begin.elapsed());
                    sent.extend(numbers(&queue.take()));
                }
            }
        }
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= PERIOD), "{times:?}");
        assert!((29..=31).contains(&times.len()), "{times:?}");
        sent.extend(numbers(&queue.take()));
        assert!(sent.into_iter().eq(1..=written));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_goes_out_at_once_but_never_before_what_was_written_earlier() {
        let mut queue = SendQueue::new();
        let begin = Instant::now();
        let refused = || FromServer::Refused { request: None, reason: String::new() };
        assert!(timeout(Duration::from_secs(60), queue.ready()).await.is_err(), "there is nothing to send");
        queue.add(&[event(1)]);
        queue.ready().await;
        assert_eq!(numbers(&queue.take()), [1]);
        // The next events wait; an answer alone does not.
        queue.answer(refused());
        queue.ready().await;
        assert_eq!((queue.take().len(), begin.elapsed()), (1, Duration::from_secs(60)));
        queue.add(&[event(2)]);
        queue.answer(refused());
        queue.ready().await;
        assert_eq!(begin.elapsed(), Duration::from_secs(60) + PERIOD);
        let messages = queue.take();
        assert_eq!(numbers(&messages), [2]);
        assert!(matches!(messages.last(), Some(FromServer::Refused { .. })));
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_snapshot_holds_is_not_sent_again() {
        let events: Vec<Event> = (1..=5).map(event).collect();
        let mut queue = SendQueue::new();
        queue.add(&events[..2]);
        // Made a little later than the page asked for it: lines that come now may be in it already.
        queue.start_behind(3);
        queue.add(&events[2..3]);
        assert!(timeout(Duration::from_secs(60), queue.ready()).await.is_err());
        queue.add(&events[2..]);
        let messages = queue.take();
        assert_eq!((messages.len(), numbers(&messages)), (1, vec![4, 5]));
    }
}

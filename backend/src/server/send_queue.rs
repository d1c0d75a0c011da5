//! What is on its way to one page.

use std::future::pending;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::{Instant, sleep_until};
use tunemask_shared::event::{Event, EventKind};
use tunemask_shared::protocol::FromServer;
use tunemask_shared::watched::Watched;

/// Shortest time between two deltas.
const MIN_DELTA_INTERVAL: Duration = Duration::from_millis(100);

/// Most events of one message; a large experiment queues thousands at once.
const MAX_EVENTS: usize = 500;

/// Lines that concern what the page watches, word that others were written, and answers that must overtake neither. Its
/// clock is tokio's.
#[derive(Debug)]
pub(super) struct SendQueue {
    /// In their order, not sent yet.
    events: Vec<Event>,
    /// They are sent behind the events: whatever an answer speaks of is among these, or was sent.
    answers: Vec<FromServer>,
    /// What the page watches.
    watch: Option<Watching>,
    /// Whether lines were written since the page was told of the lab as a whole.
    overview_due: bool,
    /// When the next events may go out.
    due: Instant,
}

/// What a page watches, and how far it was told of it.
#[derive(Debug)]
struct Watching {
    watched: Arc<Watched>,
    /// Number of the last line that the page has; what comes up to it is dropped.
    told: u64,
}

impl SendQueue {
    pub(super) fn new() -> Self {
        let (events, answers) = (Vec::new(), Vec::new());
        Self { events, answers, watch: None, overview_due: false, due: Instant::now() }
    }

    /// The page watches this from now on, and has it up to a line.
    pub(super) fn begin(&mut self, watched: Arc<Watched>, seq: u64) {
        self.events.clear();
        self.watch = Some(Watching { watched, told: seq });
    }

    /// The page watches nothing any more.
    pub(super) fn end(&mut self) {
        self.events.clear();
        self.watch = None;
    }

    /// What the page watches.
    pub(super) fn watched(&self) -> Option<&Watched> {
        self.watch.as_ref().map(|watch| &*watch.watched)
    }

    /// Takes lines that were written: those that concern what the page watches, and that it does not have.
    pub(super) fn add(&mut self, events: &[Event]) {
        self.overview_due = true;
        if let Some(Watching { watched, told }) = &self.watch {
            let new = events.iter().filter(|event| event.seq > *told && watched.concerns(&event.kind));
            self.events.extend(new.cloned());
        }
    }

    /// The page is to be told of the lab as a whole.
    pub(super) fn want_overview(&mut self) {
        self.overview_due = true;
    }

    /// Sends the answer behind all that is waiting.
    pub(super) fn answer(&mut self, answer: FromServer) {
        self.answers.push(answer);
    }

    /// Waits until something is to be sent; without an end while there is nothing. Safe to cancel.
    pub(super) async fn ready(&self) {
        match (self.events.is_empty() && !self.overview_due, self.answers.is_empty()) {
            (true, true) => pending().await,
            // Alone, an answer need not wait.
            (true, false) => {}
            _ => sleep_until(self.due).await,
        }
    }

    /// The lines that are to be sent now. They come before the overview, and this before the answers.
    pub(super) fn take_events(&mut self) -> Vec<FromServer> {
        if !self.events.is_empty() || self.overview_due {
            self.due = Instant::now() + MIN_DELTA_INTERVAL;
        }
        let mut events: Vec<Event> = std::mem::take(&mut self.events);
        let Some(Watching { watched, told }) = &mut self.watch else { return Vec::new() };
        if !watched.shows_curves() {
            for event in &mut events {
                if let EventKind::Points { points, .. } = &mut event.kind {
                    *points = points.last();
                }
            }
        }
        let messages = events.chunks(MAX_EVENTS).map(|some| {
            let after = std::mem::replace(told, some.last().map_or(*told, |event| event.seq));
            FromServer::Events { after, events: some.to_vec() }
        });
        messages.collect()
    }

    /// Whether the page is to be told of the lab as a whole.
    pub(super) fn take_overview(&mut self) -> bool {
        std::mem::take(&mut self.overview_due)
    }

    /// Whether answers wait.
    pub(super) fn has_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    /// The answers that are to be sent now.
    pub(super) fn take_answers(&mut self) -> Vec<FromServer> {
        std::mem::take(&mut self.answers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::{interval, timeout};
    use tunemask_shared::event::ExperimentId;
    use tunemask_shared::fixtures::story;
    use tunemask_shared::state::LabState;
    use tunemask_shared::watched::{Detail, Watch};

    /// The lab of [`story`] after seven lines: all events here are of its first run.
    fn watched(detail: Detail) -> Arc<Watched> {
        let mut lab = LabState::default();
        story()[..7].iter().for_each(|event| lab.apply(event).unwrap());
        Arc::new(Watched::new(&lab, vec![Watch { experiment_id: ExperimentId(1), detail }]).unwrap())
    }

    fn queue(seq: u64) -> SendQueue {
        let mut queue = SendQueue::new();
        queue.begin(watched(Detail::Runs), seq);
        queue
    }

    fn event(seq: u64) -> Event {
        Event { seq, ..story()[8].clone() }
    }

    /// Numbers of all events, which follow one another.
    fn numbers(messages: &[FromServer], mut told: u64) -> Vec<u64> {
        let mut numbers = Vec::new();
        for message in messages {
            let FromServer::Events { after, events, .. } = message else { panic!("{message:?}") };
            assert_eq!(*after, told);
            numbers.extend(events.iter().map(|event| event.seq));
            told = *numbers.last().unwrap();
        }
        numbers
    }

    #[tokio::test(start_paused = true)]
    async fn deltas_come_at_most_ten_times_a_second_and_hold_every_event_once() {
        let (mut queue, begin) = (queue(0), Instant::now());
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
                    let told = sent.last().copied().unwrap_or(0);
                    sent.extend(numbers(&queue.take_events(), told));
                    assert!(queue.take_overview());
                }
            }
        }
        assert!(times.windows(2).all(|pair| pair[1] - pair[0] >= MIN_DELTA_INTERVAL), "{times:?}");
        assert!((29..=31).contains(&times.len()), "{times:?}");
        let told = *sent.last().unwrap();
        sent.extend(numbers(&queue.take_events(), told));
        assert!(sent.into_iter().eq(1..=written));
    }

    #[tokio::test(start_paused = true)]
    async fn an_answer_goes_out_at_once_but_never_before_what_was_written_earlier() {
        let mut queue = queue(0);
        let begin = Instant::now();
        let refused = || FromServer::Refused { request: None, reason: String::new() };
        assert!(timeout(Duration::from_secs(60), queue.ready()).await.is_err(), "there is nothing to send");
        queue.add(&[event(1)]);
        queue.ready().await;
        assert_eq!(numbers(&queue.take_events(), 0), [1]);
        assert!(queue.take_overview() && !queue.take_overview() && !queue.has_answers());
        // The next events wait; an answer alone does not.
        queue.answer(refused());
        queue.ready().await;
        assert_eq!((queue.take_answers().len(), begin.elapsed()), (1, Duration::from_secs(60)));
        queue.add(&[event(2)]);
        queue.answer(refused());
        assert!(queue.has_answers());
        queue.ready().await;
        assert_eq!(begin.elapsed(), Duration::from_secs(60) + MIN_DELTA_INTERVAL);
        assert_eq!(numbers(&queue.take_events(), 1), [2]);
        // Lines of other experiments are none of the page's, but the lab as a whole is another.
        assert!(queue.take_overview());
        queue.add(&[Event { seq: 3, ..story()[13].clone() }]);
        queue.ready().await;
        assert!(queue.take_events().is_empty() && queue.take_overview());
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_part_holds_is_not_sent_again() {
        let events: Vec<Event> = (1..=5).map(event).collect();
        let mut queue = SendQueue::new();
        queue.add(&events[..2]);
        assert!(queue.take_events().is_empty(), "nothing is watched");
        queue.take_overview();
        // Made a little later than the page asked for it: lines that come now may be in it already.
        queue.begin(watched(Detail::Runs), 3);
        queue.add(&events[2..3]);
        assert!(queue.take_events().is_empty());
        queue.add(&events[2..]);
        let messages = queue.take_events();
        assert_eq!((messages.len(), numbers(&messages, 3)), (1, vec![4, 5]));
        queue.add(&[event(6)]);
        queue.end();
        assert!(queue.take_events().is_empty() && queue.watched().is_none());
    }

    #[tokio::test(start_paused = true)]
    async fn many_lines_go_out_in_pieces_and_a_grid_needs_no_curves() {
        let mut queue = queue(0);
        let many: Vec<Event> = (1..=1200).map(event).collect();
        queue.add(&many);
        let messages = queue.take_events();
        assert_eq!(messages.len(), 3);
        assert!(numbers(&messages, 0).into_iter().eq(1..=1200));
        queue.begin(watched(Detail::Grid), 0);
        let mut whole = event(1);
        if let EventKind::Points { points, .. } = &mut whole.kind {
            let more = points.clone();
            points.extend(&more);
        }
        queue.add(&[whole]);
        let [FromServer::Events { events, .. }] = &queue.take_events()[..] else { panic!("one message") };
        let EventKind::Points { points, .. } = &events[0].kind else { panic!("points") };
        assert_eq!(points.len(), 1);
    }
}

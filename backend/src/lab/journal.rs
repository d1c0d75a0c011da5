//! The log's owner: what is written is shown.

use super::LabError;
use super::feed::Feed;
use super::sink::Sink;
use crate::store::{Mark, StoreError};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, sync_channel};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tunemask_shared::event::{Event, EventKind};
use tunemask_shared::state::LabState;

/// Batches of lines that may wait to be written; then the writer's pace is everyone's.
const MAX_WAITING_BATCHES: usize = 256;
/// Lines of one transaction.
const MAX_TRANSACTION_LINES: usize = 4096;
/// How long nothing is written before the log is looked after.
const IDLE_CHECK_INTERVAL: Duration = Duration::from_secs(2);
/// How long lines may stand beside the log's one file while others are written.
const WAL_MAX_AGE: Duration = Duration::from_secs(60);
/// Times between two tries to write what could not be written.
const RETRY_DELAYS: [Duration; 2] = [Duration::from_millis(200), Duration::from_secs(5)];
/// How long lines are tried to be written when the program ends.
const LAST_TRIES: Duration = Duration::from_secs(3);

/// Writes to the log. Where the log is locked or has no room, lines wait until it can be written, and so does who writes
/// them. The thread behind it ends when the last clone is dropped, or when the log cannot be written for another reason:
/// then nothing more is written, and every later call says why.
#[derive(Clone, Debug)]
pub(super) struct Journal {
    sender: SyncSender<Entry>,
    feed: Feed,
}

#[derive(Debug)]
struct Entry {
    lines: Vec<EventKind>,
    /// How far segments are folded with them.
    marks: Vec<Mark>,
    written: Option<SyncSender<()>>,
}

impl Journal {
    /// Starts the log's thread, and gives a feed of what it writes.
    pub(super) fn start(sink: impl Sink, state: LabState) -> Result<(Self, Feed, JoinHandle<()>), LabError> {
        let (sender, receiver) = sync_channel(MAX_WAITING_BATCHES);
        let feed = Feed::new(state);
        let writer = feed.clone();
        let thread = thread::Builder::new()
            .name("journal".into())
            .spawn(move || {
                let _end = End(&writer);
                write(sink, &receiver, &writer);
            })
            .map_err(|e| LabError::Thread(e.into()))?;
        Ok((Self { sender, feed: feed.clone() }, feed, thread))
    }

    /// Hands lines over to be written soon, behind all that was handed over before.
    ///
    /// # Errors
    /// The log cannot be written any more.
    pub(super) fn push(&self, lines: Vec<EventKind>) -> Result<(), LabError> {
        self.sender.send(Entry { lines, marks: Vec::new(), written: None }).map_err(|_| self.feed.failure())
    }

    /// Writes lines. When this returns they are on the disk and in the feed's state.
    ///
    /// # Errors
    /// The log cannot be written any more.
    pub(super) fn append(&self, lines: Vec<EventKind>) -> Result<(), LabError> {
        self.append_folded(lines, Vec::new())
    }

    /// The same of lines that come of segments, with how far these are folded then.
    ///
    /// # Errors
    /// The log cannot be written any more.
    pub(super) fn append_folded(&self, lines: Vec<EventKind>, marks: Vec<Mark>) -> Result<(), LabError> {
        let (written, done) = sync_channel(1);
        let entry = Entry { lines, marks, written: Some(written) };
        self.sender.send(entry).map_err(|_| self.feed.failure())?;
        done.recv().map_err(|_| self.feed.failure())
    }

    /// What was written.
    pub(super) fn feed(&self) -> &Feed {
        &self.feed
    }
}

/// Tells listeners that nothing follows, also where the thread panics.
struct End<'a>(&'a Feed);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Writes what comes until nothing can come any more, or the log cannot be written.
fn write(mut sink: impl Sink, receiver: &Receiver<Entry>, feed: &Feed) {
    let mut gathered = Instant::now();
    loop {
        let first = match receiver.recv_timeout(IDLE_CHECK_INTERVAL) {
            Ok(first) => first,
            Err(RecvTimeoutError::Timeout) => {
                if let Err(error) = sink.check() {
                    return feed.fail(error);
                }
                sink.gather();
                gathered = Instant::now();
                continue;
            }
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // All that waits goes into one transaction: one fsync for many lines.
        let (mut lines, mut marks) = (first.lines, first.marks);
        let mut written: Vec<_> = first.written.into_iter().collect();
        while lines.len() < MAX_TRANSACTION_LINES {
            let Ok(next) = receiver.try_recv() else { break };
            lines.extend(next.lines);
            marks.extend(next.marks);
            written.extend(next.written);
        }
        let events = sink.number(lines);
        if let Err(error) = persist(&mut sink, &Batch { events: &events, marks: &marks }, feed) {
            // While those still wait that are about to be told why.
            return feed.fail(error);
        }
        feed.show(events);
        written.into_iter().for_each(|done| _ = done.send(()));
        if gathered.elapsed() > WAL_MAX_AGE {
            sink.gather();
            gathered = Instant::now();
        }
    }
}

/// What is written at once.
struct Batch<'a> {
    events: &'a [Event],
    marks: &'a [Mark],
}

/// Writes lines, and tries again for as long as it takes where what is wrong may pass.
fn persist(sink: &mut impl Sink, batch: &Batch<'_>, feed: &Feed) -> Result<(), StoreError> {
    let [mut pause, longest] = RETRY_DELAYS;
    loop {
        match sink.write(batch.events, batch.marks) {
            Ok(()) => {
                feed.log_is_written();
                return Ok(());
            }
            Err(error) if error.may_pass() && !feed.troubles().is_late(LAST_TRIES) => {
                feed.log_waits(error);
                feed.troubles().wait(pause);
                pause = longest.min(2 * pause);
            }
            Err(error) => return Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::feed::{BACKLOG, Update};
    use crate::store::Store;
    use std::sync::Arc;

    #[test]
    fn a_listener_that_lags_gets_a_snapshot_and_goes_on() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let (journal, feed, thread) = Journal::start(store, LabState::default()).unwrap();
        let mut subscription = feed.subscribe();
        assert!(matches!(subscription.blocking_next(), Some(Update::Snapshot(state)) if state.seq == 0));
        // Each waits for its transaction, so that each is a batch of its own.
        let batches = BACKLOG as u64 + 500;
        for _ in 0..batches {
            journal.append(vec![EventKind::Paused]).unwrap();
        }
        let Some(Update::Snapshot(mut state)) = subscription.blocking_next() else { panic!("it lags") };
        assert_eq!(state.seq, batches);
        journal.append(vec![EventKind::Resumed, EventKind::Paused]).unwrap();
        let Some(Update::Events(events)) = subscription.blocking_next() else { panic!("it goes on") };
        events.iter().for_each(|event| Arc::make_mut(&mut state).apply(event).unwrap());
        assert_eq!(state.seq, batches + 2);
        assert_eq!(state, feed.state());
        drop(journal);
        thread.join().unwrap();
        // Though the feed is still here.
        assert!(subscription.blocking_next().is_none());
    }

    #[test]
    fn a_log_that_cannot_be_written_any_more_is_told_to_everyone() {
        let home = tempfile::tempdir().unwrap();
        let mut store = Store::open(home.path()).unwrap();
        store.append(vec![EventKind::Paused]).unwrap();
        let state = store.state().unwrap();
        let (journal, feed, thread) = Journal::start(store, state).unwrap();
        let early = feed.subscribe();
        std::fs::remove_dir_all(home.path()).unwrap();
        assert!(
            matches!(journal.append(vec![EventKind::Resumed]), Err(LabError::Store(e)) if matches!(*e, StoreError::Gone(_)))
        );
        thread.join().unwrap();
        assert!(matches!(journal.push(vec![EventKind::Resumed]), Err(LabError::Store(_))));
        for mut listener in [early, feed.subscribe()] {
            assert!(matches!(listener.blocking_next(), Some(Update::Snapshot(state)) if state.seq == 1));
            assert!(matches!(listener.blocking_next(), Some(Update::Failed(_))));
            assert!(listener.blocking_next().is_none());
        }
    }

    #[test]
    fn lines_wait_for_a_log_that_is_locked_or_has_no_room_and_none_is_lost() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join(crate::store::FILE_NAME);
        let (journal, feed, thread) =
            Journal::start(Store::open(home.path()).unwrap(), LabState::default()).unwrap();
        let mut listener = feed.subscribe();
        listener.blocking_next();
        let other = rusqlite::Connection::open(&path).unwrap();
        other.execute_batch("BEGIN IMMEDIATE").unwrap();
        journal.push(vec![EventKind::Paused]).unwrap();
        let Some(Update::Waits(Some(trouble))) = listener.blocking_next() else { panic!("it waits") };
        assert!(trouble.to_string().contains("locked by another program"), "{trouble}");
        // Who comes meanwhile hears it, too.
        let mut late = feed.subscribe();
        assert!(matches!(late.blocking_next(), Some(Update::Snapshot(state)) if state.seq == 0));
        assert!(matches!(late.blocking_next(), Some(Update::Waits(Some(_)))));
        journal.push(vec![EventKind::Resumed]).unwrap();
        other.execute_batch("ROLLBACK").unwrap();
        let mut heard = 0;
        while heard < 2 {
            match listener.blocking_next() {
                Some(Update::Events(events)) => heard = events.last().unwrap().seq,
                Some(Update::Waits(None)) => {}
                other => panic!("{other:?}"),
            }
        }
        assert!(feed.troubles().now().is_none());
        drop(journal);
        thread.join().unwrap();
        assert_eq!(crate::store::Reader::open(home.path()).unwrap().events(0).unwrap().len(), 2);
    }

    #[test]
    fn a_program_that_ends_does_not_wait_for_a_log_that_has_no_room() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        store.limit_pages(0);
        let (journal, feed, thread) = Journal::start(store, LabState::default()).unwrap();
        let run = tunemask_shared::run::RunId("r".into());
        let writer = journal.clone();
        let waiting =
            std::thread::spawn(move || writer.append(vec![EventKind::failed(run, "x".repeat(100_000))]));
        let mut listener = feed.subscribe();
        while !matches!(listener.blocking_next(), Some(Update::Waits(Some(_)))) {}
        feed.troubles().end();
        assert!(
            matches!(waiting.join().unwrap(), Err(LabError::Store(e)) if matches!(*e, StoreError::Full(_)))
        );
        drop(journal);
        thread.join().unwrap();
    }

    #[test]
    fn what_is_seen_is_on_the_disk() {
        let home = tempfile::tempdir().unwrap();
        let store = Store::open(home.path()).unwrap();
        let reader = store.reader().unwrap();
        let (journal, feed, _thread) = Journal::start(store, LabState::default()).unwrap();
        let mut subscription = feed.subscribe();
        let pusher = std::thread::spawn(move || {
            (0..200).for_each(|_| journal.push(vec![EventKind::Paused, EventKind::Resumed]).unwrap());
        });
        let mut heard = 0;
        while heard < 400 {
            if let Some(Update::Events(events)) = subscription.blocking_next() {
                heard = events.last().unwrap().seq;
                assert!(reader.events(0).unwrap().len() as u64 >= heard);
            }
        }
        pusher.join().unwrap();
    }
}

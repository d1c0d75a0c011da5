//! Where lines go: into the log of a home folder, or into a worker's segment.

use crate::cluster::{Line, SegmentWriter};
use crate::store::{Mark, Store, StoreError};
use tunemask_shared::event::{Event, EventKind};

/// Where lines go.
pub(super) trait Sink: Send + 'static {
    /// Gives lines the numbers and the time with which they are to be written next.
    fn number(&self, lines: Vec<EventKind>) -> Vec<Event>;

    /// Writes lines that were numbered, and how far segments are folded with them. When this returns they are on the disk.
    ///
    /// # Errors
    /// They could not be written; then none of them is.
    fn write(&mut self, events: &[Event], marks: &[Mark]) -> Result<(), StoreError>;

    /// Whether what was written is where its name leads to.
    ///
    /// # Errors
    /// It is not.
    fn check(&mut self) -> Result<(), StoreError>;

    /// Brings all lines into one file, where some stand beside it.
    fn gather(&mut self);
}

impl Sink for Store {
    fn number(&self, lines: Vec<EventKind>) -> Vec<Event> {
        Self::number(self, lines)
    }

    fn write(&mut self, events: &[Event], marks: &[Mark]) -> Result<(), StoreError> {
        Self::write(self, events, marks)
    }

    fn check(&mut self) -> Result<(), StoreError> {
        Self::check(self)
    }

    fn gather(&mut self) {
        Self::gather(self);
    }
}

/// A segment; the numbers of its lines are those of one worker, and stand in no file.
#[derive(Debug)]
pub(super) struct SegmentSink {
    segment: SegmentWriter,
    seq: u64,
}

impl SegmentSink {
    /// Behind the lines of a state.
    pub(super) fn new(segment: SegmentWriter, seq: u64) -> Self {
        Self { segment, seq }
    }
}

impl Sink for SegmentSink {
    fn number(&self, lines: Vec<EventKind>) -> Vec<Event> {
        lines.into_iter().zip(self.seq + 1..).map(|(kind, seq)| Event { seq, at_ms: 0, kind }).collect()
    }

    fn write(&mut self, events: &[Event], _marks: &[Mark]) -> Result<(), StoreError> {
        let Some(last) = events.last() else { return Ok(()) };
        let lines: Vec<Line> = events.iter().map(|event| Line::Event(Box::new(event.kind.clone()))).collect();
        let written = self.segment.append(&lines);
        written.map_err(|cause| StoreError::of_segment(self.segment.path(), cause))?;
        self.seq = last.seq;
        Ok(())
    }

    fn check(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn gather(&mut self) {}
}

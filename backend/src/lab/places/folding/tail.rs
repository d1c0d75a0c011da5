//! A segment on its way to the log: how far it is read, and why no further.

use crate::cluster::{Header, Left, Line, last_line_before, read_whole_lines};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Time between two tries to bring what could not be written: it may be large.
const TRIES: Duration = Duration::from_secs(2);

/// How far a segment is read.
#[derive(Debug, Default)]
pub(super) struct Tail {
    pub(super) bytes: u64,
    pub(super) header: Option<Arc<Header>>,
    pub(super) left: Option<Left>,
    /// The file that is waited for.
    pub(super) waits: Option<Waits>,
    /// Why what is behind was not read, when it was last looked at; none where nothing is.
    pub(super) unread: Option<String>,
}

/// What is waited for.
#[derive(Debug)]
pub(super) struct Waits {
    since: Instant,
    tried: Instant,
    /// What the system said.
    pub(super) error: String,
    /// Whether only a file is missing, which costs nothing to see.
    is_missing: bool,
}

impl Waits {
    /// Whether it was tried a moment ago.
    pub(super) fn is_too_early(&self) -> bool {
        !self.is_missing && self.tried.elapsed() < TRIES
    }
}

impl Tail {
    /// Of a segment of which a program before this one has read so much.
    pub(super) fn read_before(path: &Path, bytes: u64) -> Self {
        let mut tail = Self { bytes, ..Self::default() };
        tail.know_header(path);
        // Where it cannot be read, its writer is taken for one that may go on.
        let last = last_line_before(path, bytes).ok().flatten();
        if let Some(Ok(Line::Left(left))) = last.map(|line| serde_json::from_slice(&line)) {
            tail.left = Some(left);
        }
        tail
    }

    /// Reads who writes it, where another program has read that.
    pub(super) fn know_header(&mut self, path: &Path) {
        if self.bytes > 0 && self.header.is_none() {
            self.header = first_line(path).map(Arc::new);
        }
    }

    /// Takes note of what keeps a file from coming, and says since how long something has.
    pub(super) fn waits_for(&mut self, error: &io::Error) -> Duration {
        let since = self.waits.as_ref().map_or_else(Instant::now, |waits| waits.since);
        let is_missing = error.kind() == io::ErrorKind::NotFound;
        self.waits = Some(Waits { since, tried: Instant::now(), error: error.to_string(), is_missing });
        since.elapsed()
    }

    /// As if what it waits for had been waited for so much longer.
    #[cfg(test)]
    pub(super) fn age(&mut self, by: Duration) {
        if let Some(waits) = &mut self.waits {
            let earlier = |since: Instant| since.checked_sub(by).unwrap_or(since);
            (waits.since, waits.tried) = (earlier(waits.since), earlier(waits.tried));
        }
    }
}

fn first_line(path: &Path) -> Option<Header> {
    let bytes = read_whole_lines(path, 0).ok()?;
    match serde_json::from_slice(bytes.split(|byte| *byte == b'\n').next()?) {
        Ok(Line::Header(header)) => Some(header),
        _ => None,
    }
}

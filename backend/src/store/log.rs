//! The log.

use super::home::{FILE_NAME, HomeLock};
use super::marks::Mark;
use super::presence::Presence;
use super::private::{close_to_others, open_private};
use super::reader::Reader;
use super::{StoreError, schema};
use rusqlite::{Connection, Transaction, TransactionBehavior, params};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};
use tunemask_shared::event::{Event, EventKind};
use tunemask_shared::state::LabState;

/// The log's one writer.
#[derive(Debug)]
pub struct Store {
    connection: Connection,
    path: PathBuf,
    seq: u64,
    at_ms: u64,
    /// Whether lines stand beside the file that are not in it.
    beside: bool,
    presence: Presence,
    _lock: HomeLock,
}

impl Store {
    /// Opens the log of a home folder, which is made if need be.
    ///
    /// # Errors
    /// Another tunemask has it; the folder cannot be written to; the file is damaged, foreign or newer.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        let lock = HomeLock::take(home)?;
        let path = home.join(FILE_NAME);
        let private = || {
            open_private(&path)?;
            // SQLite makes these with the rights of the first.
            ["-wal", "-shm"]
                .iter()
                .try_for_each(|end| close_to_others(&home.join(format!("{FILE_NAME}{end}"))))
        };
        private().map_err(|cause| StoreError::Home { path: path.clone(), cause })?;
        let connection = schema::open(&path)?;
        let (seq, at_ms) = connection
            .query_row("SELECT coalesce(max(seq), 0), coalesce(max(at_ms), 0) FROM events", [], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
            .map_err(|e| StoreError::classify(&path, e))?;
        let presence = lock.presence(&path);
        let mut store = Self { connection, path, seq, at_ms, beside: true, presence, _lock: lock };
        store.gather();
        Ok(store)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A reader of the same file, for another thread.
    ///
    /// # Errors
    /// The file cannot be opened again.
    pub fn reader(&self) -> Result<Reader, StoreError> {
        Reader::open_file(&self.path)
    }

    /// The fold of the whole log.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn state(&self) -> Result<LabState, StoreError> {
        self.reader()?.state()
    }

    /// Appends lines as one transaction and gives them their numbers and their time. When this returns they
    /// are on the disk.
    ///
    /// # Errors
    /// They could not be written; then none of them is.
    pub fn append(&mut self, lines: Vec<EventKind>) -> Result<Vec<Event>, StoreError> {
        let events = self.number(lines);
        self.write(&events, &[])?;
        Ok(events)
    }

    /// Gives lines the numbers and the time with which they are to be written next.
    pub fn number(&self, lines: Vec<EventKind>) -> Vec<Event> {
        // Time never runs backwards in the log, though a machine's clock may.
        let at_ms = self.at_ms.max(now_ms());
        lines.into_iter().zip(self.seq + 1..).map(|(kind, seq)| Event { seq, at_ms, kind }).collect()
    }

    /// Writes lines that were numbered, and how far segments are folded with them, as one transaction. When this returns
    /// they are on the disk, in the file that the home folder's name leads to.
    ///
    /// # Errors
    /// They could not be written; then none of them is. Where the error may pass they may be written later.
    pub fn write(&mut self, events: &[Event], marks: &[Mark]) -> Result<(), StoreError> {
        if events.is_empty() && marks.is_empty() {
            return Ok(());
        }
        let classify = |cause| StoreError::classify(&self.path, cause);
        let transaction =
            self.connection.transaction_with_behavior(TransactionBehavior::Immediate).map_err(classify)?;
        for event in events {
            insert(&transaction, event).map_err(classify)?;
        }
        for mark in marks {
            mark.write(&transaction).map_err(classify)?;
        }
        transaction.commit().map_err(classify)?;
        self.beside = true;
        if let Some(last) = events.last() {
            (self.seq, self.at_ms) = (last.seq, last.at_ms);
        }
        self.check()
    }

    /// Whether what was written is where the home folder's name leads to.
    ///
    /// # Errors
    /// It is not: the folder was deleted, moved or replaced.
    pub fn check(&mut self) -> Result<(), StoreError> {
        self.presence.missing().map_or(Ok(()), |path| Err(StoreError::Gone(path.to_owned())))
    }

    /// Brings all lines into the one file, so that a copy of it has them all. Lines that could not be brought there,
    /// because another program reads, are safe beside it.
    pub fn gather(&mut self) {
        if self.beside {
            let gathered =
                self.connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| row.get::<_, i64>(0));
            self.beside = !matches!(gathered, Ok(0));
        }
    }

    /// Lets the file grow by so many pages only, as if the disk had no more.
    #[cfg(test)]
    pub(crate) fn limit_pages(&self, more: i64) {
        let pages: i64 = self.connection.pragma_query_value(None, "page_count", |row| row.get(0)).unwrap();
        self.connection.pragma_update(None, "max_page_count", pages + more).unwrap();
    }

    #[cfg(test)]
    pub(super) fn connection(&self) -> &Connection {
        &self.connection
    }
}

impl Drop for Store {
    fn drop(&mut self) {
        self.gather();
    }
}

fn insert(transaction: &Transaction<'_>, event: &Event) -> rusqlite::Result<()> {
    let body = |kind: &EventKind| {
        serde_json::to_string(kind).map_err(|e| rusqlite::Error::ToSqlConversionFailure(Box::new(e)))
    };
    let run = event.kind.run().map(|run| run.0.as_str());
    transaction
        .prepare_cached("INSERT INTO events (seq, at_ms, run, kind, body) VALUES (?1, ?2, ?3, ?4, ?5)")?
        .execute(params![event.seq, event.at_ms, run, event.kind.name(), body(&event.kind)?])?;
    if let EventKind::Points { run, points } = &event.kind {
        let last = EventKind::Points { run: run.clone(), points: points.last() };
        transaction
            .prepare_cached(
                "INSERT OR REPLACE INTO progress (run, seq, at_ms, body) VALUES (?1, ?2, ?3, ?4)",
            )?
            .execute(params![run.0, event.seq, event.at_ms, body(&last)?])?;
    }
    Ok(())
}

fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as u64)
}

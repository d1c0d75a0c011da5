//! What is read back: the state, and the points of a run.

use super::home::FILE_NAME;
use super::{StoreError, schema};
use rusqlite::{Connection, Row, params};
use std::collections::HashMap;
use std::path::{Path, PathBuf};
use tunemask_shared::buckets::Buckets;
use tunemask_shared::event::{Event, EventKind, Points};
use tunemask_shared::run::RunId;
use tunemask_shared::run_log::RunLog;
use tunemask_shared::state::LabState;

/// Reads a home's log, while a [`super::Store`] may write to it in this program or in another.
#[derive(Debug)]
pub struct Reader {
    connection: Connection,
    path: PathBuf,
}

impl Reader {
    /// Opens the log of a home folder.
    ///
    /// # Errors
    /// There is none; it is damaged, foreign or newer.
    pub fn open(home: &Path) -> Result<Self, StoreError> {
        Self::open_file(&home.join(FILE_NAME))
    }

    pub(super) fn open_file(path: &Path) -> Result<Self, StoreError> {
        Ok(Self { connection: schema::open_to_read(path)?, path: path.to_owned() })
    }

    /// The fold of the whole log.
    ///
    /// Reads one points event a run, not all: the state holds no more of them than the last step.
    ///
    /// # Errors
    /// The file or a line in it cannot be read, or a number is missing.
    pub fn state(&self) -> Result<LabState, StoreError> {
        self.without_gaps()?;
        let story = self.events_of(
            "SELECT seq, at_ms, body FROM events WHERE kind <> 'points'
             UNION ALL SELECT seq, at_ms, body FROM progress ORDER BY seq",
            params![],
        )?;
        let mut state = LabState::default();
        for event in story {
            // The points that are not read leave holes, which are none in the log.
            state.seq = event.seq.saturating_sub(1).max(state.seq);
            state.apply(&event).map_err(|gap| self.line(event.seq, gap))?;
        }
        Ok(state)
    }

    /// The points of a run since it was queued last, and the number of the last event of the log.
    ///
    /// # Errors
    /// The file or a line in it cannot be read.
    pub fn series(&self, run: &RunId) -> Result<(u64, Points), StoreError> {
        let mut whole = Points::default();
        let seq = self.read_points(run, |points| whole.extend(points))?;
        Ok((seq, whole))
    }

    /// The same in at most `most` buckets.
    ///
    /// # Errors
    /// As [`Reader::series`].
    pub fn buckets(&self, run: &RunId, most: usize) -> Result<(u64, Buckets), StoreError> {
        let mut buckets = Buckets::new(most);
        let seq = self.read_points(run, |points| buckets.extend(points))?;
        Ok((seq, buckets))
    }

    /// Hands over the points of a run since it was queued last; the number of the last line that was looked at.
    fn read_points(&self, run: &RunId, mut take: impl FnMut(&Points)) -> Result<u64, StoreError> {
        let classify = |cause| StoreError::classify(&self.path, cause);
        // One transaction, so that the number and the points are of the same moment.
        let moment = self.connection.unchecked_transaction().map_err(classify)?;
        let seq = moment
            .query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| row.get(0))
            .map_err(classify)?;
        self.each_points(run, |points| {
            take(&points);
            Ok::<(), StoreError>(())
        })?;
        Ok(seq)
    }

    /// Hands the points of a run since it was queued last to `take`, a line of the log at a time: a curve of any length is
    /// never in memory as a whole.
    ///
    /// # Errors
    /// The file or a line in it cannot be read; what `take` says.
    pub fn each_points<E: From<StoreError>>(
        &self,
        run: &RunId,
        mut take: impl FnMut(Points) -> Result<(), E>,
    ) -> Result<(), E> {
        let sql = "SELECT seq, at_ms, body FROM events WHERE run = ?1 AND kind = 'points' AND seq >
                       (SELECT coalesce(max(seq), 0) FROM events WHERE run = ?1 AND kind = 'queued')
                   ORDER BY seq";
        self.each_event(sql, params![run.0], |event| match event.kind {
            EventKind::Points { points, .. } => take(points),
            _ => Ok(()),
        })
    }

    /// The last lines about a run, points aside, at most so many. Within [`Reader::at_one_moment`] not to be called.
    ///
    /// # Errors
    /// The file or a line in it cannot be read.
    pub fn run_log(&self, run: &RunId, most: u32) -> Result<RunLog, StoreError> {
        let classify = |cause| StoreError::classify(&self.path, cause);
        // Not `kind <> 'points'`: that would read the story of all runs.
        let about = "FROM events WHERE run = ?1 AND (kind < 'points' OR kind > 'points')";
        let moment = self.connection.unchecked_transaction().map_err(classify)?;
        let all: u32 = moment
            .query_row(&format!("SELECT count(*) {about}"), params![run.0], |row| row.get(0))
            .map_err(classify)?;
        let last = format!("SELECT seq, at_ms, body {about} ORDER BY seq DESC LIMIT ?2");
        let mut lines = self.events_of(&last, params![run.0, most])?;
        lines.reverse();
        Ok(RunLog { earlier: all.saturating_sub(most), lines })
    }

    /// How many bytes of each segment of a plan are folded into the log.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn folded(&self, plan: &str) -> Result<HashMap<String, u64>, StoreError> {
        let classify = |cause| StoreError::classify(&self.path, cause);
        let sql = "SELECT segment, bytes FROM segments WHERE plan = ?1";
        let mut statement = self.connection.prepare_cached(sql).map_err(classify)?;
        let rows =
            statement.query_map(params![plan], |row| Ok((row.get(0)?, row.get(1)?))).map_err(classify)?;
        rows.collect::<rusqlite::Result<_>>().map_err(classify)
    }

    /// What `read` reads is all of one moment, however much is written meanwhile. Within it, [`Reader::series`] has no
    /// moment of its own and is not to be called.
    ///
    /// # Errors
    /// The file cannot be read; what `read` says.
    pub fn at_one_moment<T, E: From<StoreError>>(
        &self,
        read: impl FnOnce(&Self) -> Result<T, E>,
    ) -> Result<T, E> {
        let moment = self.connection.unchecked_transaction();
        let moment = moment.map_err(|cause| StoreError::classify(&self.path, cause))?;
        let done = read(self);
        drop(moment);
        done
    }

    /// The lines behind `seq`, in order, and whether every number up to the last one is there.
    ///
    /// # Errors
    /// The file or a line in it cannot be read, or a number is missing.
    pub fn events(&self, after: u64) -> Result<Vec<Event>, StoreError> {
        let events = self
            .events_of("SELECT seq, at_ms, body FROM events WHERE seq > ?1 ORDER BY seq", params![after])?;
        match events.iter().zip(after + 1..).find(|(event, seq)| event.seq != *seq) {
            Some((_, seq)) => Err(self.line(seq, "it is missing")),
            None => Ok(events),
        }
    }

    fn without_gaps(&self) -> Result<(), StoreError> {
        let classify = |cause| StoreError::classify(&self.path, cause);
        let number = |sql| self.connection.query_row(sql, [], |row| row.get::<_, u64>(0)).map_err(classify);
        if number("SELECT coalesce(max(seq), 0) FROM events")? == number("SELECT count(*) FROM events")? {
            return Ok(());
        }
        let missing = number(
            "SELECT coalesce(min(seq), 0) + 1 FROM (SELECT 0 AS seq UNION ALL SELECT seq FROM events) AS a
             WHERE NOT EXISTS (SELECT 1 FROM events WHERE seq = a.seq + 1)",
        )?;
        Err(self.line(missing, "it is missing"))
    }

    fn events_of(&self, sql: &str, parameters: impl rusqlite::Params) -> Result<Vec<Event>, StoreError> {
        let mut events = Vec::new();
        self.each_event(sql, parameters, |event| {
            events.push(event);
            Ok::<(), StoreError>(())
        })?;
        Ok(events)
    }

    fn each_event<E: From<StoreError>>(
        &self,
        sql: &str,
        parameters: impl rusqlite::Params,
        mut take: impl FnMut(Event) -> Result<(), E>,
    ) -> Result<(), E> {
        let classify = |cause| StoreError::classify(&self.path, cause);
        let raw = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, row.get(2)?));
        let mut statement = self.connection.prepare_cached(sql).map_err(classify)?;
        let rows = statement.query_map(parameters, raw).map_err(classify)?;
        for row in rows {
            let (seq, at_ms, body): (u64, u64, String) = row.map_err(classify)?;
            let kind = serde_json::from_str(&body).map_err(|e| self.line(seq, e))?;
            take(Event { seq, at_ms, kind })?;
        }
        Ok(())
    }

    fn line(&self, seq: u64, detail: impl std::fmt::Display) -> StoreError {
        StoreError::Line { path: self.path.clone(), seq, detail: detail.to_string() }
    }
}

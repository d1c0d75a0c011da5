//! The tables, their version, and how a file is opened.

use super::home::FILE_NAME;
use super::{StoreError, mount};
use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::path::Path;
use std::time::Duration;

/// Marks a file as ours: "tmsk" in ASCII.
const APPLICATION_ID: i64 = 0x746d_736b;

/// What brings a file from layout N to N + 1; a new file goes through all. Never change one: add one.
const MIGRATIONS: [&str; 2] = ["
    CREATE TABLE events (
        seq   INTEGER PRIMARY KEY,
        at_ms INTEGER NOT NULL,
        run   TEXT,
        kind  TEXT NOT NULL,
        body  TEXT NOT NULL
    ) STRICT;
    -- A run's points without its neighbours'.
    CREATE INDEX events_of_run ON events (run, kind, seq) WHERE run IS NOT NULL;
    -- The story without the points, which are nearly all of the log.
    CREATE INDEX story ON events (seq) WHERE kind <> 'points';
    -- Derived: each run's last points event, cut to its last step.
    CREATE TABLE progress (
        run   TEXT PRIMARY KEY,
        seq   INTEGER NOT NULL,
        at_ms INTEGER NOT NULL,
        body  TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
", "
    -- How far the segments of workers are folded into the log: written with the lines that come of them, so that each
    -- line is in the log once.
    CREATE TABLE segments (
        plan    TEXT NOT NULL,
        segment TEXT NOT NULL,
        bytes   INTEGER NOT NULL,
        PRIMARY KEY (plan, segment)
    ) STRICT, WITHOUT ROWID;
"];

/// How long another program's work with the file is waited for before it is said.
const PATIENCE: Duration = Duration::from_secs(2);

/// Opens a file to write to, makes its tables or brings them up to date.
pub(super) fn open(path: &Path) -> Result<Connection, StoreError> {
    if !mount::is_shared(path) {
        return open_with(path, Beside::WriteAheadLog);
    }
    tracing::warn!(
        "{} is on a network file system, where SQLite is slower and less safe; a home folder on a disk of this machine is \
         better: name it with --home",
        path.display()
    );
    open_with(path, Beside::RollbackJournal)
}

/// What stands beside the file while it is written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Beside {
    /// New lines: readers never wait. Needs memory that all programs share, so all of them are on one machine.
    WriteAheadLog,
    /// What is about to be written over: readers and writers wait for each other.
    RollbackJournal,
}

/// The same with what stands beside the file.
pub(super) fn open_with(path: &Path, beside: Beside) -> Result<Connection, StoreError> {
    let classify = |cause| StoreError::classify(path, cause);
    let mut connection = Connection::open(path).map_err(classify)?;
    connection.busy_timeout(PATIENCE).map_err(classify)?;
    let found = layout(&connection, path)?;
    // FULL, not NORMAL: what a page has shown must outlive a power cut too. A commit holds about a tenth of a
    // second of training and happens beside it, on the log's own thread, so that its fsync costs no step.
    let mode = match beside {
        Beside::WriteAheadLog => "WAL",
        Beside::RollbackJournal => "TRUNCATE",
    };
    connection
        .execute_batch(&format!(
            "PRAGMA journal_mode = {mode}; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON;"
        ))
        .map_err(classify)?;
    for (i, migration) in MIGRATIONS.iter().enumerate().skip(found) {
        let step = connection.transaction().map_err(classify)?;
        step.execute_batch(migration).map_err(classify)?;
        step.pragma_update(None, "application_id", APPLICATION_ID).map_err(classify)?;
        step.pragma_update(None, "user_version", i as i64 + 1).map_err(classify)?;
        step.commit().map_err(classify)?;
    }
    Ok(connection)
}

/// Opens a file to read from, while another connection may write to it.
pub(super) fn open_to_read(path: &Path) -> Result<Connection, StoreError> {
    if !path.is_file() {
        return Err(StoreError::Empty(path.parent().unwrap_or(path).to_owned()));
    }
    let (connection, found) = match connect(path, "") {
        // SQLite makes files beside the one that it reads. Where it cannot, and no lines stand beside it, nobody writes
        // to it either, and it can be read as it is.
        Err(StoreError::Database { cause, .. }) if needs_to_write(&cause) => {
            let wal = path.with_file_name(format!("{FILE_NAME}-wal"));
            if wal.metadata().is_ok_and(|wal| wal.len() > 0) {
                return Err(StoreError::ReadOnly(path.to_owned()));
            }
            connect(path, "?immutable=1")?
        }
        other => other?,
    };
    // What later layouts have beside the log is read by those that write alone.
    if found == 0 {
        return Err(StoreError::Empty(path.parent().unwrap_or(path).to_owned()));
    }
    Ok(connection)
}

fn needs_to_write(cause: &rusqlite::Error) -> bool {
    matches!(cause.sqlite_error_code(), Some(ErrorCode::CannotOpen | ErrorCode::ReadOnly))
}

fn connect(path: &Path, how: &str) -> Result<(Connection, usize), StoreError> {
    let classify = |cause| StoreError::classify(path, cause);
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = if how.is_empty() {
        Connection::open_with_flags(path, flags)
    } else {
        let name = path.to_string_lossy().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
        Connection::open_with_flags(format!("file:{name}{how}"), flags | OpenFlags::SQLITE_OPEN_URI)
    };
    let connection = connection.map_err(classify)?;
    connection.busy_timeout(PATIENCE).map_err(classify)?;
    let found = layout(&connection, path)?;
    Ok((connection, found))
}

/// The file's layout: 0 for a new one.
fn layout(connection: &Connection, path: &Path) -> Result<usize, StoreError> {
    let pragma = |name: &str| -> Result<i64, StoreError> {
        connection.pragma_query_value(None, name, |row| row.get(0)).map_err(|e| StoreError::classify(path, e))
    };
    let (application, found) = (pragma("application_id")?, pragma("user_version")?);
    let tables: i64 = connection
        .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
        .map_err(|e| StoreError::classify(path, e))?;
    if tables > 0 && application != APPLICATION_ID {
        return Err(StoreError::Foreign(path.to_owned()));
    }
    let known = MIGRATIONS.len();
    usize::try_from(found).ok().filter(|&found| found <= known).ok_or(StoreError::Newer {
        path: path.to_owned(),
        found,
        known: known as i64,
    })
}

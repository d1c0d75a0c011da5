//! The log: what is written is read back, and who may write.

use super::{FILE_NAME, Reader, Store, StoreError};
use std::fs;
use std::path::Path;
use tunemask_shared::buckets::Buckets;
use tunemask_shared::event::{Event, EventKind, Points};
use tunemask_shared::fixtures::{self, run_spec};
use tunemask_shared::run::{RunId, RunSpec, RunStatus};
use tunemask_shared::run_log::RunLog;
use tunemask_shared::state::LabState;
use tunemask_shared::task::Task;

fn spec(seed: u64) -> RunSpec {
    RunSpec { task: Task::sentiment(), seed, epochs: 1, ..run_spec() }
}

fn queued(seed: u64) -> (RunId, EventKind) {
    let run = spec(seed).id().unwrap();
    (run.clone(), EventKind::Queued { run, spec: Box::new(spec(seed)), trainable: 7, alone: true })
}

/// Points of which the third has no loss.
fn points(run: &RunId, steps: std::ops::Range<u64>) -> EventKind {
    let loss = steps.clone().map(|step| if step == 3 { f64::NAN } else { step as f64 }).collect();
    EventKind::Points { run: run.clone(), points: Points { loss, ..fixtures::points(steps) } }
}

fn started(run: &RunId) -> EventKind {
    fixtures::started(run, 9)
}

/// Two runs' story, one of them tried twice, in several transactions.
fn story(store: &mut Store) -> Vec<Event> {
    let ((a, queue_a), (b, queue_b)) = (queued(1), queued(2));
    let mut all = store.append(vec![queue_a.clone(), queue_b]).unwrap();
    all.extend(store.append(vec![started(&a), points(&a, 1..4)]).unwrap());
    all.extend(store.append(vec![EventKind::Interrupted { run: a.clone() }, started(&b)]).unwrap());
    all.extend(store.append(vec![points(&b, 1..2), queue_a, started(&a), points(&a, 1..3)]).unwrap());
    all.extend(store.append(vec![points(&b, 2..4), points(&a, 3..6)]).unwrap());
    all
}

fn text(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}")
}

#[test]
fn what_was_appended_is_there_after_the_program_ends_without_a_word() {
    let (home, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut store = Store::open(home.path()).unwrap();
    let written = story(&mut store);
    // The files as a killed program leaves them: nothing closed, nothing folded back from the journal.
    for entry in fs::read_dir(home.path()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, copy.path().join(path.file_name().unwrap())).unwrap();
    }
    assert!(copy.path().join(format!("{FILE_NAME}-wal")).metadata().unwrap().len() > 0);

    let mut again = Store::open(copy.path()).unwrap();
    let read = again.reader().unwrap().events(0).unwrap();
    assert_eq!(text(&read), text(&written));
    assert!(read.iter().map(|e| e.seq).eq(1..=12));
    let next = again.append(vec![EventKind::Paused]).unwrap();
    assert_eq!(next[0].seq, 13);
    assert!(next[0].at_ms >= written[11].at_ms);
}

#[test]
fn the_state_is_the_fold_of_every_line() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(home.path()).unwrap();
    assert_eq!(store.state().unwrap(), LabState::default());
    let mut folded = LabState::default();
    for event in story(&mut store) {
        folded.apply(&event).unwrap();
    }
    let state = store.state().unwrap();
    assert_eq!(text(&state), text(&folded));
    let run = &state.runs[&spec(1).id().unwrap()];
    assert_eq!((state.seq, run.status, run.step), (12, RunStatus::Running, 5));
}

#[test]
fn a_series_begins_where_its_run_was_queued_last() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(home.path()).unwrap();
    story(&mut store);
    let reader = Reader::open(home.path()).unwrap();
    let (seq, series) = reader.series(&spec(1).id().unwrap()).unwrap();
    assert_eq!((seq, series.step.as_slice()), (12, [1, 2, 3, 4, 5].as_slice()));
    assert!(series.loss[2].is_nan() && series.loss[4] == 5.0);
    assert_eq!(reader.series(&spec(2).id().unwrap()).unwrap().1.step, [1, 2, 3]);
    assert!(reader.series(&RunId("none".into())).unwrap().1.is_empty());
    let (of, buckets) = reader.buckets(&spec(1).id().unwrap(), 2).unwrap();
    assert_eq!((of, text(&buckets)), (seq, text(&Buckets::of(&series, 2))));
    assert_eq!((buckets.stride(), buckets.steps()), (4, 5));
}

#[test]
fn the_log_of_a_run_is_its_last_lines_without_points() {
    let home = tempfile::tempdir().unwrap();
    let written = story(&mut Store::open(home.path()).unwrap());
    let reader = Reader::open(home.path()).unwrap();
    let run = spec(1).id().unwrap();
    let own = |event: &&Event| event.kind.run() == Some(&run) && event.kind.name() != "points";
    let own: Vec<&Event> = written.iter().filter(own).collect();
    let whole = reader.run_log(&run, 9).unwrap();
    let kinds: Vec<&str> = whole.lines.iter().map(|event| event.kind.name()).collect();
    assert_eq!(kinds, ["queued", "started", "interrupted", "queued", "started"]);
    assert_eq!((whole.earlier, text(&whole.lines)), (0, text(&own)));
    let last = reader.run_log(&run, 2).unwrap();
    assert_eq!((last.earlier, text(&last.lines)), (3, text(&&own[3..])));
    assert_eq!(reader.run_log(&RunId("none".into()), 9).unwrap(), RunLog::default());
}

#[test]
fn one_home_has_one_writer() {
    let home = tempfile::tempdir().unwrap();
    let first = Store::open(home.path()).unwrap();
    let error = Store::open(home.path()).unwrap_err();
    assert!(matches!(error, StoreError::Locked { .. }), "{error}");
    drop(first);
    Store::open(home.path()).unwrap();
}

#[test]
fn a_copy_of_the_one_file_has_every_line() {
    let (home, copy) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let copied = |written: &[Event]| {
        fs::copy(home.path().join(FILE_NAME), copy.path().join(FILE_NAME)).unwrap();
        assert_eq!(text(&Reader::open(copy.path()).unwrap().events(0).unwrap()), text(&written));
    };
    let mut store = Store::open(home.path()).unwrap();
    // While another connection is open, as the lab's reader is.
    let reader = store.reader().unwrap();
    let mut written = story(&mut store);
    store.gather();
    copied(&written);
    written.extend(store.append(vec![EventKind::Paused]).unwrap());
    drop(store);
    copied(&written);
    drop(reader);
    let beside = |ending: &str| home.path().join(format!("{FILE_NAME}{ending}"));
    assert!(beside("-wal").metadata().map_or(0, |wal| wal.len()) == 0);
}

/// What is written into a file that was deleted is nowhere when the program ends.
#[test]
#[cfg(unix)]
fn a_home_that_is_deleted_moved_or_replaced_is_said_before_a_line_counts() {
    let beside = format!("{FILE_NAME}-wal");
    for file in [FILE_NAME, "tunemask.lock", &beside] {
        let home = tempfile::tempdir().unwrap();
        let mut store = Store::open(home.path()).unwrap();
        story(&mut store);
        store.check().unwrap();
        let path = home.path().join(file);
        let bytes = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        let error = store.append(vec![EventKind::Paused]).unwrap_err();
        assert!(matches!(&error, StoreError::Gone(gone) if *gone == path), "{error}");
        assert!(!error.may_pass());
        // Another file of the same name is another file.
        fs::write(&path, bytes).unwrap();
        assert!(matches!(store.check(), Err(StoreError::Gone(_))));
    }
    let (home, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let mut store = Store::open(home.path()).unwrap();
    fs::rename(home.path(), other.path().join("moved")).unwrap();
    // A second program finds the name free, and this one knows it.
    let _second = Store::open(home.path()).unwrap();
    assert!(matches!(store.check(), Err(StoreError::Gone(_))));
}

#[test]
fn another_programs_lock_is_said_and_passes() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(home.path()).unwrap();
    let events = store.number(vec![EventKind::Paused]);
    let other = rusqlite::Connection::open(home.path().join(FILE_NAME)).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = store.write(&events, &[]).unwrap_err();
    assert!(matches!(error, StoreError::Busy(_)) && error.may_pass(), "{error}");
    other.execute_batch("ROLLBACK").unwrap();
    store.write(&events, &[]).unwrap();
    assert_eq!(store.reader().unwrap().events(0).unwrap(), events);
}

/// Where the tests' user may write anywhere nothing can be seen of it.
#[test]
#[cfg(unix)]
fn a_folder_that_cannot_be_written_to_is_read() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let written = story(&mut Store::open(home.path()).unwrap());
    let may = |mode| fs::set_permissions(home.path(), fs::Permissions::from_mode(mode)).unwrap();
    may(0o555);
    if fs::write(home.path().join("x"), "").is_ok() {
        tunemask_shared::fixtures::Requirement::OrdinaryUser.skip("this user may write anywhere");
        return;
    }
    let read = Reader::open(home.path()).map(|reader| reader.events(0).unwrap());
    may(0o755);
    assert_eq!(text(&read.unwrap()), text(&written));
}

#[test]
fn a_full_disk_is_named_and_loses_nothing_that_was_written() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(home.path()).unwrap();
    let written = story(&mut store);
    store.limit_pages(1);
    let long = EventKind::failed(spec(1).id().unwrap(), "x".repeat(100_000));
    let error = store.append(vec![EventKind::Paused, long]).unwrap_err();
    assert!(matches!(error, StoreError::Full(_)), "{error}");
    assert_eq!(store.reader().unwrap().events(0).unwrap().len(), written.len());
    store.limit_pages(1000);
    assert_eq!(store.append(vec![EventKind::Paused]).unwrap()[0].seq, 13);
}

fn refused(home: &Path) -> String {
    Store::open(home).expect_err("it must not open").to_string()
}

#[test]
fn a_file_that_is_not_ours_is_left_alone() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join(FILE_NAME);
    fs::write(&path, "no database at all, but long enough to have a header".repeat(40)).unwrap();
    let before = fs::read(&path).unwrap();
    assert!(refused(home.path()).contains("is damaged"));
    assert_eq!(fs::read(&path).unwrap(), before);

    fs::remove_file(&path).unwrap();
    let foreign = rusqlite::Connection::open(&path).unwrap();
    foreign.execute_batch("CREATE TABLE notes (text TEXT)").unwrap();
    drop(foreign);
    assert!(refused(home.path()).contains("another program's"));
}

#[test]
fn a_later_layout_is_refused() {
    let home = tempfile::tempdir().unwrap();
    let store = Store::open(home.path()).unwrap();
    store.connection().pragma_update(None, "user_version", 99).unwrap();
    drop(store);
    let error = refused(home.path());
    assert!(error.contains("layout 99") && error.contains("newer tunemask"), "{error}");
}

#[test]
fn a_missing_or_unreadable_line_is_named() {
    let home = tempfile::tempdir().unwrap();
    let mut store = Store::open(home.path()).unwrap();
    story(&mut store);
    store.connection().execute("DELETE FROM events WHERE seq = 5", []).unwrap();
    let error = store.reader().unwrap().events(0).unwrap_err().to_string();
    assert!(error.contains("event 5: it is missing"), "{error}");
    // At the start, too.
    let error = store.state().unwrap_err().to_string();
    assert!(error.contains("event 5: it is missing"), "{error}");
    // Closed up from the end, so that no number is taken twice.
    store
        .connection()
        .execute_batch("UPDATE events SET seq = -seq; UPDATE events SET seq = -seq - (seq < -5)")
        .unwrap();
    store.connection().execute("UPDATE events SET body = '{\"event\":\"sung\"}' WHERE seq = 5", []).unwrap();
    let error = store.state().unwrap_err().to_string();
    assert!(error.contains("event 5") && error.contains("sung"), "{error}");
}

#[test]
fn a_home_that_cannot_be_is_named() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("file");
    fs::write(&file, "").unwrap();
    assert!(refused(&file.join("home")).contains("file"));
    assert!(matches!(Reader::open(home.path()), Err(StoreError::Empty(_))));
}

/// As on a network file system: no memory is shared, and a reader beside the writer reads all the same.
#[test]
fn a_log_without_shared_memory_is_written_and_read() {
    use crate::store::schema::{Beside, open_with};
    let home = tempfile::tempdir().unwrap();
    drop(Store::open(home.path()).unwrap());
    let path = home.path().join(FILE_NAME);
    let mode = |connection: &rusqlite::Connection| -> String {
        connection.pragma_query_value(None, "journal_mode", |row| row.get(0)).unwrap()
    };
    let mut connection = open_with(&path, Beside::RollbackJournal).unwrap();
    assert_eq!(mode(&connection), "truncate");
    let reader = Reader::open(home.path()).unwrap();
    for n in 1..=20 {
        let transaction = connection.transaction().unwrap();
        transaction
            .execute("INSERT INTO events (seq, at_ms, kind, body) VALUES (?1, 1, 'paused', '{\"event\":\"paused\"}')", [n])
            .unwrap();
        transaction.commit().unwrap();
        assert_eq!(reader.events(0).unwrap().len(), n);
    }
    let beside = |end: &str| home.path().join(format!("{FILE_NAME}{end}")).exists();
    assert!(!beside("-wal") && !beside("-shm"));
}

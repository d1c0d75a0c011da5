//! A home folder whose log an older program wrote: it is read whole, and its runs go on.

use crate::program;
use crate::support::{Listener, open, statuses};
use rusqlite::Connection;
use std::path::Path;
use tempfile::TempDir;
use tunemask::store::{FILE_NAME, Reader};
use tunemask_shared::event::{EventKind, ExperimentId};
use tunemask_shared::failure::FailureCause;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::{RunId, RunStatus};

const FINISHED: ExperimentId = ExperimentId(1);
const STOPPED: ExperimentId = ExperimentId(2);
const LINES: u64 = 34;
/// Lines that name less than is written today.
const SHORT_LINES: [u64; 3] = [13, 16, 32];

fn home() -> TempDir {
    let home = tempfile::tempdir().unwrap();
    let log = include_str!("../fixtures/homes/protocol-5.sql");
    Connection::open(home.path().join(FILE_NAME)).unwrap().execute_batch(log).unwrap();
    home
}

/// The lines as they stand in the file.
fn stored(home: &Path) -> Vec<(u64, String)> {
    let log = Connection::open(home.join(FILE_NAME)).unwrap();
    let mut lines = log.prepare("SELECT seq, body FROM events ORDER BY seq").unwrap();
    let rows = lines.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    rows.map(Result::unwrap).collect()
}

#[test]
fn every_line_is_read_and_would_be_written_the_same() {
    let home = home();
    let stored = stored(home.path());
    assert_eq!(stored.len() as u64, LINES);
    let events = Reader::open(home.path()).unwrap().events(0).unwrap();
    for (event, (seq, body)) in events.iter().zip(&stored) {
        assert_eq!(event.seq, *seq);
        let written = serde_json::to_string(&event.kind).unwrap();
        if SHORT_LINES.contains(seq) {
            let again: EventKind = serde_json::from_str(&written).unwrap();
            assert_eq!(again, event.kind);
            assert!(written.len() > body.len(), "{seq}");
        } else {
            assert_eq!(written, *body);
        }
    }
}

#[test]
fn the_state_holds_what_was_told() {
    let home = home();
    let reader = Reader::open(home.path()).unwrap();
    let state = reader.state().unwrap();
    assert_eq!(statuses(&state, FINISHED), [RunStatus::Finished; 2]);
    use RunStatus::{Cancelled, Failed, Queued, Running};
    assert_eq!(statuses(&state, STOPPED), [Queued, Failed, Cancelled, Running]);
    // The identity of every run is still the hash of what it is.
    assert!(state.runs.iter().all(|(run, known)| known.spec.id().unwrap() == *run));

    let runs = |id: ExperimentId| -> Vec<RunId> { state.experiments[&id].runs.clone() };
    let entities = &state.runs[&runs(FINISHED)[0]].evaluations[0].scores;
    let score = |metric| entities.iter().find(|score| score.metric == metric).unwrap().value;
    assert_eq!(score(Metric::EntityF1), 0.040268456375838924);
    assert_eq!(score(Metric::EntityRecall), 0.08571428571428572);

    let [waits, failed, cancelled, trains] = runs(STOPPED).try_into().unwrap();
    assert!(state.runs[&waits].evaluations[0].scores[1].value.is_nan());
    assert_eq!(state.runs[&waits].checkpoint, Some(4));
    assert!(state.runs[&failed].last_loss.unwrap().0.is_nan());
    assert_eq!(state.runs[&failed].failure.as_deref(), Some("diverged at step 4: loss is not finite"));
    // Its line has no cause, and is understood.
    assert_eq!(state.runs[&failed].failure_cause, FailureCause::Diverged);
    let points = reader.series(&failed).unwrap().1;
    assert!(points.loss[3].is_nan() && points.gradient_norm[2] == f64::INFINITY);
    assert!(state.runs[&cancelled].alone, "older programs trained every run alone");
    assert_eq!((state.runs[&trains].together, state.runs[&trains].notes.len()), (None, 0));
    assert_eq!(state.runs[&trains].checkpoint_failure.as_deref(), Some("no space left on device"));
    let plan = state.experiments[&STOPPED].plan.as_ref().unwrap();
    assert_eq!((plan.gangs[0].disk_bytes, plan.gangs[2].disk_bytes), (0, 96_268));
}

#[test]
fn its_results_are_reported() {
    let home = home();
    let path = home.path().to_str().unwrap();
    let table = |id: &str| program::tunemask(&["table", id, "--home", path, "--format", "csv"]).success();
    let (finished, stopped) = (table("1"), table("2"));
    assert!(finished.contains("layernorms") && finished.contains("entities"), "{finished}");
    assert!(finished.contains("entity_f1,1e-3,,0.040268456375838924"), "{finished}");
    assert!(stopped.contains("frozen"), "{stopped}");
}

#[test]
fn its_runs_go_on() {
    let home = home();
    let lab = open(home.path());
    let mut listener = Listener::new(&lab);
    let runs = lab.runs(STOPPED).unwrap();
    // Nobody knows that the program ended while it trained, until the next one opens the log.
    listener.until("the run that trained was interrupted", |state| {
        state.runs.get(&runs[3]).is_some_and(|run| run.status == RunStatus::Interrupted)
    });
    lab.retry(runs.clone()[2..].to_vec()).unwrap();
    listener.until_over(STOPPED);
    use RunStatus::{Failed, Finished};
    assert_eq!(statuses(&listener.state, STOPPED), [Finished, Failed, Finished, Finished]);
    // The older lines stand where they stood.
    let before = stored(self::home().path());
    let after = stored(home.path());
    assert!(after.len() > before.len());
    assert_eq!(after[..before.len()], before);
}

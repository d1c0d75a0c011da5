//! Which reports are kept, and for how long.

use super::*;
use crate::results::report::report;
use crate::results::tests::states as results;
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::report::Block;
use tunemask_shared::run::RunStatus;

const ID: ExperimentId = ExperimentId(7);

/// Asks for real reports, and counts how many were made.
#[derive(Default)]
struct Counted {
    reports: Reports,
    made: AtomicUsize,
}

impl Counted {
    /// The report as it crosses the wire: a number in it that is not one equals nothing, not even itself.
    fn get(&self, state: &LabState, asked: &ReportRequest) -> String {
        let nowhere = std::env::temp_dir().join("tunemask-no-such-home");
        let made = self.reports.get(state, ID, asked, || {
            self.made.fetch_add(1, Ordering::SeqCst);
            report(state, &nowhere, ID, asked)
        });
        serde_json::to_string(&made.unwrap()).unwrap()
    }
    fn count(&self) -> usize {
        self.made.load(Ordering::SeqCst)
    }
}

/// A report that says no more than this.
fn paragraph(text: &str) -> Report {
    Report { blocks: vec![Block::Paragraph(text.into())] }
}

fn verdicts() -> ReportRequest {
    ReportRequest { kind: ReportKind::Verdicts, ..ReportRequest::default() }
}

/// An experiment of which the last run still trains.
fn state() -> LabState {
    let masks = ["full", "mha", "ffn", "layernorms", "frozen"].map(String::from).into();
    let e = Experiment { masks, ..results::experiment() };
    results::state(&e, |cell| match (cell.mask.to_string().as_str(), cell.seed, cell.task.name().as_str()) {
        ("layernorms", 2, "mrpc") if cell.learning_rate == 1e-2 => Err(RunStatus::Running),
        _ => Ok(0.5 + cell.seed as f64 / 100.0),
    })
}

#[test]
fn a_report_is_made_once_until_a_run_ends() {
    let counted = Counted::default();
    let mut state = state();
    let first = counted.get(&state, &verdicts());
    assert_eq!((counted.get(&state, &verdicts()), counted.count()), (first.clone(), 1));
    // Steps and losses of a run that trains are in no report.
    let run = state.runs.values_mut().find(|r| r.status == RunStatus::Running).unwrap();
    (run.step, run.elapsed_secs) = (run.step + 1, 9.0);
    assert_eq!((counted.get(&state, &verdicts()), counted.count()), (first.clone(), 1));
    // Another margin and another kind are other reports, and do not drive this one out.
    let other = ReportRequest { margin: Some(5.0), ..verdicts() };
    assert_ne!(counted.get(&state, &other), first);
    counted.get(&state, &ReportRequest::default());
    assert_eq!((counted.get(&state, &verdicts()), counted.count()), (first.clone(), 3));

    let ended = state.runs.values().find(|r| r.outcome.is_some()).unwrap().clone();
    let run = state.runs.values_mut().find(|r| r.status == RunStatus::Running).unwrap();
    (run.status, run.outcome, run.evaluations) = (RunStatus::Finished, ended.outcome, ended.evaluations);
    assert_ne!(counted.get(&state, &verdicts()), first);
    counted.get(&state, &verdicts());
    assert_eq!(counted.count(), 4);
    // The old one is gone.
    assert_eq!(counted.reports.cached().len(), 3);
}

#[test]
fn pages_that_ask_at_once_wait_for_one_report() {
    let (counted, state, barrier) = (Counted::default(), state(), Barrier::new(8));
    let reports: Vec<String> = thread::scope(|scope| {
        let ask = || {
            barrier.wait();
            counted.get(&state, &verdicts())
        };
        let pages: Vec<_> = (0..8).map(|_| scope.spawn(ask)).collect();
        pages.into_iter().map(|page| page.join().unwrap()).collect()
    });
    assert_eq!(counted.count(), 1);
    assert!(reports.iter().all(|report| *report == reports[0]));
}

#[test]
fn what_is_kept_is_bounded_and_errors_are_not_kept() {
    let (reports, state) = (Reports::default(), state());
    let request = |margin: usize| ReportRequest { margin: Some(margin as f64), ..verdicts() };
    let get = |margin, made: Made| reports.get(&state, ID, &request(margin), || made);
    let wrong = || FieldError { field: "run".into(), message: "not there".into() };
    assert_eq!(get(1, Err(wrong())), Err(wrong()));
    assert_eq!(get(1, Ok(paragraph("mended"))), Ok(paragraph("mended")));
    for margin in 2..2 * MAX_REPORTS {
        get(margin, Ok(paragraph("small"))).unwrap();
        // Asked for again and again, it stays.
        assert_eq!(get(1, Err(wrong())), Ok(paragraph("mended")));
    }
    assert_eq!(reports.cached().len(), MAX_REPORTS);
    assert_eq!(get(2, Ok(paragraph("anew"))), Ok(paragraph("anew")));

    let half = paragraph(&"x".repeat(MAX_BYTES / 2 + 1));
    get(3, Ok(half.clone())).unwrap();
    get(4, Ok(half)).unwrap();
    let bytes = reports.cached().iter().map(CachedReport::bytes).sum::<usize>();
    assert!(bytes > MAX_BYTES / 2 && bytes < MAX_BYTES / 2 + 200, "{bytes}");
    // One too large for all of the room is made, and not kept.
    let large = paragraph(&"y".repeat(MAX_BYTES + 1));
    assert_eq!(get(5, Ok(large.clone())), Ok(large));
    assert!(reports.cached().is_empty());
}

#[test]
fn a_model_that_changes_has_other_weights() {
    let folder = tempfile::tempdir().unwrap();
    let e = Experiment { model: folder.path().to_str().unwrap().into(), ..results::experiment() };
    let state = results::state(&e, |_| Ok(0.5));
    let key =
        |kind| Key::from_state(&state, ID, &ReportRequest { kind, ..ReportRequest::default() }).unwrap();
    let before = [ReportKind::Weights, ReportKind::Table].map(key);
    std::fs::write(folder.path().join("model.safetensors"), "new").unwrap();
    let after = [ReportKind::Weights, ReportKind::Table].map(key);
    assert!(before[0] != after[0] && before[0].asked == after[0].asked && before[1] == after[1]);
    assert_eq!(Key::from_state(&state, ExperimentId(8), &verdicts()), None);
}

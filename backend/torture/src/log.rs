//! The log of a home folder, and what its runs became.

use anyhow::{Context, Result};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use tunemask::store::Reader;
use tunemask_shared::event::{Event, EventKind, Points};
use tunemask_shared::run::RunId;

/// All lines of a home's log.
///
/// # Errors
/// It cannot be read, or has a gap.
pub fn events(home: &Path) -> Result<Vec<Event>> {
    let reader = Reader::open(home).with_context(|| format!("the log of {}", home.display()))?;
    // The fold of a program that starts: it must be possible at any time.
    reader.state()?;
    Ok(reader.events(0)?)
}

/// What each run became since it was begun last, times aside: its curve, its scores, its end.
pub fn results(events: &[Event]) -> BTreeMap<RunId, String> {
    let runs: BTreeSet<&RunId> = events.iter().filter_map(|event| event.kind.run()).collect();
    runs.into_iter().map(|run| (run.clone(), result(events, run).to_string())).collect()
}

fn result(events: &[Event], run: &RunId) -> Value {
    let (mut points, mut scores, mut end) = (Points::default(), Vec::new(), Value::Null);
    for event in events {
        match &event.kind {
            EventKind::Queued { run: of, .. } if of == run => {
                (points, scores, end) = (Points::default(), Vec::new(), Value::Null);
            }
            EventKind::Points { run: of, points: more } if of == run => points.extend(more),
            EventKind::Evaluated { run: of, evaluation } if of == run => {
                scores.push(json!([evaluation.epoch, evaluation.step, evaluation.scores]));
            }
            EventKind::Finished { run: of, outcome } if of == run => {
                end = json!([
                    outcome.best_epoch,
                    outcome.metrics,
                    outcome.frozen_unchanged,
                    outcome.trained_sha256
                ]);
            }
            _ => {}
        }
    }
    points.tokens_per_s.clear();
    points.elapsed_secs.clear();
    json!({ "points": points, "scores": scores, "end": end })
}

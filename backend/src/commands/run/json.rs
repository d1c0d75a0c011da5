//! What happens, as one JSON object a line.

use super::display::Display;
use super::watch::known;
use crate::commands::output;
use crate::results::table::{ResultTable, reported_scores};
use anyhow::Result;
use serde::Serialize;
use std::collections::BTreeMap;
use tunemask_shared::event::{Event, EventKind, Outcome};
use tunemask_shared::experiment::ReportedEpoch;
use tunemask_shared::metric::Score;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{LabState, RunState};
use tunemask_shared::task::{Task, TaskName};

/// The log's lines on standard output, except that a finished run's says which run it was.
#[derive(Debug, Default)]
pub struct Lines {
    reported: ReportedEpoch,
}

/// The last line.
#[derive(Debug, Serialize)]
pub struct TableLine<'a> {
    pub event: &'static str,
    pub table: &'a ResultTable,
}

/// A finished run. `metrics` are those of the reported epoch by name, in their own units.
#[derive(Debug, Serialize)]
struct FinishedLine<'a> {
    event: &'static str,
    /// `None` if the run was trained for an earlier experiment.
    #[serde(skip_serializing_if = "Option::is_none")]
    seq: Option<u64>,
    at_ms: u64,
    run: &'a RunId,
    task: TaskName,
    mask: String,
    learning_rate: f64,
    seed: u64,
    epochs: u32,
    best_epoch: u32,
    reported_epoch: u32,
    metrics: BTreeMap<String, Value>,
    trainable: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    stopped_after: Option<u32>,
    frozen_unchanged: bool,
    elapsed_secs: f64,
    trained_sha256: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Value(#[serde(with = "tunemask_shared::number")] f64);

impl Lines {
    fn finished(
        &self,
        id: &RunId,
        run: &RunState,
        outcome: &Outcome,
        seq: Option<u64>,
        at_ms: u64,
    ) -> Result<()> {
        let last = run.evaluations.last().map_or(outcome.best_epoch, |e| e.epoch);
        let spec = &run.spec;
        let metrics =
            reported_scores(run, self.reported).into_iter().map(|s| (name(&spec.task, &s), Value(s.value)));
        output::json(&FinishedLine {
            event: "finished",
            seq,
            at_ms,
            run: id,
            task: spec.task.name().clone(),
            mask: spec.mask.to_string(),
            learning_rate: spec.learning_rate,
            seed: spec.seed,
            epochs: spec.epochs,
            best_epoch: outcome.best_epoch,
            reported_epoch: match self.reported {
                ReportedEpoch::Best => outcome.best_epoch,
                ReportedEpoch::Last => last,
            },
            metrics: metrics.collect(),
            trainable: run.trainable,
            stopped_after: outcome.stopped_after,
            frozen_unchanged: outcome.frozen_unchanged,
            elapsed_secs: outcome.elapsed_secs,
            trained_sha256: &outcome.trained_sha256,
        })
    }
}

/// Writes an event as one line, what happened beside its number and its time.
fn line(event: &Event) -> Result<()> {
    #[derive(Serialize)]
    struct Line<'a> {
        seq: u64,
        at_ms: u64,
        #[serde(flatten)]
        kind: &'a EventKind,
    }
    output::json(&Line { seq: event.seq, at_ms: event.at_ms, kind: &event.kind })
}

/// `accuracy`; `accuracy_mismatched` on a second development set.
fn name(task: &Task, score: &Score) -> String {
    match task.development_sets().get(usize::from(score.set)) {
        Some(set) if score.set > 0 => format!("{}_{set}", score.metric.name()),
        _ => score.metric.name().to_owned(),
    }
}

impl Display for Lines {
    fn show(&mut self, state: &LabState, event: &Event) -> Result<()> {
        match &event.kind {
            EventKind::Created { experiment, runs, plan, .. } => {
                self.reported = experiment.reported_epoch;
                line(event)?;
                let known = known(state, runs, plan.as_ref());
                for id in runs.iter().filter(|id| known.contains(id)) {
                    let Some(run) = state.runs.get(id) else { continue };
                    if let Some(outcome) = &run.outcome {
                        self.finished(id, run, outcome, None, run.ended_ms.unwrap_or(event.at_ms))?;
                    }
                }
                Ok(())
            }
            EventKind::Finished { run: id, outcome } => match state.runs.get(id) {
                Some(run) => self.finished(id, run, outcome, Some(event.seq), event.at_ms),
                None => line(event),
            },
            EventKind::Queued { .. } | EventKind::Continued { .. } | EventKind::Preparing { .. } => {
                line(event)
            }
            EventKind::Started { .. } | EventKind::Points { .. } | EventKind::Evaluated { .. } => line(event),
            EventKind::Checkpointed { .. } | EventKind::Failed { .. } | EventKind::Cancelled { .. } => {
                line(event)
            }
            EventKind::Interrupted { .. } | EventKind::Paused | EventKind::Resumed => line(event),
            EventKind::Annotated { .. } | EventKind::Deleted { .. } => line(event),
            EventKind::KeepChanged { .. } | EventKind::WeightsDropped { .. } => line(event),
            EventKind::QueueOrdered { .. } | EventKind::Retired { .. } => line(event),
        }
    }
}

//! From the lines of all workers to those of the log: of each run every step and every score once, and one end.
//!
//! Workers may come twice to a run: one that was thought dead, one that began before the other was seen. What both
//! computed has the same bits, so the first that says it is believed, and the others' lines are dropped. Where bits may
//! differ, between kinds of machine, a run's curve is of one kind: who begins it anew says so by a `queued` line.

use super::job::Logged;
use super::segment::{Header, SegmentName};
use std::collections::HashMap;
use tunemask_shared::event::{EventKind, Node, Points};
use tunemask_shared::run::{Arithmetic, RunId, RunStatus};
use tunemask_shared::state::RunState;

/// What the lines so far come to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fold {
    runs: HashMap<RunId, Folded>,
}

/// A run as the lines so far say it.
#[derive(Clone, Debug, Default)]
struct Folded {
    logged: Logged,
    /// The segment that trains it, as far as it is known.
    owner: Option<SegmentName>,
    end: Option<End>,
}

/// How a run ended.
#[derive(Clone, Debug)]
enum End {
    Finished { sha256: String, node: String },
    Otherwise,
}

/// What a line of a segment comes to.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one at a time, and most are lines")]
pub(crate) enum Taken {
    /// A line of the log.
    Line(EventKind),
    /// It is known already, or of a copy that lags.
    Known,
    /// It should not be: what the user should read about it.
    Odd(String),
}

impl Fold {
    /// Folds the lines of runs of which nothing but this is known.
    pub(crate) fn new(runs: impl IntoIterator<Item = (RunId, Logged)>) -> Self {
        let folded = |(run, logged)| (run, Folded { logged, ..Folded::default() });
        Self { runs: runs.into_iter().map(folded).collect() }
    }

    /// Adds a run as the log has it.
    pub(crate) fn add_known(&mut self, run: &RunId, known: &RunState) {
        let end = match known.status {
            RunStatus::Finished => known.outcome.as_ref().map(|outcome| End::Finished {
                sha256: outcome.trained_sha256.clone(),
                node: known.node.as_ref().map(Node::place).unwrap_or_default(),
            }),
            RunStatus::Failed | RunStatus::Cancelled | RunStatus::Retired => Some(End::Otherwise),
            RunStatus::Queued | RunStatus::Running | RunStatus::Interrupted => None,
        };
        self.runs.insert(run.clone(), Folded { logged: Logged::of(known), owner: None, end });
    }

    /// Of a run that the log does not hold any more: its experiment was deleted.
    pub(crate) fn add_forgotten(&mut self, run: &RunId) {
        self.runs.insert(run.clone(), Folded { end: Some(End::Otherwise), ..Folded::default() });
    }

    /// What the lines say of a run.
    pub(crate) fn logged(&self, run: &RunId) -> Option<&Logged> {
        self.runs.get(run).map(|folded| &folded.logged)
    }

    /// Whether a run is over.
    pub(crate) fn is_over(&self, run: &RunId) -> bool {
        self.runs.get(run).is_some_and(|folded| folded.end.is_some())
    }

    /// Whether all of them are over: no line that comes says anything new.
    pub(crate) fn is_all_over(&self) -> bool {
        self.runs.values().all(|folded| folded.end.is_some())
    }

    /// Whether a run is over because it trained to its end.
    pub(crate) fn has_finished(&self, run: &RunId) -> bool {
        self.runs.get(run).is_some_and(|folded| matches!(folded.end, Some(End::Finished { .. })))
    }

    /// A run ended for another reason than a line of a segment.
    pub(crate) fn end(&mut self, run: &RunId) {
        if let Some(folded) = self.runs.get_mut(run) {
            folded.end.get_or_insert(End::Otherwise);
        }
    }

    /// Takes a line of a segment.
    pub(crate) fn take(&mut self, segment: &SegmentName, header: &Header, line: EventKind) -> Taken {
        if let EventKind::Preparing { runs } = line {
            return self.prepare(segment, runs);
        }
        let Some(run) = line.run() else {
            return Taken::Odd(format!("{segment} has a line `{}`, which no worker writes", line.name()));
        };
        let Some(folded) = self.runs.get_mut(run) else {
            return Taken::Odd(format!("{segment} speaks of run {run}, which is not of its plan"));
        };
        folded.take(segment, header, line)
    }

    fn prepare(&mut self, segment: &SegmentName, runs: Vec<RunId>) -> Taken {
        let known = |run: &RunId| self.runs.get(run).is_some_and(|folded| folded.end.is_none());
        let runs: Vec<RunId> = runs.into_iter().filter(known).collect();
        for run in &runs {
            if let Some(folded) = self.runs.get_mut(run) {
                folded.owner = Some(segment.clone());
            }
        }
        if runs.is_empty() { Taken::Known } else { Taken::Line(EventKind::Preparing { runs }) }
    }
}

impl Folded {
    fn take(&mut self, segment: &SegmentName, header: &Header, line: EventKind) -> Taken {
        if let Some(end) = &self.end {
            return end.again(segment, header, &line);
        }
        let own = &header.node.arithmetic;
        if matches!(line, EventKind::Queued { .. }) {
            self.logged = Logged { arithmetic: Some(own.clone()), ..Logged::default() };
            self.owner = Some(segment.clone());
            return Taken::Line(line);
        }
        // Of a copy on another kind of machine, which another has begun anew, or before either took a step.
        if !self.counts(segment, own, &line) {
            return Taken::Known;
        }
        match line {
            EventKind::Started { .. } => {
                self.logged.arithmetic = Some(own.clone());
                self.owner = Some(segment.clone());
                Taken::Line(line)
            }
            EventKind::Points { run, points } => match behind(points, self.logged.step) {
                None => Taken::Known,
                Some(points) if points.step.first() == Some(&(self.logged.step + 1)) => {
                    self.logged.step = points.step.last().copied().unwrap_or(self.logged.step);
                    self.logged.elapsed_secs = points.elapsed_secs.last().copied().unwrap_or_default();
                    Taken::Line(EventKind::Points { run, points })
                }
                Some(_) => {
                    let step = self.logged.step + 1;
                    Taken::Odd(format!(
                        "{segment} lacks step {step} of run {run}: its later steps are left out"
                    ))
                }
            },
            EventKind::Evaluated { ref evaluation, .. } => {
                if evaluation.epoch as usize != self.logged.evaluations.len() + 1 {
                    return Taken::Known;
                }
                self.logged.evaluations.push(evaluation.clone());
                Taken::Line(line)
            }
            EventKind::Checkpointed { .. } => Taken::Line(line),
            EventKind::Finished { ref outcome, .. } => {
                let sha256 = outcome.trained_sha256.clone();
                self.end = Some(End::Finished { sha256, node: header.node.place() });
                Taken::Line(line)
            }
            EventKind::Failed { .. } | EventKind::Cancelled { .. } | EventKind::Retired { .. } => {
                self.end = Some(End::Otherwise);
                Taken::Line(line)
            }
            // Whoever goes on with it meanwhile is not interrupted.
            EventKind::Interrupted { .. } if self.owner.as_ref() == Some(segment) => {
                self.owner = None;
                Taken::Line(line)
            }
            EventKind::Interrupted { .. } => Taken::Known,
            other => Taken::Odd(format!("{segment} has a line `{}`, which no worker writes", other.name())),
        }
    }

    /// Whether a line counts that comes from a machine of this kind.
    fn counts(&self, segment: &SegmentName, own: &Arithmetic, line: &EventKind) -> bool {
        match line {
            EventKind::Started { .. } => self.logged.goes_on_with(own),
            // Asked for, or about who has it: no bits are in them.
            EventKind::Cancelled { .. } | EventKind::Interrupted { .. } => true,
            // Who has it may fail before its first word on whose bits follow.
            EventKind::Failed { .. } if self.owner.as_ref() == Some(segment) => true,
            _ => self.logged.arithmetic.as_ref().is_none_or(|logged| logged == own),
        }
    }
}

impl End {
    /// What a line behind a run's end comes to.
    fn again(&self, segment: &SegmentName, header: &Header, line: &EventKind) -> Taken {
        match (self, line) {
            (Self::Finished { sha256, node }, EventKind::Finished { run, outcome })
                if *sha256 != outcome.trained_sha256 =>
            {
                Taken::Odd(format!(
                    "run {run} ended otherwise on {} ({}, {segment}) than on {node}: the result of {node} stays; a run should \
                     have the same bits wherever it trains",
                    header.node.place(),
                    header.node.arithmetic
                ))
            }
            _ => Taken::Known,
        }
    }
}

impl Logged {
    /// What the log holds of a run.
    pub(crate) fn of(known: &RunState) -> Self {
        Self {
            step: known.step,
            evaluations: known.evaluations.clone(),
            elapsed_secs: known.elapsed_secs,
            arithmetic: known.node.as_ref().map(|node| node.arithmetic.clone()),
        }
    }
}

/// The points behind a step; `None` if there are none.
fn behind(points: Points, step: u64) -> Option<Points> {
    let known = points.step.partition_point(|own| *own <= step);
    if known == 0 {
        return Some(points).filter(|points| !points.is_empty());
    }
    let rest = |column: &[f64]| column.get(known..).unwrap_or_default().to_vec();
    let step = points.step.get(known..).unwrap_or_default().to_vec();
    (!step.is_empty()).then(|| Points {
        step,
        epoch: rest(&points.epoch),
        loss: rest(&points.loss),
        learning_rate: rest(&points.learning_rate),
        gradient_norm: rest(&points.gradient_norm),
        tokens_per_s: rest(&points.tokens_per_s),
        elapsed_secs: rest(&points.elapsed_secs),
    })
}

#[cfg(test)]
mod tests;

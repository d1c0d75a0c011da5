//! Who trains: which machines and worker processes, what each of them has, how fast it is, and when it was heard of last.
//!
//! A fold of the log's lines beside that of [`crate::state`]: what it says is of the moment, and nothing of it need outlive
//! the program. It begins with a state, whose running runs say where they train, and learns from the lines behind it how fast.

use crate::event::{Event, EventKind, ExperimentId, Node, Points};
use crate::run::{RunId, RunStatus};
use crate::state::LabState;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

/// The span in which what was trained is counted, in milliseconds.
const SPAN_MS: u64 = 30_000;

/// How long a node is told of that has nothing to train, in milliseconds.
const IDLE_MS: u64 = 10 * 60_000;

/// A node that trains, or did a moment ago.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NodeActivity {
    /// The machine and its worker.
    pub node: Node,
    /// Its device, for people: `cpu`.
    pub device: String,
    /// How many runs it trains; none if it is idle.
    pub runs: usize,
    /// The experiments of these runs.
    pub experiments: Vec<ExperimentId>,
    /// For how many seconds it has trained the first of these; none if it is idle.
    pub since_secs: Option<f64>,
    /// Seconds since a line of it was written; none where that was before anybody asked.
    pub heard_secs: Option<f64>,
    /// Steps a second, of all of its runs together, over the last half minute.
    pub steps_per_s: f64,
    /// Real tokens a second, of all of its runs together, over the last half minute.
    pub tokens_per_s: f64,
}

/// The fold.
#[derive(Clone, Debug, Default)]
pub struct Nodes {
    nodes: BTreeMap<Node, Known>,
    /// Where each run trains.
    runs: HashMap<RunId, Trains>,
    /// Seconds of training up to the last step of each run that took one and has not finished: it may go on.
    elapsed_secs: HashMap<RunId, f64>,
}

/// What is known of a node.
#[derive(Clone, Debug, Default)]
struct Known {
    device: String,
    heard_ms: Option<u64>,
    /// When it was first heard of since this fold began.
    first_ms: Option<u64>,
    recent: VecDeque<Work>,
}

/// What a line says was trained.
#[derive(Clone, Copy, Debug)]
struct Work {
    at_ms: u64,
    steps: f64,
    tokens: f64,
}

/// A run that trains.
#[derive(Clone, Debug)]
struct Trains {
    node: Node,
    since_ms: u64,
}

impl Nodes {
    /// The nodes of the runs that train in a state, and of those that may.
    pub fn of(lab: &LabState) -> Nodes {
        let mut nodes = Nodes::default();
        for (id, run) in lab.runs.iter().filter(|(_, run)| run.status != RunStatus::Finished) {
            if run.elapsed_secs > 0.0 {
                nodes.elapsed_secs.insert(id.clone(), run.elapsed_secs);
            }
            if run.status != RunStatus::Running {
                continue;
            }
            // One that is prepared yet, or of an older program.
            let (Some(node), Some(device)) = (&run.node, &run.device) else { continue };
            nodes.nodes.entry(node.clone()).or_default().device.clone_from(device);
            let since_ms = run.went_on_ms.or(run.started_ms).unwrap_or_default();
            nodes.runs.insert(id.clone(), Trains { node: node.clone(), since_ms });
        }
        nodes
    }

    /// Takes a line.
    pub fn apply(&mut self, event: &Event) {
        let at_ms = event.at_ms;
        match &event.kind {
            EventKind::Started { run, device, node: Some(node), .. } => {
                self.heard(node, at_ms).device.clone_from(device);
                self.runs.insert(run.clone(), Trains { node: node.clone(), since_ms: at_ms });
            }
            EventKind::Points { run, points } => {
                let work = Work::of(points, self.elapsed_secs.entry(run.clone()).or_default(), at_ms);
                let Some(node) = self.runs.get(run).map(|trains| trains.node.clone()) else { return };
                self.heard(&node, at_ms).recent.push_back(work);
            }
            EventKind::Evaluated { run, .. } | EventKind::Checkpointed { run, .. } => {
                if let Some(node) = self.runs.get(run).map(|trains| trains.node.clone()) {
                    self.heard(&node, at_ms);
                }
            }
            EventKind::Finished { run, .. } | EventKind::Retired { run, .. } => {
                if matches!(event.kind, EventKind::Finished { .. }) {
                    self.elapsed_secs.remove(run);
                }
                if let Some(trains) = self.runs.remove(run) {
                    self.heard(&trains.node, at_ms);
                }
            }
            // Of these others may have written the line. What is queued starts anew; what is continued does not.
            EventKind::Queued { run, .. } => {
                self.elapsed_secs.remove(run);
                self.runs.remove(run);
            }
            EventKind::Continued { run }
            | EventKind::Failed { run, .. }
            | EventKind::Cancelled { run }
            | EventKind::Interrupted { run } => _ = self.runs.remove(run),
            EventKind::Started { node: None, .. }
            | EventKind::Created { .. }
            | EventKind::Preparing { .. }
            | EventKind::Annotated { .. }
            | EventKind::Deleted { .. }
            | EventKind::KeepChanged { .. }
            | EventKind::WeightsDropped { .. }
            | EventKind::QueueOrdered { .. }
            | EventKind::Paused
            | EventKind::Resumed => {}
        }
    }

    fn heard(&mut self, node: &Node, at_ms: u64) -> &mut Known {
        let known = self.nodes.entry(node.clone()).or_default();
        known.heard_ms = Some(at_ms);
        known.first_ms = Some(known.first_ms.map_or(at_ms, |first| first.min(at_ms)));
        // A clock that jumped back makes lines of the future, which count no longer than others.
        known.recent.retain(|work| work.at_ms <= at_ms && at_ms - work.at_ms <= SPAN_MS);
        known
    }

    /// Who trains now, by name; `lab` says of which experiments. Forgets who has had nothing to train for long.
    pub fn report(&mut self, lab: &LabState, now_ms: u64) -> Vec<NodeActivity> {
        let mut trained: HashMap<&Node, Trained> = HashMap::new();
        for trains in self.runs.values() {
            let own = trained.entry(&trains.node).or_default();
            own.runs += 1;
            own.since_ms = Some(own.since_ms.map_or(trains.since_ms, |since| since.min(trains.since_ms)));
        }
        for (id, experiment) in &lab.experiments {
            for trains in experiment.runs.iter().filter_map(|run| self.runs.get(run)) {
                if let Some(own) = trained.get_mut(&trains.node) {
                    own.experiments.insert(*id);
                }
            }
        }
        self.nodes.retain(|node, known| {
            let quiet_ms = known.heard_ms.map_or(u64::MAX, |heard| now_ms.saturating_sub(heard));
            trained.contains_key(node) || quiet_ms <= IDLE_MS
        });
        let activity = |(node, known): (&Node, &Known)| {
            let Trained { runs, experiments, since_ms } = trained.remove(node).unwrap_or_default();
            let [steps_per_s, tokens_per_s] = known.rates(now_ms);
            let secs = |then_ms: u64| now_ms.saturating_sub(then_ms) as f64 / 1000.0;
            NodeActivity {
                node: node.clone(),
                device: known.device.clone(),
                runs,
                experiments: experiments.into_iter().collect(),
                since_secs: since_ms.map(secs),
                heard_secs: known.heard_ms.map(secs),
                steps_per_s,
                tokens_per_s,
            }
        };
        self.nodes.iter().map(activity).collect()
    }
}

/// What a node trains.
#[derive(Debug, Default)]
struct Trained {
    runs: usize,
    experiments: BTreeSet<ExperimentId>,
    since_ms: Option<u64>,
}

impl Known {
    /// Steps and tokens a second.
    fn rates(&self, now_ms: u64) -> [f64; 2] {
        let since = self.first_ms.unwrap_or(now_ms).max(now_ms.saturating_sub(SPAN_MS));
        let secs = now_ms.saturating_sub(since) as f64 / 1000.0;
        let recent = self.recent.iter().filter(|work| (since..=now_ms).contains(&work.at_ms));
        let [steps, tokens] =
            recent.fold([0.0; 2], |[steps, tokens], work| [steps + work.steps, tokens + work.tokens]);
        // Less than a second says nothing.
        if secs < 1.0 { [0.0; 2] } else { [steps / secs, tokens / secs] }
    }
}

impl Work {
    /// What points say; `elapsed_secs` is moved to their end.
    fn of(points: &Points, elapsed_secs: &mut f64, at_ms: u64) -> Work {
        let mut tokens = 0.0;
        for (own, elapsed) in points.tokens_per_s.iter().zip(&points.elapsed_secs) {
            let secs = (elapsed - std::mem::replace(elapsed_secs, *elapsed)).max(0.0);
            if own.is_finite() && secs.is_finite() {
                tokens += own * secs;
            }
        }
        Work { at_ms, steps: points.len() as f64, tokens }
    }
}

#[cfg(test)]
mod tests;

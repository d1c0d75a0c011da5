//! The learning rates that a run is held against in successive halving, see [`tunemask_shared::halving`].

use serde::{Deserialize, Serialize};
use tunemask_shared::experiment::Experiment;
use tunemask_shared::halving::Halving;
use tunemask_shared::metric::Metric;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{LabState, Retirement, RunState};

/// The runs of one task, mask and seed, by an experiment's learning rates. A worker knows the scores of those that it trains, and
/// holds a run against these alone: it retires no more than one process would.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Bracket {
    halving: Halving,
    /// In the order in which the experiment asks for them: of equal ones the earlier is better.
    runs: Vec<RunId>,
}

impl Bracket {
    /// The bracket of these runs, in the order in which the experiment asks for them.
    pub(crate) fn new(halving: Halving, runs: Vec<RunId>) -> Self {
        Self { halving, runs }
    }

    /// That of a run, by the latest experiment that holds it; none if an experiment wants it to its end, or the user did.
    pub(crate) fn of(state: &LabState, run: &RunId, latest: &Experiment) -> Option<Self> {
        let halving = latest.halving.clone()?;
        let known = state.runs.get(run)?;
        if known.retirement == Retirement::Overruled {
            return None;
        }
        let mut holds = state.experiments.values().filter(|held| held.runs.contains(run));
        let held = holds.next_back()?;
        if holds.any(|other| other.experiment.halving.is_none()) {
            return None;
        }
        let beside = |other: &&RunId| {
            let (own, other) = (&known.spec, state.runs.get(*other).map(|other| &other.spec));
            other.is_some_and(|o| o.task == own.task && o.mask == own.mask && o.seed == own.seed)
        };
        Some(Self { halving, runs: held.runs.iter().filter(beside).cloned().collect() })
    }

    /// How many others are better than a run after an epoch that the log has scored, if these are so many that it is retired.
    pub(crate) fn better(&self, state: &LabState, run: &RunId, epoch: u32) -> Option<u32> {
        let survivors = self.halving.survivors(self.runs.len(), epoch)?;
        let metric = state.runs.get(run)?.spec.task.primary_metric();
        let own_place = self.runs.iter().position(|other| other == run)?;
        let own = standing(state.runs.get(run)?, metric, epoch)?;
        let is_better = |(place, other): &(usize, &RunId)| {
            let other = state.runs.get(*other).and_then(|other| standing(other, metric, epoch));
            let is_better = |other: f64| {
                let equal = !metric.improves(other, own) && !metric.improves(own, other);
                metric.improves(other, own) || (equal && *place < own_place)
            };
            *place != own_place && other.is_some_and(is_better)
        };
        let better = self.runs.iter().enumerate().filter(is_better).count();
        (better >= survivors).then_some(better as u32)
    }
}

/// A run's best score up to an epoch; none if it has not come so far.
fn standing(run: &RunState, metric: Metric, epoch: u32) -> Option<f64> {
    let value = |scored: &tunemask_shared::event::Evaluation| {
        let first = scored.scores.iter().find(|score| score.metric == metric && score.set == 0);
        first.map_or(f64::NAN, |score| score.value)
    };
    // One that stopped early has come to its end.
    let has_come = run.status == RunStatus::Finished || run.evaluations.iter().any(|e| e.epoch == epoch);
    let values = run.evaluations.iter().filter(|e| has_come && e.epoch <= epoch).map(value);
    values.reduce(|best, new| if metric.improves(new, best) { new } else { best })
}

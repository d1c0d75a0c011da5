//! What no experiment's rule wants: a function of the log's state alone.

use crate::results::table::{ResultCell, SeedResult, table};
use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::failure::FailureCause;
use tunemask_shared::keep_weights::KeepWeights;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState};

/// A rule that an experiment does not have, to see what would follow from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assumed {
    /// The experiment.
    pub experiment_id: ExperimentId,
    /// The rule.
    pub rule: KeepWeights,
}

/// The finished runs that still have weights and that no experiment wants them of, each with the rule of the latest experiment
/// that holds it; in the order of experiments and their runs.
pub(in crate::lab) fn unwanted(state: &LabState, assumed: Option<Assumed>) -> Vec<(RunId, KeepWeights)> {
    let rule_of = |id: ExperimentId, held: &ExperimentState| match assumed {
        Some(assumed) if assumed.experiment_id == id => assumed.rule,
        _ => held.experiment.keeps(),
    };
    let mut held_by: HashMap<&RunId, Claims> = HashMap::new();
    for (&id, held) in &state.experiments {
        let rule = rule_of(id, held);
        let wants = Wanted::by(rule, state, id, held);
        for run in &held.runs {
            let claims = held_by.entry(run).or_insert(Claims { wanted: false, rule });
            claims.wanted |= wants.has(run);
            claims.rule = rule;
        }
    }
    let mut seen = HashSet::new();
    let runs = state.experiments.values().flat_map(|held| &held.runs);
    let whole = |run: &&RunId| {
        let known = state.runs.get(*run);
        known.is_some_and(|run| run.status == RunStatus::Finished && run.weights_dropped.is_none())
    };
    let whole = runs.filter(|run| seen.insert(*run)).filter(whole);
    whole
        .filter_map(|run| Some((run.clone(), held_by.get(run).filter(|claims| !claims.wanted)?.rule)))
        .collect()
}

/// What the experiments that hold a run say of it.
struct Claims {
    wanted: bool,
    /// The rule of the latest of them.
    rule: KeepWeights,
}

/// Whose weights an experiment wants.
enum Wanted {
    All,
    These(HashSet<RunId>),
    /// All but these.
    Others(HashSet<RunId>),
}

impl Wanted {
    fn by(rule: KeepWeights, state: &LabState, id: ExperimentId, held: &ExperimentState) -> Self {
        match rule {
            KeepWeights::All => Self::All,
            KeepWeights::None => Self::These(HashSet::new()),
            KeepWeights::Last(runs) => Self::These(last(state, held, runs as usize)),
            KeepWeights::Picked => Self::Others(not_picked(state, id)),
        }
    }

    fn has(&self, run: &RunId) -> bool {
        match self {
            Self::All => true,
            Self::These(runs) => runs.contains(run),
            Self::Others(runs) => !runs.contains(run),
        }
    }
}

/// So many runs that finished last; of those that finished at once the later ones of the list.
fn last(state: &LabState, held: &ExperimentState, runs: usize) -> HashSet<RunId> {
    let finished = held.runs.iter().enumerate().filter_map(|(place, id)| {
        let run = state.runs.get(id).filter(|run| run.status == RunStatus::Finished)?;
        Some((run.ended_ms, place, id))
    });
    let mut finished: Vec<_> = finished.collect();
    finished.sort_unstable_by_key(|&(ended, place, _)| Reverse((ended, place)));
    finished.into_iter().take(runs).map(|(_, _, id)| id.clone()).collect()
}

/// The runs of decided cells that the result table does not report.
fn not_picked(state: &LabState, id: ExperimentId) -> HashSet<RunId> {
    let Some(table) = table(state, id) else { return HashSet::new() };
    let mut runs = HashSet::new();
    for cell in table.rows.iter().flat_map(|row| &row.cells).filter(|cell| is_decided(state, cell)) {
        let all = cell.rates.iter().flat_map(|rate| &rate.seeds);
        runs.extend(all.filter_map(|seed| seed.run.clone()));
        for reported in cell.reported(table.rate_pick) {
            reported.run.as_ref().map(|run| runs.remove(run));
        }
    }
    runs
}

/// Whether nothing that is still to come can change which rate a cell reports: all of its runs have finished, or diverged and
/// would again. One that failed otherwise, was cancelled or interrupted may be tried again.
fn is_decided(state: &LabState, cell: &ResultCell) -> bool {
    let diverged = |seed: &SeedResult| {
        let run = seed.run.as_ref().and_then(|run| state.runs.get(run));
        run.is_some_and(|run| run.failure_cause == FailureCause::Diverged)
    };
    let answered = |seed: &SeedResult| match seed.status {
        RunStatus::Finished | RunStatus::Retired => true,
        RunStatus::Failed => diverged(seed),
        RunStatus::Queued | RunStatus::Running | RunStatus::Cancelled | RunStatus::Interrupted => false,
    };
    cell.rates.iter().flat_map(|rate| &rate.seeds).all(answered)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::results::tests::states::{experiment, state};
    use tunemask_shared::experiment::Experiment;

    #[test]
    fn what_failed_decides_a_cell_if_it_diverged() {
        let experiment = Experiment { keep_weights: Some(KeepWeights::Picked), ..experiment() };
        let failed = |rate: f64| if rate == 1e-2 { Err(RunStatus::Failed) } else { Ok(rate) };
        let mut state = state(&experiment, |cell| failed(cell.learning_rate));
        // Of each cell the two runs at the lowest rate.
        let dropped = unwanted(&state, None);
        assert_eq!(dropped.len(), 8);
        assert!(dropped.iter().all(|(run, _)| state.runs[run].spec.learning_rate == 1e-4));
        for run in state.runs.values_mut().filter(|run| run.status == RunStatus::Failed) {
            assert!(run.failure.as_ref().unwrap().starts_with("diverged"));
            run.failure_cause = FailureCause::Other;
        }
        assert_eq!(unwanted(&state, None), []);
    }
}

//! What is compared: an experiment, or a run as if it were an experiment of its own, so that all that is said of
//! experiments can be said of runs.

use crate::results::table::{ResultTable, table};
use std::collections::BTreeMap;
use tunemask_shared::comparison::{ComparedRun, Comparison, names};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::experiment::{Experiment, FieldError, ReportedEpoch};
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, LabState, RunState};

/// One of what is compared.
pub(super) struct Contender {
    /// What its column is called.
    pub name: String,
    /// Its experiment, or the one that its run is seen from.
    pub id: ExperimentId,
    /// What was asked for; of a run, for it alone.
    pub experiment: Experiment,
    /// Its runs.
    pub runs: BTreeMap<RunId, RunState>,
    /// Its results.
    pub table: ResultTable,
}

impl Contender {
    fn new(name: String, id: ExperimentId, part: LabState) -> Option<Self> {
        let table = table(&part, id)?;
        let experiment = part.experiments.into_values().next()?.experiment;
        Some(Self { name, id, experiment, runs: part.runs, table })
    }

    /// The epoch that a single run reports, once it has finished.
    pub fn epoch(&self) -> Option<u32> {
        let mut runs = self.runs.values();
        let (Some(run), None) = (runs.next(), runs.next()) else { return None };
        let outcome = run.outcome.as_ref()?;
        match self.experiment.reported_epoch {
            ReportedEpoch::Best => Some(outcome.best_epoch),
            ReportedEpoch::Last => run.evaluations.last().map(|evaluation| evaluation.epoch),
        }
    }
}

/// Those of a comparison, in its order.
pub(super) fn contenders(state: &LabState, comparison: &Comparison) -> Result<Vec<Contender>, FieldError> {
    comparison.clone().checked().map_err(|why| wrong(why.to_string()))?;
    match comparison {
        Comparison::Experiments(ids) => ids.iter().map(|id| whole(state, *id)).collect(),
        Comparison::Runs(runs) => {
            let found: Vec<&RunState> = runs.iter().map(|run| find(state, run)).collect::<Result<_, _>>()?;
            let named: Vec<_> = runs.iter().zip(&found).map(|(seen, run)| (seen, &run.spec)).collect();
            let contenders = runs.iter().zip(found).zip(names(&named));
            contenders.map(|((seen, run), name)| alone(state, seen, run, name)).collect()
        }
    }
}

fn wrong(message: String) -> FieldError {
    FieldError { field: "comparison".into(), message }
}

fn gone(id: ExperimentId) -> FieldError {
    wrong(format!("There is no experiment {id}; it may have been deleted."))
}

fn find<'a>(state: &'a LabState, seen: &ComparedRun) -> Result<&'a RunState, FieldError> {
    let ComparedRun { experiment_id, run } = seen;
    let found = state.experiments.get(experiment_id).ok_or_else(|| gone(*experiment_id))?;
    let known = state.runs.get(run).filter(|_| found.runs.contains(run));
    known.ok_or_else(|| wrong(format!("There is no run {run} in experiment {experiment_id}.")))
}

fn whole(state: &LabState, id: ExperimentId) -> Result<Contender, FieldError> {
    let mut found = state.experiments.get(&id).ok_or_else(|| gone(id))?.clone();
    // Tests pair runs by their places: those of two experiments that name the same seeds in another order are the same pairs.
    found.experiment.seeds.sort_unstable();
    let known = found.runs.iter().filter_map(|run| state.runs.get_key_value(run));
    let part = LabState {
        runs: known.map(|(run, state)| (run.clone(), state.clone())).collect(),
        experiments: BTreeMap::from([(id, found)]),
        ..LabState::default()
    };
    Contender::new(format!("#{id}"), id, part).ok_or_else(|| gone(id))
}

/// A run as an experiment whose grid has one cell.
fn alone(
    state: &LabState,
    seen: &ComparedRun,
    run: &RunState,
    name: String,
) -> Result<Contender, FieldError> {
    let id = seen.experiment_id;
    let found = state.experiments.get(&id).ok_or_else(|| gone(id))?;
    let spec = &run.spec;
    let experiment = Experiment {
        tasks: vec![spec.task.name().to_string()],
        masks: vec![spec.mask.to_string()],
        learning_rates: vec![spec.learning_rate],
        further_rates: Vec::new(),
        seeds: vec![spec.seed],
        ..found.experiment.clone()
    };
    let found = ExperimentState::new(experiment, vec![seen.run.clone()], None, found.created_ms);
    let part = LabState {
        experiments: BTreeMap::from([(id, found)]),
        runs: BTreeMap::from([(seen.run.clone(), run.clone())]),
        ..LabState::default()
    };
    Contender::new(name, id, part).ok_or_else(|| gone(id))
}

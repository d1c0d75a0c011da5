//! What is compared, as the charts know it, and the part of the lab that has to be watched for it.

use crate::legend::Contender;
use leptos::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use tunemask_shared::comparison::{ComparedRun, Comparison, names};
use tunemask_shared::event::ExperimentId;
use tunemask_shared::report::{Block, Report};
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;
use tunemask_shared::watched::{Detail, Watch};

/// What a comparison needs to be watched, for the whole page.
#[derive(Clone, Copy)]
pub struct ComparedSignal(pub RwSignal<Vec<Watch>>);

impl ComparedSignal {
    /// Nothing is compared yet.
    pub fn provide() {
        provide_context(ComparedSignal(RwSignal::new(Vec::new())));
    }
}

/// What is watched for a comparison.
pub fn use_compared() -> ComparedSignal {
    expect_context::<ComparedSignal>()
}

/// Runs that belong to experiments.
type RunsOf = BTreeMap<ExperimentId, BTreeSet<RunId>>;

/// The runs of a comparison, and nothing else of their experiments.
pub fn watch_runs(runs: &[ComparedRun]) -> Vec<Watch> {
    let mut all = RunsOf::new();
    for ComparedRun { experiment_id, run } in runs {
        all.entry(*experiment_id).or_default().insert(run.clone());
    }
    watch_experiments(&all)
}

/// These runs of experiments.
pub fn watch_experiments(runs: &RunsOf) -> Vec<Watch> {
    let watch = |(id, runs): (&ExperimentId, &BTreeSet<RunId>)| Watch {
        experiment_id: *id,
        detail: Detail::Chosen(runs.iter().cloned().collect()),
    };
    runs.iter().map(watch).collect()
}

/// The runs behind the scores of a report, by the experiments that they are seen from.
pub fn experiments_behind(report: &Report) -> RunsOf {
    let mut all = RunsOf::new();
    for block in &report.blocks {
        let Block::Table(table) = block else { continue };
        for cell in table.rows.iter().flatten() {
            if let Some(id) = cell.seen_from {
                all.entry(id).or_default().extend(cell.runs.iter().cloned());
            }
        }
    }
    all
}

/// What is compared, in its order, with the runs of it that are drawn.
pub fn contenders(comparison: &Comparison, watch: &[Watch], state: &LabState) -> Vec<Contender> {
    match comparison {
        Comparison::Experiments(ids) => {
            let runs_of = |id: &ExperimentId| {
                let own = watch.iter().find(|watch| watch.experiment_id == *id);
                match own.map(|watch| &watch.detail) {
                    Some(Detail::Chosen(runs)) => runs.iter().cloned().collect(),
                    Some(Detail::Grid | Detail::Runs) | None => BTreeSet::new(),
                }
            };
            ids.iter().map(|id| Contender { name: format!("#{id}"), runs: runs_of(id) }).collect()
        }
        Comparison::Runs(runs) => {
            let known: Vec<_> =
                runs.iter().filter_map(|seen| Some((seen, &state.runs.get(&seen.run)?.spec))).collect();
            let named = known.iter().zip(names(&known));
            named.map(|((seen, _), name)| Contender { name, runs: [seen.run.clone()].into() }).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use tunemask_shared::report::{Cell, Table};

    fn run(id: &str) -> RunId {
        RunId(id.into())
    }

    #[test]
    fn the_runs_behind_scores_are_watched_and_no_others() {
        let cell = |id: u64, runs: &[&str]| Cell {
            runs: runs.iter().map(|id| run(id)).collect(),
            seen_from: Some(ExperimentId(id)),
            ..Cell::text("70.0")
        };
        let rows = vec![
            vec![Cell::text("RTE accuracy"), cell(5, &["a", "b"]), cell(3, &["c"])],
            vec![cell(5, &["a"])],
        ];
        let table = Table::new("", Vec::new(), rows);
        let report = Report { blocks: vec![Block::Heading("Scores".into()), Block::Table(table)] };
        let watch = watch_experiments(&experiments_behind(&report));
        let chosen = |id, runs: &[&str]| Watch {
            experiment_id: ExperimentId(id),
            detail: Detail::Chosen(runs.iter().map(|id| run(id)).collect()),
        };
        assert_eq!(watch, [chosen(3, &["c"]), chosen(5, &["a", "b"])]);
        let contenders = contenders(&Comparison::read("5,3").unwrap(), &watch, &LabState::default());
        assert_eq!(
            contenders.iter().map(|c| (c.name.as_str(), c.runs.len())).collect::<Vec<_>>(),
            [("#5", 2), ("#3", 1)]
        );
    }

    #[test]
    fn runs_are_named_by_what_tells_them_apart() {
        let (lab, experiment) = sample::lab();
        let seen = |run: &RunId| ComparedRun { experiment_id: ExperimentId(1), run: run.clone() };
        let runs: Vec<ComparedRun> = experiment.runs[..2].iter().map(seen).collect();
        assert_eq!(watch_runs(&runs).len(), 1);
        let all = contenders(&Comparison::Runs(runs), &[], &lab);
        assert_eq!(all.iter().map(|c| c.name.as_str()).collect::<Vec<_>>(), ["seed 1", "seed 2"]);
    }
}

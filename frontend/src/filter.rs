//! Which of an experiment's runs are shown.

use crate::format::rate;
use tunemask_shared::event::Node;
use tunemask_shared::run::{RunId, RunStatus};
use tunemask_shared::state::{ExperimentState, LabState, RunState};

/// What a run must be to be shown; an empty list lets all through.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Filter {
    /// Tasks, as an experiment writes them.
    pub tasks: Vec<String>,
    /// Masks, as an experiment writes them.
    pub masks: Vec<String>,
    /// Statuses.
    pub statuses: Vec<RunStatus>,
    /// Places where runs train or trained: `desk/cuda:2`.
    pub nodes: Vec<String>,
    /// Runs, chosen one by one.
    pub runs: Vec<RunId>,
    /// Words that a run must have, each somewhere in its mask, task, learning rate, seed, status or node.
    pub text: String,
}

impl Filter {
    /// Whether it lets every run through.
    pub fn is_empty(&self) -> bool {
        let lists = self.tasks.is_empty() && self.masks.is_empty() && self.statuses.is_empty();
        lists && self.nodes.is_empty() && self.runs.is_empty() && self.text.trim().is_empty()
    }

    /// The experiment's runs that it lets through, in their order.
    pub fn apply<'a>(
        &self,
        lab: &'a LabState,
        experiment: &'a ExperimentState,
    ) -> Vec<(&'a RunId, &'a RunState)> {
        let runs = experiment.runs.iter().filter_map(|id| lab.runs.get_key_value(id));
        runs.filter(|(id, run)| self.passes(id, run)).collect()
    }

    fn passes(&self, id: &RunId, run: &RunState) -> bool {
        fn holds(list: &[String], word: &dyn ToString) -> bool {
            list.is_empty() || list.contains(&word.to_string())
        }
        holds(&self.tasks, &run.spec.task)
            && holds(&self.masks, &run.spec.mask)
            && (self.statuses.is_empty() || self.statuses.contains(&run.status))
            && (self.nodes.is_empty() || place_of(run).is_some_and(|place| self.nodes.contains(&place)))
            && (self.runs.is_empty() || self.runs.contains(id))
            && self.has_words(run)
    }

    fn has_words(&self, run: &RunState) -> bool {
        if self.text.trim().is_empty() {
            return true;
        }
        let spec = &run.spec;
        let known = format!(
            "{}\n{}\n{}\n{}\nseed {}\n{}\n{}",
            spec.mask,
            spec.task.title(),
            spec.task,
            rate(spec.learning_rate),
            spec.seed,
            run.status.name(),
            place_of(run).unwrap_or_default()
        );
        let known = known.to_lowercase();
        self.text.to_lowercase().split_whitespace().all(|word| known.contains(word))
    }
}

/// Where a run trains or trained.
fn place_of(run: &RunState) -> Option<String> {
    run.node.as_ref().map(Node::place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sample;
    use tunemask_shared::run::Arithmetic;

    #[test]
    fn filters_apply_together() {
        let (lab, experiment) = sample::lab();
        let count = |filter: &Filter| filter.apply(&lab, &experiment).len();
        assert_eq!(count(&Filter::default()), 5);
        assert_eq!(count(&Filter { statuses: vec![RunStatus::Failed], ..Filter::default() }), 1);
        assert_eq!(count(&Filter { masks: vec!["full".into()], ..Filter::default() }), 0);
        let both =
            Filter { masks: vec!["layernorms".into()], tasks: vec!["sentiment".into()], ..Filter::default() };
        assert_eq!(count(&both), 5);
        let chosen = Filter { runs: experiment.runs[1..3].to_vec(), ..Filter::default() };
        assert!(count(&chosen) == 2 && !chosen.is_empty());
        let text = |text: &str| count(&Filter { text: text.into(), ..Filter::default() });
        assert_eq!([text(" "), text("LAYER 1e-3"), text("failed"), text("layer bitfit")], [5, 5, 1, 0]);
    }

    #[test]
    fn runs_are_found_by_the_node_that_trained_them() {
        let (mut lab, experiment) = sample::lab();
        let arithmetic = Arithmetic("x86-64-v4".into());
        let node = Node { name: "desk".into(), arithmetic, worker: Some("cpu-2".into()) };
        lab.runs.get_mut(&experiment.runs[2]).unwrap().node = Some(node);
        let count = |filter: &Filter| filter.apply(&lab, &experiment).len();
        let nodes = |place: &str| Filter { nodes: vec![place.into()], ..Filter::default() };
        assert_eq!([count(&nodes("desk/cpu-2")), count(&nodes("desk/cpu-1"))], [1, 0]);
        assert_eq!(count(&Filter { text: "Desk CPU-2".into(), ..Filter::default() }), 1);
        assert!(!nodes("desk").is_empty());
    }
}

//! Which of an experiment's runs are shown.

use crate::format::rate;
use regex_lite::{Regex, RegexBuilder};
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
    /// Learning rates, as the page writes them.
    pub rates: Vec<String>,
    /// Seeds.
    pub seeds: Vec<String>,
    /// Statuses.
    pub statuses: Vec<RunStatus>,
    /// Places where runs train or trained: `desk/cuda:2`.
    pub nodes: Vec<String>,
    /// Runs, chosen one by one.
    pub runs: Vec<RunId>,
    /// Words that a run must have, each somewhere in its mask, task, learning rate, seed, status or node; or between slashes a
    /// regular expression for one of these.
    pub text: String,
}

/// A list of a filter that holds words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WordList {
    /// [`Filter::tasks`].
    Tasks,
    /// [`Filter::masks`].
    Masks,
    /// [`Filter::rates`].
    Rates,
    /// [`Filter::seeds`].
    Seeds,
    /// [`Filter::nodes`].
    Nodes,
}

/// What a text asks of a run.
enum Sought {
    /// All of these words, in small letters.
    Words(Vec<String>),
    /// A line that it matches.
    Pattern(Regex),
    /// Nothing that can be found: it is not a regular expression.
    Broken,
}

impl Filter {
    /// Whether it lets every run through.
    pub fn is_empty(&self) -> bool {
        let grid = [&self.tasks, &self.masks, &self.rates, &self.seeds];
        let lists = grid.into_iter().all(Vec::is_empty) && self.statuses.is_empty();
        lists && self.nodes.is_empty() && self.runs.is_empty() && self.text.trim().is_empty()
    }

    /// One of its lists.
    pub fn words(&self, list: WordList) -> &Vec<String> {
        match list {
            WordList::Tasks => &self.tasks,
            WordList::Masks => &self.masks,
            WordList::Rates => &self.rates,
            WordList::Seeds => &self.seeds,
            WordList::Nodes => &self.nodes,
        }
    }

    /// The same, to be changed.
    pub fn words_mut(&mut self, list: WordList) -> &mut Vec<String> {
        match list {
            WordList::Tasks => &mut self.tasks,
            WordList::Masks => &mut self.masks,
            WordList::Rates => &mut self.rates,
            WordList::Seeds => &mut self.seeds,
            WordList::Nodes => &mut self.nodes,
        }
    }

    /// The experiment's runs that it lets through, in their order.
    pub fn apply<'a>(
        &self,
        lab: &'a LabState,
        experiment: &'a ExperimentState,
    ) -> Vec<(&'a RunId, &'a RunState)> {
        let sought = self.sought();
        let runs = experiment.runs.iter().filter_map(|id| lab.runs.get_key_value(id));
        runs.filter(|(id, run)| self.passes(id, run) && sought.is_found_in(run)).collect()
    }

    /// Why its text is not a regular expression, where it is written as one.
    pub fn fault(&self) -> Option<String> {
        self.pattern()?.err().map(|error| format!("Not a regular expression: {error}."))
    }

    /// What stands between slashes. One slash alone may be the beginning of a pattern, or of a node's name.
    fn pattern(&self) -> Option<Result<Regex, regex_lite::Error>> {
        let pattern = self.text.trim().strip_prefix('/')?.strip_suffix('/')?;
        let regex = RegexBuilder::new(pattern).case_insensitive(true).multi_line(true).build();
        (!pattern.is_empty()).then_some(regex)
    }

    fn sought(&self) -> Sought {
        match self.pattern() {
            Some(Ok(regex)) => Sought::Pattern(regex),
            Some(Err(_)) => Sought::Broken,
            None => Sought::Words(self.text.to_lowercase().split_whitespace().map(str::to_owned).collect()),
        }
    }

    fn passes(&self, id: &RunId, run: &RunState) -> bool {
        fn holds(list: &[String], word: &dyn ToString) -> bool {
            list.is_empty() || list.contains(&word.to_string())
        }
        holds(&self.tasks, &run.spec.task)
            && holds(&self.masks, &run.spec.mask)
            && (self.rates.is_empty() || self.rates.contains(&rate(run.spec.learning_rate)))
            && holds(&self.seeds, &run.spec.seed)
            && (self.statuses.is_empty() || self.statuses.contains(&run.status))
            && (self.nodes.is_empty() || place_of(run).is_some_and(|place| self.nodes.contains(&place)))
            && (self.runs.is_empty() || self.runs.contains(id))
    }
}

impl Sought {
    fn is_found_in(&self, run: &RunState) -> bool {
        match self {
            Sought::Words(words) if words.is_empty() => true,
            Sought::Words(words) => {
                let known = lines(run).to_lowercase();
                words.iter().all(|word| known.contains(word))
            }
            Sought::Pattern(regex) => regex.is_match(&lines(run)),
            Sought::Broken => false,
        }
    }
}

/// What is known of a run, a line each.
fn lines(run: &RunState) -> String {
    let spec = &run.spec;
    format!(
        "{}\n{}\n{}\n{}\nseed {}\n{}\n{}",
        spec.mask,
        spec.task.title(),
        spec.task,
        rate(spec.learning_rate),
        spec.seed,
        run.status.name(),
        place_of(run).unwrap_or_default()
    )
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
        let seeds = Filter { seeds: vec!["2".into(), "4".into(), "9".into()], ..Filter::default() };
        assert!(count(&seeds) == 2 && !seeds.is_empty());
        let rates = |rate: &str| Filter { rates: vec![rate.into()], ..Filter::default() };
        assert_eq!([count(&rates("1e-3")), count(&rates("1e-2"))], [5, 0]);
        let chosen = Filter { runs: experiment.runs[1..3].to_vec(), ..Filter::default() };
        assert!(count(&chosen) == 2 && !chosen.is_empty());
        let text = |text: &str| count(&Filter { text: text.into(), ..Filter::default() });
        assert_eq!([text(" "), text("LAYER 1e-3"), text("failed"), text("layer bitfit")], [5, 5, 1, 0]);
    }

    #[test]
    fn between_slashes_stands_a_regular_expression() {
        let (lab, experiment) = sample::lab();
        let of = |text: &str| Filter { text: text.into(), ..Filter::default() };
        let count = |text: &str| of(text).apply(&lab, &experiment).len();
        assert_eq!([count("/^LAYER.*s$/"), count("/^norms/"), count("/^(failed|queued)$/")], [5, 0, 2]);
        assert_eq!([count("/^seed [1-2]$/"), count(r"/^1e-\d$/")], [2, 5]);
        // Begun, or nothing: words as before.
        assert_eq!([count("/"), count("//"), count("/failed")], [0, 0, 0]);
        assert_eq!((count("/(failed/"), of("/failed/").fault()), (0, None));
        let fault = of("/(failed/").fault().unwrap();
        assert!(fault.starts_with("Not a regular expression: ") && fault.ends_with('.'), "{fault}");
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

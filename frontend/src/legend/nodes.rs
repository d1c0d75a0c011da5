//! Where an experiment's runs train or trained, in an order that lasts while runs begin.

use std::collections::BTreeMap;
use tunemask_shared::event::Node;
use tunemask_shared::run::RunId;
use tunemask_shared::state::{ExperimentState, RunState};

/// What the runs are called that have not begun.
const NONE_YET: &str = "no node yet";

/// The places of runs. Two nodes that have one name are one place: filters and addresses know places by their names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Nodes {
    /// Names of places where runs train or trained.
    begun: Vec<String>,
    /// Whether some runs have not begun: these come last, so that those that begin take no other's index.
    some_wait: bool,
}

impl Nodes {
    /// Those of an experiment. What was known before keeps its order, and what is new follows it by name.
    pub fn of(found: &ExperimentState, runs: &BTreeMap<RunId, RunState>, before: Option<&Nodes>) -> Nodes {
        let mut now = Nodes::default();
        // Of thousands of runs there are few nodes, and neighbours often share one.
        let mut last = None;
        for node in found.runs.iter().filter_map(|id| runs.get(id)).map(|run| &run.node) {
            if last != Some(node) {
                match node.as_ref().map(Node::place) {
                    None => now.some_wait = true,
                    Some(place) if !now.begun.contains(&place) => now.begun.push(place),
                    Some(_) => {}
                }
            }
            last = Some(node);
        }
        let known = |place: &String| before.and_then(|before| before.begun.iter().position(|p| p == place));
        now.begun.sort_by_cached_key(|place| (known(place).unwrap_or(usize::MAX), place.clone()));
        now
    }

    /// Names of the places where runs train or trained.
    pub fn begun(&self) -> &[String] {
        &self.begun
    }

    /// The places, if there are several.
    pub fn several(&self) -> Option<Vec<String>> {
        (self.begun.len() > 1).then(|| self.begun.clone())
    }

    /// What each is called.
    pub fn words(&self) -> Vec<String> {
        let waiting = self.some_wait.then(|| NONE_YET.to_owned());
        self.begun.iter().cloned().chain(waiting).collect()
    }

    /// What the one of this index is called.
    pub fn word_at(&self, index: usize) -> &str {
        self.begun.get(index).map_or(NONE_YET, String::as_str)
    }

    /// How many there are, those of runs that have not begun as one.
    pub fn count(&self) -> usize {
        self.begun.len() + usize::from(self.some_wait)
    }

    /// The index of a run's place; 0 where places are not known.
    pub fn index_of(&self, run: &RunState) -> usize {
        let place = run.node.as_ref().map(Node::place);
        match place {
            Some(place) => self.begun.iter().position(|p| *p == place).unwrap_or(0),
            None => self.begun.len().min(self.count().saturating_sub(1)),
        }
    }
}

/// What the place of a run is called.
pub fn word(run: &RunState) -> String {
    run.node.as_ref().map_or_else(|| NONE_YET.into(), Node::place)
}

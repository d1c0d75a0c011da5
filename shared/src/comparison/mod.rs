//! Runs or experiments beside each other: which, as it stands in an address and in a request.
//!
//! In an address experiments are their numbers, `3,5`, and runs stand behind the experiment that they are seen from,
//! `3:562bb448046e1f30`: a run may be of several. The first is the baseline that the others are held against.

/// What runs are called beside each other.
mod names;

pub use names::names;

use crate::event::ExperimentId;
use crate::object::objects_only;
use crate::run::RunId;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Most runs or experiments beside each other: more columns than that cannot be read.
pub const MAX_COMPARED: usize = 8;

/// What is compared, the baseline first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Comparison {
    /// Experiments.
    Experiments(Vec<ExperimentId>),
    /// Runs.
    Runs(Vec<ComparedRun>),
}

/// A run, and the experiment that it is seen from.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(remote = "Self", deny_unknown_fields)]
pub struct ComparedRun {
    /// The experiment.
    pub experiment_id: ExperimentId,
    /// The run.
    pub run: RunId,
}

objects_only!(ComparedRun);

/// Why a choice cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WrongChoice {
    /// Nothing was chosen.
    #[error(
        "Nothing is chosen: choose two or more experiments in their list, or two or more runs beside their charts."
    )]
    Nothing,
    /// There is nothing to compare it with.
    #[error("Only one is chosen, and there is nothing to compare it with: choose another.")]
    One,
    /// Too many columns.
    #[error("{0} are chosen, and at most {MAX_COMPARED} can be compared: leave some out.")]
    TooMany(usize),
    /// Neither is like the other.
    #[error(
        "Runs and experiments are chosen together: compare runs with runs, or experiments with experiments."
    )]
    Mixed,
    /// A word that says nothing.
    #[error(
        "`{0}` is neither the number of an experiment, such as 3, nor a run of one, such as 3:562bb448046e1f30."
    )]
    Unreadable(String),
}

impl fmt::Display for ComparedRun {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.experiment_id, self.run)
    }
}

/// A part of an address.
enum Item {
    Experiment(ExperimentId),
    Run(ComparedRun),
}

impl Comparison {
    /// Reads [`Comparison::word`]; what stands there twice counts once.
    ///
    /// # Errors
    /// Fewer than two, too many, runs beside experiments, or a word that is neither.
    pub fn read(text: &str) -> Result<Comparison, WrongChoice> {
        let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
        let items = words.map(item).collect::<Result<Vec<_>, _>>()?;
        let (mut experiments, mut runs) = (Vec::new(), Vec::new());
        for item in items {
            match item {
                Item::Experiment(id) if !experiments.contains(&id) => experiments.push(id),
                Item::Run(run) if !runs.contains(&run) => runs.push(run),
                Item::Experiment(_) | Item::Run(_) => {}
            }
        }
        let comparison = match (experiments.is_empty(), runs.is_empty()) {
            (true, true) => return Err(WrongChoice::Nothing),
            (false, false) => return Err(WrongChoice::Mixed),
            (false, true) => Comparison::Experiments(experiments),
            (true, false) => Comparison::Runs(runs),
        };
        comparison.checked()
    }

    /// The same, if there are as many as can be compared.
    ///
    /// # Errors
    /// Fewer than two, or more than [`MAX_COMPARED`].
    pub fn checked(self) -> Result<Comparison, WrongChoice> {
        match self.len() {
            0 => Err(WrongChoice::Nothing),
            1 => Err(WrongChoice::One),
            2..=MAX_COMPARED => Ok(self),
            many => Err(WrongChoice::TooMany(many)),
        }
    }

    /// How many are compared.
    pub fn len(&self) -> usize {
        match self {
            Comparison::Experiments(ids) => ids.len(),
            Comparison::Runs(runs) => runs.len(),
        }
    }

    /// Whether nothing is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The experiments, or those that the runs are seen from, each once.
    pub fn experiments(&self) -> Vec<ExperimentId> {
        let mut all = match self {
            Comparison::Experiments(ids) => ids.clone(),
            Comparison::Runs(runs) => runs.iter().map(|run| run.experiment_id).collect(),
        };
        let mut seen = std::collections::BTreeSet::new();
        all.retain(|id| seen.insert(*id));
        all
    }

    /// The word of each of them in an address.
    pub fn words(&self) -> Vec<String> {
        match self {
            Comparison::Experiments(ids) => ids.iter().map(ToString::to_string).collect(),
            Comparison::Runs(runs) => runs.iter().map(ToString::to_string).collect(),
        }
    }

    /// All of it in an address.
    pub fn word(&self) -> String {
        self.words().join(",")
    }

    /// Without one of them, by its place.
    pub fn without(&self, place: usize) -> Comparison {
        self.arranged(|places| {
            if place < places.len() {
                places.remove(place);
            }
        })
    }

    /// With one of them, by its place, as the baseline.
    pub fn with_baseline(&self, place: usize) -> Comparison {
        self.arranged(|places| {
            if place < places.len() {
                let first = places.remove(place);
                places.insert(0, first);
            }
        })
    }

    fn arranged(&self, change: impl FnOnce(&mut Vec<usize>)) -> Comparison {
        let mut places: Vec<usize> = (0..self.len()).collect();
        change(&mut places);
        match self {
            Comparison::Experiments(ids) => {
                Comparison::Experiments(places.into_iter().map(|i| ids[i]).collect())
            }
            Comparison::Runs(runs) => Comparison::Runs(places.into_iter().map(|i| runs[i].clone()).collect()),
        }
    }
}

fn item(word: &str) -> Result<Item, WrongChoice> {
    let unreadable = || WrongChoice::Unreadable(word.to_owned());
    match word.split_once(':') {
        None => word.parse().map(|id| Item::Experiment(ExperimentId(id))).map_err(|_| unreadable()),
        Some((id, run)) if !run.is_empty() => {
            let experiment_id = ExperimentId(id.parse().map_err(|_| unreadable())?);
            Ok(Item::Run(ComparedRun { experiment_id, run: RunId(run.to_owned()) }))
        }
        Some(_) => Err(unreadable()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_choice_comes_back_as_it_was_written() {
        for word in ["3,5", "5,3,12", "3:562bb448046e1f30,5:0a", "3:0a,3:0b,5:0a"] {
            let read = Comparison::read(word).unwrap();
            assert_eq!((read.word(), read.len()), (word.to_owned(), word.split(',').count()));
        }
        assert_eq!(Comparison::read(" 3 ,5,,3").unwrap().word(), "3,5");
        assert_eq!(Comparison::read("3:0a,5:0a,3:0b").unwrap().experiments(), [3, 5].map(ExperimentId));
    }

    #[test]
    fn a_choice_that_cannot_be_compared_says_why() {
        let why = |word: &str| Comparison::read(word).unwrap_err();
        assert_eq!(
            (why(""), why(","), why("3"), why("3,3")),
            (WrongChoice::Nothing, WrongChoice::Nothing, WrongChoice::One, WrongChoice::One)
        );
        assert_eq!(why("3,4:0a"), WrongChoice::Mixed);
        for word in ["x", "3:", ":0a", "-1", "3,99999999999999999999"] {
            assert!(matches!(why(word), WrongChoice::Unreadable(_)), "{word}");
        }
        assert_eq!(why("1,2,3,4,5,6,7,8,9"), WrongChoice::TooMany(9));
        assert!(why("banana").to_string().starts_with("`banana` is neither"));
    }

    #[test]
    fn one_is_left_out_or_becomes_the_baseline() {
        let chosen = Comparison::read("3,5,7").unwrap();
        assert_eq!(
            (chosen.without(1).word(), chosen.with_baseline(2).word()),
            ("3,7".into(), "7,3,5".into())
        );
        assert_eq!((chosen.without(9), chosen.with_baseline(9)), (chosen.clone(), chosen));
    }
}

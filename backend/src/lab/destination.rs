//! Where a run may train, of the places that this program has.

use std::collections::HashMap;
use std::sync::Arc;
use tunemask_shared::experiment::Experiment;
use tunemask_shared::run::RunId;
use tunemask_shared::state::LabState;

/// Where a run may train: at these places, by their names, or anywhere if there are none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Destination(Arc<[String]>);

impl Destination {
    /// As an experiment asks for it, of the places that there `are`: one that asks for none of them, such as those of an
    /// earlier program, may train anywhere, so that it does not wait for ever.
    pub(super) fn of(asked: &[String], are: &[String]) -> Self {
        Self(asked.iter().filter(|place| are.contains(place)).cloned().collect())
    }

    /// Whether a run may train at a place.
    pub(super) fn allows(&self, place: &str) -> bool {
        self.0.is_empty() || self.0.iter().any(|own| own == place)
    }
}

/// The destinations of the runs of a lab: of each as the latest experiment says that holds it.
#[derive(Debug)]
pub(super) struct Destinations<'a> {
    places: &'a [String],
    /// The experiment of each run whose experiment says something.
    asked: HashMap<&'a RunId, &'a Experiment>,
}

impl<'a> Destinations<'a> {
    /// What a state says of its runs, where these places are.
    pub(super) fn new(state: &'a LabState, places: &'a [String]) -> Self {
        let mut asked = HashMap::new();
        for held in state.experiments.values() {
            for run in &held.runs {
                if held.experiment.places.is_empty() {
                    asked.remove(run);
                } else {
                    asked.insert(run, &held.experiment);
                }
            }
        }
        Self { places, asked }
    }

    /// Where a run may train.
    pub(super) fn of(&self, run: &RunId) -> Destination {
        self.asked
            .get(run)
            .map_or_else(Destination::default, |asked| Destination::of(&asked.places, self.places))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tunemask_shared::fixtures::story;

    #[test]
    fn the_latest_experiment_says_where_and_what_is_gone_is_anywhere() {
        let mut state = LabState::default();
        story()[..7].iter().for_each(|event| state.apply(event).unwrap());
        let run = state.experiments.values().next().unwrap().runs[0].clone();
        let ask = |state: &mut LabState, places: &[&str]| {
            let last = state.experiments.values_mut().rfind(|held| held.runs.contains(&run));
            last.unwrap().experiment.places = places.iter().map(|place| (*place).to_owned()).collect();
        };
        let places = ["here", "desk"].map(str::to_owned);
        let allowed = |state: &LabState| {
            let own = Destinations::new(state, &places).of(&run);
            ["here", "desk"].map(|place| own.allows(place))
        };
        assert_eq!(allowed(&state), [true, true]);
        ask(&mut state, &["desk"]);
        assert_eq!(allowed(&state), [false, true]);
        ask(&mut state, &["gone", "here"]);
        assert_eq!(allowed(&state), [true, false]);
        ask(&mut state, &["gone"]);
        assert_eq!(allowed(&state), [true, true]);
    }
}

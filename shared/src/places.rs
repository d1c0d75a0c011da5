//! Where runs can train: what a program was given when it was started.

use serde::{Deserialize, Serialize};

/// The name of the machine on which the program runs: it trains itself there, or by worker processes.
pub const HERE: &str = "here";

/// The name of all that Slurm starts.
pub const SLURM: &str = "slurm";

/// A place where runs can train.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TrainingPlace {
    /// What an experiment calls it: [`HERE`], a host, or [`SLURM`].
    pub name: String,
    /// How many gangs train there at once, about.
    pub workers: u32,
    /// What trains there, for people: `CPU, 2 threads`, or `2 worker processes: cuda:0, cuda:2`.
    pub says: String,
}

/// How many gangs of an experiment train at once that asks for these of the places; for none of them, at all.
pub fn workers(places: &[TrainingPlace], asked: &[String]) -> u32 {
    let all = || places.iter().map(|place| place.workers).sum::<u32>();
    let own = places.iter().filter(|place| asked.contains(&place.name)).map(|place| place.workers).sum();
    if own > 0 { own } else { all() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_those_of_the_places_that_are_asked_for() {
        let place = |name: &str, workers| TrainingPlace { name: name.into(), workers, says: String::new() };
        let places = [place(HERE, 2), place("desk", 4)];
        let asked =
            |names: &[&str]| workers(&places, &names.iter().map(|name| (*name).into()).collect::<Vec<_>>());
        assert_eq!([asked(&[]), asked(&["desk"]), asked(&[HERE, "desk"]), asked(&["gone"])], [6, 4, 6, 6]);
    }
}

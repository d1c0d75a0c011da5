//! Successive halving (Jamieson and Talwalkar, 2016): after some epochs only the best learning rates go on.
//!
//! The learning rates of one task, mask and seed are a *bracket*. After each epoch that is named, so many of them go on as the
//! share says, rounded up and counted from what was to go on before; the others are retired. What is compared is the best score so
//! far by the task's first metric, which is what picks a learning rate in the end.
//!
//! Of runs that do not train at the same time some have no score yet when others are judged. Then a run is retired only if enough
//! of those that have one are better, so that a run which is among the best is never retired, in whatever order they train.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which share of the learning rates goes on, and when that is asked.
///
/// As a text `0.5 after 1, 3`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Halving {
    /// The share that goes on, rounded up to whole learning rates; above 0 and below 1.
    #[serde(default = "half")]
    pub keep: f64,
    /// The epochs after which the others are retired, counted from 1 and ascending.
    pub after: Vec<u32>,
}

fn half() -> f64 {
    0.5
}

/// A text that is no halving.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say which share goes on after which epochs; write `0.5 after 1, 3`")]
pub struct NoHalving(String);

impl Halving {
    /// How many of a bracket's runs go on after an epoch; `None` where that is not asked.
    pub fn survivors(&self, runs: usize, epoch: u32) -> Option<usize> {
        let cut = |left: usize| {
            // A share that no f64 holds exactly must not round a whole number up.
            let kept = (left as f64 * self.keep - 1e-9).ceil();
            (kept as usize).clamp(1, left.max(1))
        };
        let asked = self.after.iter().filter(|&&after| after <= epoch);
        self.after.contains(&epoch).then(|| asked.fold(runs, |left, _| cut(left)))
    }

    /// Epochs that a bracket's runs of so many epochs train in all, if all of them train together.
    pub fn epochs(&self, runs: usize, epochs: u32) -> u64 {
        let mut total = 0;
        let (mut left, mut done) = (runs, 0);
        for &after in self.after.iter().filter(|&&after| after < epochs) {
            total += left as u64 * u64::from(after.saturating_sub(done));
            (left, done) = (self.survivors(runs, after).unwrap_or(left), after);
        }
        total + left as u64 * u64::from(epochs.saturating_sub(done))
    }
}

impl FromStr for Halving {
    type Err = NoHalving;

    fn from_str(text: &str) -> Result<Self, NoHalving> {
        let bad = || NoHalving(text.trim().to_owned());
        let (keep, after) = text.split_once("after").ok_or_else(bad)?;
        let keep = keep.trim().parse().map_err(|_| bad())?;
        let words = after.split([',', ' ']).filter(|word| !word.is_empty());
        let after = words.map(str::parse).collect::<Result<Vec<u32>, _>>().map_err(|_| bad())?;
        Ok(Self { keep, after })
    }
}

impl fmt::Display for Halving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let after: Vec<String> = self.after.iter().map(u32::to_string).collect();
        write!(f, "{} after {}", self.keep, after.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_of_those_that_were_left_goes_on() {
        let halving: Halving = "0.5 after 1, 3, 7".parse().unwrap();
        let left = |epoch| halving.survivors(7, epoch);
        assert_eq!([1, 2, 3, 4, 7].map(left), [Some(4), None, Some(2), None, Some(1)]);
        assert_eq!(halving.survivors(1, 7), Some(1));
        // 0.3 × 10 is 3 and not 4, whatever its bits say.
        assert_eq!(Halving { keep: 0.3, after: vec![2] }.survivors(10, 2), Some(3));
        assert_eq!(Halving { keep: 1e-9, after: vec![2] }.survivors(10, 2), Some(1));
    }

    #[test]
    fn what_is_saved_is_counted_in_epochs() {
        let halving = Halving { keep: 0.5, after: vec![1, 3] };
        // 7 for one epoch, 4 for two more, 2 for the rest.
        assert_eq!(halving.epochs(7, 10), 7 + 2 * 4 + 7 * 2);
        // The last epoch ends all of them.
        assert_eq!((halving.epochs(7, 3), halving.epochs(7, 1)), (7 + 2 * 4, 7));
        assert_eq!(halving.epochs(1, 10), 10);
    }

    #[test]
    fn a_text_and_a_file_say_the_same() {
        let halving = Halving { keep: 0.25, after: vec![2, 5] };
        assert_eq!(halving.to_string(), "0.25 after 2, 5");
        assert_eq!("0.25 after 2 5".parse(), Ok(halving.clone()));
        let read = |json: &str| serde_json::from_str::<Halving>(json);
        assert_eq!(read(&serde_json::to_string(&halving).unwrap()).unwrap(), halving);
        assert_eq!(read("{\"after\":[1]}").unwrap().keep, 0.5);
        assert!(read("{\"keep\":0.5}").is_err() && read("{\"after\":[1],\"most\":2}").is_err());
        for text in ["", "half", "0.5 after x", "after 1"] {
            assert!(text.parse::<Halving>().is_err(), "{text}");
        }
    }
}

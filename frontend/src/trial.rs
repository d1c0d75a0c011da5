//! A text that is tried on the runs of an experiment, and how an address says it.

use tunemask_shared::prediction::{PredictionQuestion, RateChoice};
use tunemask_shared::task::TaskName;

/// Longest text that an address says, in bytes as they are escaped: some browsers, and programs between them and the server,
/// take no longer ones.
const LONGEST_IN_ADDRESS: usize = 2_000;

/// A text that is tried, and on which runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Trial {
    /// The task; the experiment's first if `None`.
    pub task: Option<TaskName>,
    /// The text.
    pub text: String,
    /// The second text of a pair.
    pub pair: String,
    /// Which learning rates.
    pub rates: RateChoice,
    /// The only seed, if not all.
    pub seed: Option<u64>,
}

impl Trial {
    /// Takes what an address says under a key. Keys of others, and what cannot be read, change nothing.
    pub fn take(&mut self, key: &str, value: &str) {
        match key {
            "on" => self.task = value.parse().ok(),
            "text" => value.clone_into(&mut self.text),
            "pair" => value.clone_into(&mut self.pair),
            "rates" if value == "all" => self.rates = RateChoice::All,
            "seed" => self.seed = value.parse().ok(),
            _ => {}
        }
    }

    /// What an address says of it, without defaults, and without a text that is too long for one.
    pub fn words(&self) -> Vec<(&'static str, String)> {
        let mut words = Vec::new();
        words.extend(self.task.as_ref().map(|task| ("on", task.to_string())));
        let texts = [("text", &self.text), ("pair", &self.pair)];
        // Each byte that is escaped takes three.
        let escaped =
            |text: &str| text.bytes().map(|b| if b.is_ascii_alphanumeric() { 1 } else { 3 }).sum::<usize>();
        let said = texts.into_iter().filter(|(_, text)| (1..=LONGEST_IN_ADDRESS).contains(&escaped(text)));
        words.extend(said.map(|(key, text)| (key, text.clone())));
        if self.rates == RateChoice::All {
            words.push(("rates", "all".to_owned()));
        }
        words.extend(self.seed.map(|seed| ("seed", seed.to_string())));
        words
    }

    /// What it asks.
    pub fn question(&self) -> PredictionQuestion {
        PredictionQuestion {
            task: self.task.clone(),
            masks: Vec::new(),
            seeds: self.seed.into_iter().collect(),
            rates: self.rates,
            text: self.text.clone(),
            pair: Some(self.pair.clone()).filter(|pair| !pair.trim().is_empty()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_says_all_of_it() {
        let trial = Trial {
            task: Some("inference".parse().unwrap()),
            text: "Is it? & so".into(),
            pair: "b".into(),
            rates: RateChoice::All,
            seed: Some(1 << 60),
        };
        let mut read = Trial::default();
        for (key, value) in trial.words() {
            read.take(key, &value);
        }
        assert_eq!(read, trial);
        assert_eq!(Trial::default().words(), []);
        read = Trial::default();
        for (key, value) in [("on", "nothing"), ("seed", "x"), ("rates", "some"), ("mask", "full")] {
            read.take(key, value);
        }
        assert_eq!(read, Trial::default());
    }

    #[test]
    fn a_text_that_is_too_long_for_an_address_is_in_none() {
        let keys = |text: String| {
            let trial = Trial { text, pair: "b".into(), ..Trial::default() };
            trial.words().into_iter().map(|(key, _)| key).collect::<Vec<_>>()
        };
        assert_eq!(keys("a".repeat(2_000)), ["text", "pair"]);
        assert_eq!(keys("a".repeat(2_001)), ["pair"]);
        assert_eq!(keys("γ".repeat(400)), ["pair"]);
    }

    #[test]
    fn an_empty_second_text_is_none() {
        let trial = Trial { text: "a".into(), pair: " ".into(), seed: Some(3), ..Trial::default() };
        let question = trial.question();
        assert_eq!((question.pair, question.seeds), (None, vec![3]));
    }
}

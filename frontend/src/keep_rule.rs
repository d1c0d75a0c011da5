//! Whose weights stay, as it is chosen: by the form and on an experiment's page.

use tunemask_shared::keep_weights::KeepWeights;

/// Runs whose weights stay where those of the last ones are chosen anew.
pub const LAST: u32 = 10;

/// What is chosen of the rules; how many runs the last ones are stands apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleChoice {
    /// All runs.
    All,
    /// Those that the results report.
    Picked,
    /// So many that finished last.
    Last,
    /// None.
    None,
}

impl RuleChoice {
    /// Every choice.
    pub const ALL: [RuleChoice; 4] =
        [RuleChoice::All, RuleChoice::Picked, RuleChoice::Last, RuleChoice::None];

    /// That of a rule.
    pub fn of(rule: KeepWeights) -> RuleChoice {
        match rule {
            KeepWeights::All => RuleChoice::All,
            KeepWeights::Picked => RuleChoice::Picked,
            KeepWeights::Last(_) => RuleChoice::Last,
            KeepWeights::None => RuleChoice::None,
        }
    }

    /// Its rule, which is of so many runs if it is of the last.
    pub fn rule(self, last: u32) -> KeepWeights {
        match self {
            RuleChoice::All => KeepWeights::All,
            RuleChoice::Picked => KeepWeights::Picked,
            RuleChoice::Last => KeepWeights::Last(last),
            RuleChoice::None => KeepWeights::None,
        }
    }

    /// Its word as an option's value.
    pub fn word(self) -> &'static str {
        match self {
            RuleChoice::All => "all",
            RuleChoice::Picked => "picked",
            RuleChoice::Last => "last",
            RuleChoice::None => "none",
        }
    }

    /// What it says, behind "keep the weights".
    pub fn says(self) -> &'static str {
        match self {
            RuleChoice::All => "of all runs",
            RuleChoice::Picked => "at the learning rates that the results report",
            RuleChoice::Last => "of the runs that finished last",
            RuleChoice::None => "of none",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_a_choice_and_comes_back() {
        for rule in [KeepWeights::All, KeepWeights::Picked, KeepWeights::Last(4), KeepWeights::None] {
            assert_eq!(RuleChoice::of(rule).rule(4), rule);
        }
        assert!(RuleChoice::ALL.iter().all(|choice| RuleChoice::of(choice.rule(LAST)) == *choice));
    }
}

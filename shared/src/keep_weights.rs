//! Whose weights stay on the disk when a run has finished. It changes no result, so it is no part of a run's identity.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Which of an experiment's finished runs keep their weights. Scores, curves and predictions stay in any case.
///
/// In JSON and TOML it is its text: `all`, `picked`, `last:N`, `none`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum KeepWeights {
    /// All of them.
    #[default]
    All,
    /// Those at the learning rate that the result table reports. Which one that is shows when all runs of a task and a mask
    /// are over; until then they keep their weights.
    Picked,
    /// Those of so many runs that finished last.
    Last(u32),
    /// None.
    None,
}

/// What may be written.
pub const KEEP_WEIGHTS_FORMS: &str = "`all`, `picked`, `last:N` or `none`";

/// A text that is no rule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say whose weights to keep; write {KEEP_WEIGHTS_FORMS}")]
pub struct NoRule(String);

impl FromStr for KeepWeights {
    type Err = NoRule;

    /// Reads `last:0`, too, which validation refuses: a form may hold it while it is being filled in.
    fn from_str(text: &str) -> Result<Self, NoRule> {
        let text = text.trim();
        let last = || text.strip_prefix("last:")?.trim().parse().ok();
        match text {
            "all" => Ok(Self::All),
            "picked" => Ok(Self::Picked),
            "none" => Ok(Self::None),
            _ => last().map(Self::Last).ok_or_else(|| NoRule(text.to_owned())),
        }
    }
}

impl fmt::Display for KeepWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::All => f.write_str("all"),
            Self::Picked => f.write_str("picked"),
            Self::Last(runs) => write!(f, "last:{runs}"),
            Self::None => f.write_str("none"),
        }
    }
}

impl TryFrom<String> for KeepWeights {
    type Error = NoRule;

    fn try_from(text: String) -> Result<Self, NoRule> {
        text.parse()
    }
}

impl From<KeepWeights> for String {
    fn from(rule: KeepWeights) -> String {
        rule.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_its_text_and_other_texts_are_refused_with_the_forms() {
        for (text, rule) in [
            ("all", KeepWeights::All),
            ("picked", KeepWeights::Picked),
            ("last:3", KeepWeights::Last(3)),
            ("none", KeepWeights::None),
        ] {
            assert_eq!((text.parse(), rule.to_string().as_str()), (Ok(rule), text));
            let json = serde_json::to_string(&rule).unwrap();
            assert_eq!(
                (json.as_str(), serde_json::from_str(&json).unwrap()),
                (&*format!("\"{text}\""), rule)
            );
        }
        assert_eq!(" last: 3 ".parse(), Ok(KeepWeights::Last(3)));
        for text in ["", "best", "last", "last:", "last:-1", "last:x", "ALL"] {
            let error = text.parse::<KeepWeights>().unwrap_err().to_string();
            assert!(error.contains("`picked`, `last:N`"), "{error}");
        }
    }
}

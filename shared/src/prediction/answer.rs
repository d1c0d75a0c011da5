//! What a run, or the mean of several, says of a text.

use crate::task::TaskKind;
use serde::{Deserialize, Serialize};

/// What is said of a text, by the kind of the task.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The probability of each class; they sum to 1.
    Classes(Vec<f64>),
    /// The probability of each of several labels, each for itself.
    Labels(Vec<f64>),
    /// A number.
    Number(f64),
    /// The tag of each word that is read, in their order.
    Tags(Vec<TaggedAs>),
    /// None: the run's logits are not finite.
    Undefined,
}

/// The tag of a word.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct TaggedAs {
    /// The number of the most probable one.
    pub label: u32,
    /// Its probability.
    pub probability: f64,
}

impl Answer {
    /// What is decided, each decision as the numbers of its labels: of a text one decision, of words one each. `None` where
    /// nothing is decided: of a number, and of what is undefined.
    ///
    /// A class is the first of the most probable ones, a label holds from above one half: as training scores them.
    pub fn decisions(&self) -> Option<Vec<Vec<u32>>> {
        match self {
            Self::Classes(probabilities) => Some(vec![vec![largest(probabilities)]]),
            Self::Labels(probabilities) => {
                let holds = (0..).zip(probabilities).filter(|(_, p)| **p > 0.5);
                Some(vec![holds.map(|(label, _)| label).collect()])
            }
            Self::Tags(tags) => Some(tags.iter().map(|tag| vec![tag.label]).collect()),
            Self::Number(_) | Self::Undefined => None,
        }
    }
}

/// A decision in words: its labels, or that none holds.
pub fn decision_words(kind: &TaskKind, decision: &[u32]) -> String {
    let name = |label: &u32| kind.labels().get(*label as usize).map_or("?", String::as_str);
    if decision.is_empty() {
        return "no label".to_owned();
    }
    decision.iter().map(name).collect::<Vec<_>>().join(", ")
}

/// The number of the first of the largest; 0 of none.
fn largest(values: &[f64]) -> u32 {
    let place = (1..values.len()).fold(0, |best, i| if values[i] > values[best] { i } else { best });
    place as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_decided_is_what_training_scores() {
        assert_eq!(Answer::Classes(vec![0.2, 0.4, 0.4]).decisions(), Some(vec![vec![1]]));
        assert_eq!(Answer::Labels(vec![0.5, 0.51, 0.9]).decisions(), Some(vec![vec![1, 2]]));
        assert_eq!(Answer::Labels(vec![0.1]).decisions(), Some(vec![vec![]]));
        let tag = |label| TaggedAs { label, probability: 0.5 };
        assert_eq!(Answer::Tags(vec![tag(3), tag(0)]).decisions(), Some(vec![vec![3], vec![0]]));
        assert_eq!(Answer::Number(1.5).decisions(), None);
        assert_eq!(Answer::Undefined.decisions(), None);
    }

    #[test]
    fn a_decision_is_said_by_its_labels() {
        let kind = TaskKind::MultiLabel(["a", "b", "c"].map(String::from).to_vec());
        assert_eq!(decision_words(&kind, &[0, 2]), "a, c");
        assert_eq!(decision_words(&kind, &[]), "no label");
    }
}

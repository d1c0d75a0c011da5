//! How much each class counts in the loss that a run learns from.

use serde::de::{Error, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// A weight for each class of a task: the loss of a step is Σ w ℓ / Σ w over what it predicts, as PyTorch's
/// `CrossEntropyLoss(weight=…)` has it. Scores do not know of them.
///
/// In JSON and TOML it is `"balanced"` or a list of numbers; as a text `balanced`, or the numbers with commas between them.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// Each class by how rare it is among the training examples, or their words: n / (classes × n of the class), the formula of
    /// scikit-learn's `class_weight="balanced"`.
    Balanced,
    /// In the order of the task's labels.
    Each(Vec<f64>),
}

const BALANCED: &str = "balanced";

/// A text that is no weights.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` does not say how much each class counts; write `balanced`, or a number for each class")]
pub struct NoWeights(String);

impl ClassWeights {
    /// The weight of each class, given how often each is right among what a run trains on. A class that is never right has the
    /// weight 1, which nothing reads.
    pub fn of(&self, counts: &[u64]) -> Vec<f64> {
        match self {
            Self::Each(weights) => weights.clone(),
            Self::Balanced => {
                let share = counts.iter().sum::<u64>() as f64 / counts.len().max(1) as f64;
                counts.iter().map(|&count| if count == 0 { 1.0 } else { share / count as f64 }).collect()
            }
        }
    }
}

impl FromStr for ClassWeights {
    type Err = NoWeights;

    fn from_str(text: &str) -> Result<Self, NoWeights> {
        let text = text.trim();
        if text == BALANCED {
            return Ok(Self::Balanced);
        }
        let numbers = text.split([',', ' ']).filter(|number| !number.is_empty()).map(str::parse);
        match numbers.collect::<Result<Vec<f64>, _>>() {
            Ok(numbers) if !numbers.is_empty() => Ok(Self::Each(numbers)),
            Ok(_) | Err(_) => Err(NoWeights(text.to_owned())),
        }
    }
}

impl fmt::Display for ClassWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Balanced => f.write_str(BALANCED),
            Self::Each(weights) => {
                let weights: Vec<String> = weights.iter().map(f64::to_string).collect();
                f.write_str(&weights.join(", "))
            }
        }
    }
}

impl Serialize for ClassWeights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Balanced => serializer.serialize_str(BALANCED),
            Self::Each(weights) => weights.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ClassWeights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ClassWeightsVisitor)
    }
}

struct ClassWeightsVisitor;

impl<'de> Visitor<'de> for ClassWeightsVisitor {
    type Value = ClassWeights;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("\"balanced\" or a list of a number for each class")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<ClassWeights, E> {
        if text == BALANCED { Ok(ClassWeights::Balanced) } else { Err(E::custom(NoWeights(text.to_owned()))) }
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<ClassWeights, A::Error> {
        let mut weights = Vec::new();
        while let Some(weight) = list.next_element()? {
            weights.push(weight);
        }
        Ok(ClassWeights::Each(weights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rare_classes_weigh_more() {
        // scikit-learn 1.5: compute_class_weight("balanced", classes=[0, 1, 2], y=[0] * 6 + [1] * 3 + [2]).
        let balanced = ClassWeights::Balanced.of(&[6, 3, 1]);
        let want = [0.5555555555555556, 1.1111111111111112, 3.3333333333333335];
        assert!(balanced.iter().zip(want).all(|(got, want)| (got - want).abs() < 1e-15), "{balanced:?}");
        assert_eq!(ClassWeights::Balanced.of(&[4, 0, 4]), [2.0 / 3.0, 1.0, 2.0 / 3.0]);
        assert_eq!(ClassWeights::Each(vec![1.0, 2.5]).of(&[9, 9]), [1.0, 2.5]);
    }

    #[test]
    fn a_text_and_a_file_say_the_same() {
        for (text, json) in [("balanced", "\"balanced\""), ("0.5, 2", "[0.5,2.0]")] {
            let weights: ClassWeights = text.parse().unwrap();
            assert_eq!(
                (weights.to_string(), serde_json::to_string(&weights).unwrap()),
                (text.into(), json.into())
            );
            assert_eq!(serde_json::from_str::<ClassWeights>(json).unwrap(), weights);
        }
        assert_eq!("1 2,3".parse(), Ok(ClassWeights::Each(vec![1.0, 2.0, 3.0])));
        for text in ["", "heavy", "1, x"] {
            assert!(text.parse::<ClassWeights>().is_err(), "{text}");
        }
        let error = |json: &str| serde_json::from_str::<ClassWeights>(json).unwrap_err().to_string();
        assert!(error("\"heavy\"").starts_with("`heavy` does not say how much each class counts"));
        assert!(error("2").contains("expected \"balanced\" or a list of a number for each class"));
    }
}

//! What a task's head predicts.

use serde::{Deserialize, Serialize};
use std::cmp::Ordering;
use std::hash::{Hash, Hasher};

/// What a task's head predicts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskKind {
    /// One of these labels; cross-entropy.
    Classification(Vec<String>),
    /// A number in this range; mean squared error.
    Regression(Range),
    /// One of these labels for each word, read at its first word piece; cross-entropy, mean over the words.
    Tagging(Vec<String>),
    /// Any of these labels, none included: a label is predicted where its logit is over 0; binary cross-entropy, mean over
    /// labels and examples.
    MultiLabel(Vec<String>),
}

impl TaskKind {
    /// Outputs of the head.
    pub fn outputs(&self) -> usize {
        match self {
            TaskKind::Classification(labels) | TaskKind::Tagging(labels) | TaskKind::MultiLabel(labels) => {
                labels.len()
            }
            TaskKind::Regression(_) => 1,
        }
    }

    /// Numbers that say what is right at a place that the head reads: the label's number or the score, or for each of
    /// several labels 1 where it holds and 0 where not.
    pub fn targets(&self) -> usize {
        match self {
            TaskKind::MultiLabel(labels) => labels.len(),
            TaskKind::Classification(_) | TaskKind::Regression(_) | TaskKind::Tagging(_) => 1,
        }
    }

    /// The labels by their numbers; of a regression, none.
    pub fn labels(&self) -> &[String] {
        match self {
            TaskKind::Classification(labels) | TaskKind::Tagging(labels) | TaskKind::MultiLabel(labels) => {
                labels
            }
            TaskKind::Regression(_) => &[],
        }
    }

    /// Whether each word of a sentence has a label.
    pub fn is_tagging(&self) -> bool {
        match self {
            TaskKind::Tagging(_) => true,
            TaskKind::Classification(_) | TaskKind::Regression(_) | TaskKind::MultiLabel(_) => false,
        }
    }

    /// Whether a number is predicted.
    pub fn is_regression(&self) -> bool {
        match self {
            TaskKind::Regression(_) => true,
            TaskKind::Classification(_) | TaskKind::Tagging(_) | TaskKind::MultiLabel(_) => false,
        }
    }
}

/// The least and the greatest score of a regression, both of them possible. Neither is not-a-number.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Range {
    /// The least.
    pub low: f32,
    /// The greatest.
    pub high: f32,
}

impl Range {
    /// Whether a score is one of them.
    pub fn contains(self, score: f32) -> bool {
        (self.low..=self.high).contains(&score)
    }

    /// The possible score that is nearest; not-a-number of not-a-number.
    pub fn clip(self, score: f32) -> f32 {
        if score < self.low {
            self.low
        } else if score > self.high {
            self.high
        } else {
            score
        }
    }
}

// By the order of all floating-point numbers, in which equality has no exceptions: tasks are keys of maps.
impl Ord for Range {
    fn cmp(&self, other: &Self) -> Ordering {
        self.low.total_cmp(&other.low).then(self.high.total_cmp(&other.high))
    }
}

impl PartialOrd for Range {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Range {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Range {}

impl Hash for Range {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.low.to_bits(), self.high.to_bits()).hash(state);
    }
}

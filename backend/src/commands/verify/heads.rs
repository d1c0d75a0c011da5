//! The kinds of heads, each with a batch of the built-in language.

use crate::data::{self, Example};
use crate::model::Model;
use anyhow::Result;
use serde::Serialize;
use tunemask_engine::{Objective, Sequence};
use tunemask_shared::task::Task;

/// Longest sequence in tokens: long enough for several rows of attention, short enough for a reference pass in f64.
const LONGEST: usize = 64;

/// What a head predicts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum HeadKind {
    Classification,
    Regression,
    Tagging,
    MultiLabel,
}

impl HeadKind {
    pub(super) const ALL: [Self; 4] =
        [Self::Classification, Self::Regression, Self::Tagging, Self::MultiLabel];

    /// For people.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Classification => "classification",
            Self::Regression => "regression",
            Self::Tagging => "tagging",
            Self::MultiLabel => "several labels",
        }
    }

    /// A built-in task of this kind; for several labels one of tagged words, whose tags become the labels of their sentence.
    /// The first two have pairs of sentences, and with them both segments.
    fn task(self) -> Task {
        match self {
            Self::Classification => Task::inference(),
            Self::Regression => Task::similarity(),
            Self::Tagging | Self::MultiLabel => Task::tags(),
        }
    }

    pub(super) fn objective(self) -> Objective {
        match self {
            Self::MultiLabel => Objective::MultiLabel(self.task().kind().outputs()),
            Self::Classification | Self::Regression | Self::Tagging => Objective::from(self.task().kind()),
        }
    }

    /// The first `size` training examples of the seed-independent order.
    ///
    /// # Errors
    /// A text that the model's tokenizer cannot read.
    pub(super) fn batch(self, model: &Model, size: u32) -> Result<Vec<Example>> {
        let longest = LONGEST.min(model.config.shape.positions);
        let data = data::load(&self.task(), None, &model.tokenizer, longest, Some(size), Some(1))?;
        Ok(match self {
            Self::MultiLabel => {
                let labels = self.task().kind().outputs();
                data.train.into_iter().map(|example| by_presence(example, labels)).collect()
            }
            Self::Classification | Self::Regression | Self::Tagging => data.train,
        })
    }
}

/// A sentence whose words have labels as one that has those labels.
fn by_presence(example: Example, labels: usize) -> Example {
    let has = |label| example.targets.iter().any(|&target| target as usize == label);
    let targets = (0..labels).map(|label| f32::from(u8::from(has(label)))).collect();
    Example { reads: vec![0], targets, ..example }
}

/// A batch as the engines read it.
pub(super) fn sequences(examples: &[Example]) -> Vec<Sequence<'_>> {
    examples.iter().map(Example::sequence).collect()
}

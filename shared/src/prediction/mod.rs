//! A sentence of one's own through the runs of an experiment: what is asked, and what each mask says of it. In reading
//! order:

/// What a run says of a text.
mod answer;
/// Where masks agree.
mod agreement;
/// Examples to begin with.
mod example;

pub use agreement::Agreement;
pub use answer::{Answer, TaggedAs, decision_words};
pub use example::TextExample;

use crate::mask::Mask;
use crate::object::objects_only;
use crate::run::RunId;
use crate::task::{Task, TaskName};
use serde::{Deserialize, Serialize};

/// Most bytes of a text, and of the second one of a pair: far beyond what any model reads.
pub const MAX_TEXT_BYTES: usize = 20_000;

/// A text, and which finished runs of an experiment read it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", default, deny_unknown_fields)]
pub struct PredictionQuestion {
    /// The task; the experiment's first if `None`.
    pub task: Option<TaskName>,
    /// The masks; all of the experiment's if empty.
    pub masks: Vec<Mask>,
    /// The seeds; all of the experiment's if empty.
    pub seeds: Vec<u64>,
    /// The learning rates.
    pub rates: RateChoice,
    /// The text; for a task that tags words, the words separated by spaces.
    pub text: String,
    /// The second text of a task of pairs.
    pub pair: Option<String>,
}

objects_only!(PredictionQuestion);

/// Which learning rates of a mask are asked.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RateChoice {
    /// The one that the result table reports.
    #[default]
    Picked,
    /// Each of them.
    All,
}

/// What the runs of an experiment say of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// The task, whose kind says what the answers are.
    pub task: Task,
    /// What was read of the text.
    pub read: ReadText,
    /// A row for each mask, or where all rates are asked a row for each mask and rate, in the experiment's order.
    pub rows: Vec<MaskPrediction>,
    /// Finished runs that could not be asked.
    pub left_out: Vec<LeftOut>,
    /// What a reader must know of the answers.
    pub notes: Vec<String>,
    /// Share of the rows of tokens that were computed once for several runs.
    pub shared: f64,
}

impl Prediction {
    /// The labels that are most probable for any mask, so many at most, by their numbers; none where no label has a probability of
    /// its own.
    pub fn likeliest(&self, most: usize) -> Vec<usize> {
        let of_row = |row: &MaskPrediction, label: usize| match &row.mean {
            Answer::Classes(all) | Answer::Labels(all) => all.get(label).copied(),
            Answer::Number(_) | Answer::Tags(_) | Answer::Undefined => None,
        };
        let best = |label: usize| {
            self.rows.iter().filter_map(|row| of_row(row, label)).fold(f64::NEG_INFINITY, f64::max)
        };
        let mut labels: Vec<usize> = (0..self.task.kind().labels().len()).collect();
        labels.retain(|&label| best(label).is_finite());
        labels.sort_by(|&a, &b| best(b).total_cmp(&best(a)));
        labels.truncate(most);
        labels.sort_unstable();
        labels
    }

    /// What most masks decide.
    pub fn agreement(&self) -> Agreement {
        Agreement::of(self.rows.iter().map(|row| &row.mean))
    }
}

/// What a model reads of a text.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadText {
    /// Tokens, special ones counted.
    pub tokens: u32,
    /// Whether tokens were cut to fit.
    pub truncated: bool,
    /// The words of a text whose words are tagged; else none.
    pub words: Vec<ReadWord>,
}

/// A word that is to be tagged.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadWord {
    /// The word.
    pub text: String,
    /// Whether a tag is read at it: not of one that was cut off, or of which the tokenizer makes nothing.
    pub read: bool,
}

/// What a mask says of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MaskPrediction {
    /// The mask.
    pub mask: Mask,
    /// Its learning rate; `None` where seeds have rates of their own.
    pub learning_rate: Option<f64>,
    /// The mean over the seeds.
    pub mean: Answer,
    /// Each seed's.
    pub seeds: Vec<SeedPrediction>,
}

/// What a run says of a text.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SeedPrediction {
    /// The run.
    pub run: RunId,
    /// Its seed.
    pub seed: u64,
    /// Its learning rate.
    pub learning_rate: f64,
    /// The epoch whose weights it has.
    pub epoch: u32,
    /// What it says.
    pub answer: Answer,
}

/// A finished run that could not be asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeftOut {
    /// The run.
    pub run: RunId,
    /// Its mask.
    pub mask: Mask,
    /// Why, and what to do.
    pub reason: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_likeliest_labels_keep_their_order() {
        let row = |mask: Mask, mean| MaskPrediction { mask, learning_rate: None, mean, seeds: Vec::new() };
        let said = |rows| Prediction {
            task: Task::known(&"mnli".parse().unwrap()).unwrap(),
            read: ReadText::default(),
            rows,
            left_out: Vec::new(),
            notes: Vec::new(),
            shared: 0.0,
        };
        let classes = said(vec![
            row(Mask::Full, Answer::Classes(vec![0.7, 0.2, 0.1])),
            row(Mask::Frozen, Answer::Classes(vec![0.1, 0.3, 0.6])),
            row(Mask::Mha, Answer::Undefined),
        ]);
        assert_eq!(classes.likeliest(2), [0, 2]);
        assert_eq!(classes.likeliest(9), [0, 1, 2]);
        assert!(classes.agreement().compares());
        assert!(said(vec![row(Mask::Mha, Answer::Undefined)]).likeliest(3).is_empty());
    }
}

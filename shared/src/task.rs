//! Tasks: what is read, what is predicted, what is reported.

use crate::json::read_parsed;
use crate::mask::Mask;
use crate::metric::Metric;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// A task by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Task {
    /// GLUE CoLA: is the sentence acceptable?
    Cola,
    /// GLUE SST-2: is the sentence positive?
    Sst2,
    /// GLUE MRPC: are the two sentences paraphrases?
    Mrpc,
    /// GLUE STS-B: how similar are the two sentences, 0 to 5?
    Stsb,
    /// GLUE QQP: are the two questions duplicates?
    Qqp,
    /// GLUE MNLI: entailment, neutral or contradiction; a matched and a mismatched development set.
    Mnli,
    /// GLUE QNLI: does the sentence answer the question?
    Qnli,
    /// GLUE RTE: does the first sentence entail the second?
    Rte,
    /// Built-in language: does the sentence follow its grammar?
    Acceptability,
    /// Built-in language: is the sentence positive?
    Sentiment,
}

/// Where a task's examples come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder of GLUE TSV folders, named by the experiment.
    Glue,
    /// Generated.
    BuiltIn,
}

/// What a task's head predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// One of these labels; cross-entropy.
    Classification(&'static [&'static str]),
    /// A number in this closed range; mean squared error; predictions are clipped to it for the metrics.
    Regression(f32, f32),
}

impl Kind {
    /// Outputs of the head.
    pub fn outputs(self) -> usize {
        match self {
            Kind::Classification(labels) => labels.len(),
            Kind::Regression(..) => 1,
        }
    }
}

/// Every task, GLUE's first.
pub const TASKS: [Task; 10] = [
    Task::Cola,
    Task::Sst2,
    Task::Mrpc,
    Task::Stsb,
    Task::Qqp,
    Task::Mnli,
    Task::Qnli,
    Task::Rte,
    Task::Acceptability,
    Task::Sentiment,
];

impl Task {
    /// The name in files, on the wire and on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Task::Cola => "cola",
            Task::Sst2 => "sst2",
            Task::Mrpc => "mrpc",
            Task::Stsb => "stsb",
            Task::Qqp => "qqp",
            Task::Mnli => "mnli",
            Task::Qnli => "qnli",
            Task::Rte => "rte",
            Task::Acceptability => "acceptability",
            Task::Sentiment => "sentiment",
        }
    }
    /// The name for a reader; for GLUE it is also the folder's.
    pub fn title(self) -> &'static str {
        match self {
            Task::Cola => "CoLA",
            Task::Sst2 => "SST-2",
            Task::Mrpc => "MRPC",
            Task::Stsb => "STS-B",
            Task::Qqp => "QQP",
            Task::Mnli => "MNLI",
            Task::Qnli => "QNLI",
            Task::Rte => "RTE",
            Task::Acceptability => "Acceptability",
            Task::Sentiment => "Sentiment",
        }
    }
    /// Where its examples come from.
    pub fn source(self) -> Source {
        match self {
            Task::Acceptability | Task::Sentiment => Source::BuiltIn,
            _ => Source::Glue,
        }
    }
    /// What its head predicts. A label's position is its number, as in GLUE's baselines.
    pub fn kind(self) -> Kind {
        match self {
            Task::Stsb => Kind::Regression(0.0, 5.0),
            Task::Cola | Task::Acceptability => Kind::Classification(&["unacceptable", "acceptable"]),
            Task::Sst2 | Task::Sentiment => Kind::Classification(&["negative", "positive"]),
            Task::Mrpc => Kind::Classification(&["not_equivalent", "equivalent"]),
            Task::Qqp => Kind::Classification(&["not_duplicate", "duplicate"]),
            Task::Mnli => Kind::Classification(&["entailment", "neutral", "contradiction"]),
            Task::Qnli | Task::Rte => Kind::Classification(&["entailment", "not_entailment"]),
        }
    }
    /// What is reported; the first one picks the epoch and the learning rate.
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Task::Cola | Task::Acceptability => &[Metric::Matthews, Metric::Accuracy],
            Task::Mrpc | Task::Qqp => &[Metric::F1, Metric::Accuracy],
            Task::Stsb => &[Metric::Spearman, Metric::Pearson],
            _ => &[Metric::Accuracy],
        }
    }
    /// The metric that picks the epoch and the learning rate.
    pub fn primary_metric(self) -> Metric {
        self.metrics()[0]
    }
    /// The development sets' names.
    pub fn development_sets(self) -> &'static [&'static str] {
        if self == Task::Mnli { &["matched", "mismatched"] } else { &["dev"] }
    }
    /// Epochs by the paper's protocol: 5 for `full`; else 10 on the large tasks, 20 on the small ones.
    pub fn default_epochs(self, mask: &Mask) -> u32 {
        match (mask, self) {
            (Mask::Full, _) => 5,
            (_, Task::Sst2 | Task::Qqp | Task::Mnli | Task::Qnli | Task::Acceptability | Task::Sentiment) => {
                10
            }
            _ => 20,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// No task has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no task; known are {list}", list = TASKS.map(Task::name).join(", "))]
pub struct UnknownTask(pub String);

read_parsed!(Task);

impl FromStr for Task {
    type Err = UnknownTask;
    /// Reads a name or a title in any case: `stsb`, `STS-B`, `sts-b`.
    fn from_str(text: &str) -> Result<Self, UnknownTask> {
        let plain: String = text.trim().to_lowercase().chars().filter(|c| !matches!(c, '-' | '_')).collect();
        TASKS.into_iter().find(|t| t.name() == plain).ok_or_else(|| UnknownTask(text.trim().to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_titles_are_read() {
        for task in TASKS {
            assert_eq!(task.name().parse(), Ok(task));
            assert_eq!(task.title().parse(), Ok(task));
            assert_eq!(serde_json::to_string(&task).unwrap(), format!("\"{}\"", task.name()));
        }
        assert!("wnli".parse::<Task>().unwrap_err().to_string().contains("rte"));
    }
}

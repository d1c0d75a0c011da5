//! Tasks: what is read, what is predicted, what is reported.

/// The labels of token classification.
pub mod labels;

use crate::mask::Mask;
use crate::metric::Metric;
use labels::{BUILT_IN_TAGS, ENTITIES, PENN_TAGS};
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
    /// CoNLL-2003: the named entities of a sentence.
    Ner,
    /// Penn Treebank: the part of speech of each word.
    Pos,
    /// Built-in language: does the sentence follow its grammar?
    Acceptability,
    /// Built-in language: is the sentence positive?
    Sentiment,
    /// Built-in language: do the two sentences say the same?
    Paraphrase,
    /// Built-in language: how much of what the one says does the other say, 0 to 5?
    Similarity,
    /// Built-in language: do the two questions ask the same?
    Questions,
    /// Built-in language: entailment, neutral or contradiction; a development set of the same domain and one of
    /// another.
    Inference,
    /// Built-in language: does the sentence answer the question?
    Answerability,
    /// Built-in language: does the text entail the sentence?
    Entailment,
    /// Built-in language: the part of speech of each word.
    Tags,
    /// Built-in language: the named entities of a sentence.
    Entities,
}

/// Where a task's examples come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A folder of GLUE TSV folders, named by the experiment.
    Glue,
    /// A folder of files with a word and its tags a line (CoNLL's columns), beside GLUE's.
    Columns,
    /// Generated.
    BuiltIn,
}

impl Source {
    /// Whether the examples come from the experiment's data folder.
    pub fn needs_data(self) -> bool {
        self != Source::BuiltIn
    }
}

/// What a task's head predicts.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum TaskKind {
    /// One of these labels; cross-entropy.
    Classification(&'static [&'static str]),
    /// A number in this closed range; mean squared error.
    Regression(f32, f32),
    /// One of these labels for each word, read at its first word piece; cross-entropy, mean over the words.
    Tagging(&'static [&'static str]),
}

impl TaskKind {
    /// Outputs of the head.
    pub fn outputs(self) -> usize {
        match self {
            TaskKind::Classification(labels) | TaskKind::Tagging(labels) => labels.len(),
            TaskKind::Regression(..) => 1,
        }
    }
}

/// Every task, GLUE's first.
pub const TASKS: [Task; 20] = [
    Task::Cola,
    Task::Sst2,
    Task::Mrpc,
    Task::Stsb,
    Task::Qqp,
    Task::Mnli,
    Task::Qnli,
    Task::Rte,
    Task::Ner,
    Task::Pos,
    Task::Acceptability,
    Task::Sentiment,
    Task::Paraphrase,
    Task::Similarity,
    Task::Questions,
    Task::Inference,
    Task::Answerability,
    Task::Entailment,
    Task::Tags,
    Task::Entities,
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
            Task::Ner => "ner",
            Task::Pos => "pos",
            Task::Acceptability => "acceptability",
            Task::Sentiment => "sentiment",
            Task::Paraphrase => "paraphrase",
            Task::Similarity => "similarity",
            Task::Questions => "questions",
            Task::Inference => "inference",
            Task::Answerability => "answerability",
            Task::Entailment => "entailment",
            Task::Tags => "tags",
            Task::Entities => "entities",
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
            Task::Ner => "NER",
            Task::Pos => "POS",
            Task::Acceptability => "Acceptability",
            Task::Sentiment => "Sentiment",
            Task::Paraphrase => "Paraphrase",
            Task::Similarity => "Similarity",
            Task::Questions => "Questions",
            Task::Inference => "Inference",
            Task::Answerability => "Answerability",
            Task::Entailment => "Entailment",
            Task::Tags => "Tags",
            Task::Entities => "Entities",
        }
    }
    /// The name of its folder in a data folder, as it is published; without one, it is generated.
    pub fn folder(self) -> Option<&'static str> {
        match self {
            Task::Cola | Task::Sst2 | Task::Mrpc | Task::Stsb => Some(self.title()),
            Task::Qqp | Task::Mnli | Task::Qnli | Task::Rte => Some(self.title()),
            Task::Ner => Some("conll2003"),
            Task::Pos => Some("ptb"),
            Task::Acceptability | Task::Sentiment | Task::Paraphrase | Task::Similarity => None,
            Task::Questions | Task::Inference | Task::Answerability | Task::Entailment => None,
            Task::Tags | Task::Entities => None,
        }
    }
    /// Where its examples come from.
    pub fn source(self) -> Source {
        match self {
            Task::Cola | Task::Sst2 | Task::Mrpc | Task::Stsb => Source::Glue,
            Task::Qqp | Task::Mnli | Task::Qnli | Task::Rte => Source::Glue,
            Task::Ner | Task::Pos => Source::Columns,
            Task::Acceptability | Task::Sentiment | Task::Paraphrase | Task::Similarity => Source::BuiltIn,
            Task::Questions | Task::Inference | Task::Answerability | Task::Entailment => Source::BuiltIn,
            Task::Tags | Task::Entities => Source::BuiltIn,
        }
    }
    /// What its head predicts. A label's position is its number, as in GLUE's baselines.
    pub fn kind(self) -> TaskKind {
        match self {
            Task::Stsb | Task::Similarity => TaskKind::Regression(0.0, 5.0),
            Task::Cola | Task::Acceptability => TaskKind::Classification(&["unacceptable", "acceptable"]),
            Task::Sst2 | Task::Sentiment => TaskKind::Classification(&["negative", "positive"]),
            Task::Mrpc | Task::Paraphrase => TaskKind::Classification(&["not_equivalent", "equivalent"]),
            Task::Qqp | Task::Questions => TaskKind::Classification(&["not_duplicate", "duplicate"]),
            Task::Mnli | Task::Inference => {
                TaskKind::Classification(&["entailment", "neutral", "contradiction"])
            }
            Task::Qnli | Task::Rte | Task::Answerability | Task::Entailment => {
                TaskKind::Classification(&["entailment", "not_entailment"])
            }
            Task::Ner | Task::Entities => TaskKind::Tagging(&ENTITIES),
            Task::Pos => TaskKind::Tagging(&PENN_TAGS),
            Task::Tags => TaskKind::Tagging(&BUILT_IN_TAGS),
        }
    }
    /// Whether its examples are pairs of texts, which a model tells apart by their segments.
    pub fn has_pairs(self) -> bool {
        match self {
            Task::Cola | Task::Sst2 | Task::Ner | Task::Pos => false,
            Task::Acceptability | Task::Sentiment | Task::Tags | Task::Entities => false,
            Task::Mrpc | Task::Stsb | Task::Qqp | Task::Mnli | Task::Qnli | Task::Rte => true,
            Task::Paraphrase | Task::Similarity | Task::Questions => true,
            Task::Inference | Task::Answerability | Task::Entailment => true,
        }
    }
    /// What is reported; the first one picks the epoch and the learning rate.
    pub fn metrics(self) -> &'static [Metric] {
        match self {
            Task::Cola | Task::Acceptability => &[Metric::Matthews, Metric::Accuracy],
            Task::Mrpc | Task::Qqp | Task::Paraphrase | Task::Questions => &[Metric::F1, Metric::Accuracy],
            Task::Stsb | Task::Similarity => &[Metric::Spearman, Metric::Pearson],
            Task::Ner | Task::Entities => {
                &[Metric::EntityF1, Metric::EntityPrecision, Metric::EntityRecall, Metric::Accuracy]
            }
            Task::Sst2 | Task::Mnli | Task::Qnli | Task::Rte | Task::Pos => &[Metric::Accuracy],
            Task::Sentiment | Task::Inference | Task::Answerability | Task::Entailment | Task::Tags => {
                &[Metric::Accuracy]
            }
        }
    }
    /// The metric that picks the epoch and the learning rate.
    pub fn primary_metric(self) -> Metric {
        self.metrics()[0]
    }
    /// The development sets' names.
    pub fn development_sets(self) -> &'static [&'static str] {
        match self {
            Task::Mnli | Task::Inference => &["matched", "mismatched"],
            Task::Cola | Task::Sst2 | Task::Mrpc | Task::Stsb | Task::Qqp | Task::Qnli | Task::Rte => {
                &["dev"]
            }
            Task::Ner | Task::Pos | Task::Acceptability | Task::Sentiment | Task::Paraphrase => &["dev"],
            Task::Similarity | Task::Questions | Task::Answerability | Task::Entailment => &["dev"],
            Task::Tags | Task::Entities => &["dev"],
        }
    }
    /// Epochs by the paper's protocol: 5 for `full`; else 10 on the large tasks, 20 on the small ones. The built-in
    /// language's tasks count as large: their examples are as many as they need.
    pub fn default_epochs(self, mask: &Mask) -> u32 {
        if *mask == Mask::Full {
            return 5;
        }
        match self {
            Task::Sst2 | Task::Qqp | Task::Mnli | Task::Qnli => 10,
            Task::Cola | Task::Mrpc | Task::Stsb | Task::Rte | Task::Ner | Task::Pos => 20,
            Task::Acceptability | Task::Sentiment | Task::Paraphrase | Task::Similarity => 10,
            Task::Questions | Task::Inference | Task::Answerability | Task::Entailment => 10,
            Task::Tags | Task::Entities => 10,
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
#[error("`{0}` is not a task; known are {list}", list = TASKS.map(Task::name).join(", "))]
pub struct UnknownTask(pub String);

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
            let labels = match task.kind() {
                TaskKind::Classification(labels) | TaskKind::Tagging(labels) => labels,
                TaskKind::Regression(..) => &[],
            };
            assert!(labels.iter().enumerate().all(|(i, l)| !labels[..i].contains(l)), "{task}");
        }
        assert!(labels::BUILT_IN_TAGS.iter().all(|t| labels::PENN_TAGS.contains(t)));
        let folders: Vec<_> = TASKS.into_iter().filter_map(Task::folder).collect();
        assert_eq!(folders[..2], ["CoLA", "SST-2"]);
        assert_eq!(folders[8..], ["conll2003", "ptb"]);
        assert!("wnli".parse::<Task>().unwrap_err().to_string().contains("rte"));
    }
}

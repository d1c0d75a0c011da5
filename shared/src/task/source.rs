//! Where a task's examples come from.

use serde::{Deserialize, Serialize};

/// Where a task's examples come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// A folder of GLUE's, in the folder that the experiment names.
    Glue(GlueTask),
    /// A folder of files with a word and its tags a line (CoNLL's columns), beside GLUE's.
    Columns(ColumnTask),
    /// A task whose texts are generated.
    BuiltIn(BuiltInTask),
    /// A folder of the user's own, described by itself.
    Own,
}

/// A task of GLUE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GlueTask {
    /// CoLA: is the sentence acceptable?
    Cola,
    /// SST-2: is the sentence positive?
    Sst2,
    /// MRPC: are the two sentences paraphrases?
    Mrpc,
    /// STS-B: how similar are the two sentences, 0 to 5?
    Stsb,
    /// QQP: are the two questions duplicates?
    Qqp,
    /// MNLI: entailment, neutral or contradiction; a matched and a mismatched development set.
    Mnli,
    /// QNLI: does the sentence answer the question?
    Qnli,
    /// RTE: does the first sentence entail the second?
    Rte,
}

/// A task of words with their tags in columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnTask {
    /// The named entities of a sentence, as in CoNLL-2003.
    Ner,
    /// The part of speech of each word, as in the Penn Treebank.
    Pos,
}

/// A task of the built-in language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BuiltInTask {
    /// Does the sentence follow its grammar?
    Acceptability,
    /// Is the sentence positive?
    Sentiment,
    /// Do the two sentences say the same?
    Paraphrase,
    /// How much of what the one says does the other say, 0 to 5?
    Similarity,
    /// Do the two questions ask the same?
    Questions,
    /// Entailment, neutral or contradiction; a development set of the same domain and one of another.
    Inference,
    /// Does the sentence answer the question?
    Answerability,
    /// Does the text entail the sentence?
    Entailment,
    /// The part of speech of each word.
    Tags,
    /// The named entities of a sentence.
    Entities,
}

impl Source {
    /// Whether the examples come from the experiment's data folder.
    pub fn needs_data(self) -> bool {
        match self {
            Source::Glue(_) | Source::Columns(_) | Source::Own => true,
            Source::BuiltIn(_) => false,
        }
    }

    /// Whether folders have tasks of one name that are not the same.
    pub fn may_differ(self) -> bool {
        match self {
            Source::Columns(_) | Source::Own => true,
            Source::Glue(_) | Source::BuiltIn(_) => false,
        }
    }

    /// The name of its folder in a data folder, as it is published; none for what is generated or the user's own.
    pub fn folder(self) -> Option<&'static str> {
        match self {
            Source::Glue(task) => Some(task.folder()),
            Source::Columns(task) => Some(task.folder()),
            Source::BuiltIn(_) | Source::Own => None,
        }
    }
}

impl GlueTask {
    /// The name of its folder, as GLUE has it.
    pub fn folder(self) -> &'static str {
        match self {
            GlueTask::Cola => "CoLA",
            GlueTask::Sst2 => "SST-2",
            GlueTask::Mrpc => "MRPC",
            GlueTask::Stsb => "STS-B",
            GlueTask::Qqp => "QQP",
            GlueTask::Mnli => "MNLI",
            GlueTask::Qnli => "QNLI",
            GlueTask::Rte => "RTE",
        }
    }
}

impl ColumnTask {
    /// The name of its folder, as the data are published.
    pub fn folder(self) -> &'static str {
        match self {
            ColumnTask::Ner => "conll2003",
            ColumnTask::Pos => "ptb",
        }
    }
}

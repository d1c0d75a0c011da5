//! The tasks that every program knows: the paper's, and the built-in language's.

use super::labels::{BUILT_IN_TAGS, ENTITIES, PENN_TAGS};
use super::{BuiltInTask as BuiltIn, ColumnTask as Columns, GlueTask as Glue, Source, TaskSize};
use super::{Definition, Range, Task, TaskKind, TaskName};
use crate::metric::Metric;
use TaskSize::{Large, Small};
use std::sync::{Arc, LazyLock};

/// A known task.
struct Row {
    source: Source,
    name: &'static str,
    title: &'static str,
    asks: Question,
    size: TaskSize,
}

/// What a task of GLUE's and the built-in one that is like it have in common.
#[derive(Clone, Copy)]
struct Question {
    head: Head,
    pairs: bool,
    metrics: &'static [Metric],
    development_sets: &'static [&'static str],
}

#[derive(Clone, Copy)]
enum Head {
    Classes(&'static [&'static str]),
    Scores(Range),
    Tags(&'static [&'static str]),
}

const DEV: &[&str] = &["dev"];
const ACCURACY: &[Metric] = &[Metric::Accuracy];
const F1: &[Metric] = &[Metric::F1, Metric::Accuracy];

const ACCEPTABLE: Question = Question {
    head: Head::Classes(&["unacceptable", "acceptable"]),
    pairs: false,
    metrics: &[Metric::Matthews, Metric::Accuracy],
    development_sets: DEV,
};
const POSITIVE: Question = Question {
    head: Head::Classes(&["negative", "positive"]),
    pairs: false,
    metrics: ACCURACY,
    development_sets: DEV,
};
const EQUIVALENT: Question = Question {
    head: Head::Classes(&["not_equivalent", "equivalent"]),
    pairs: true,
    metrics: F1,
    development_sets: DEV,
};
const DUPLICATE: Question = Question { head: Head::Classes(&["not_duplicate", "duplicate"]), ..EQUIVALENT };
const SIMILAR: Question = Question {
    head: Head::Scores(Range { low: 0.0, high: 5.0 }),
    pairs: true,
    metrics: &[Metric::Spearman, Metric::Pearson],
    development_sets: DEV,
};
const ENTAILED: Question = Question {
    head: Head::Classes(&["entailment", "not_entailment"]),
    pairs: true,
    metrics: ACCURACY,
    development_sets: DEV,
};
const INFERRED: Question = Question {
    head: Head::Classes(&["entailment", "neutral", "contradiction"]),
    development_sets: &["matched", "mismatched"],
    ..ENTAILED
};
const NAMES: Question = Question {
    head: Head::Tags(&ENTITIES),
    pairs: false,
    metrics: &[Metric::EntityF1, Metric::EntityPrecision, Metric::EntityRecall, Metric::Accuracy],
    development_sets: DEV,
};
const PARTS_OF_SPEECH: Question =
    Question { head: Head::Tags(&PENN_TAGS), pairs: false, metrics: ACCURACY, development_sets: DEV };
const BUILT_IN_PARTS: Question = Question { head: Head::Tags(&BUILT_IN_TAGS), ..PARTS_OF_SPEECH };

/// GLUE's first, in the order in which tables have them.
#[rustfmt::skip]
const ROWS: [Row; 20] = [
    Row { source: Source::Glue(Glue::Cola), name: "cola", title: "CoLA", asks: ACCEPTABLE, size: Small },
    Row { source: Source::Glue(Glue::Sst2), name: "sst2", title: "SST-2", asks: POSITIVE, size: Large },
    Row { source: Source::Glue(Glue::Mrpc), name: "mrpc", title: "MRPC", asks: EQUIVALENT, size: Small },
    Row { source: Source::Glue(Glue::Stsb), name: "stsb", title: "STS-B", asks: SIMILAR, size: Small },
    Row { source: Source::Glue(Glue::Qqp), name: "qqp", title: "QQP", asks: DUPLICATE, size: Large },
    Row { source: Source::Glue(Glue::Mnli), name: "mnli", title: "MNLI", asks: INFERRED, size: Large },
    Row { source: Source::Glue(Glue::Qnli), name: "qnli", title: "QNLI", asks: ENTAILED, size: Large },
    Row { source: Source::Glue(Glue::Rte), name: "rte", title: "RTE", asks: ENTAILED, size: Small },
    Row { source: Source::Columns(Columns::Ner), name: "ner", title: "NER", asks: NAMES, size: Small },
    Row { source: Source::Columns(Columns::Pos), name: "pos", title: "POS", asks: PARTS_OF_SPEECH, size: Small },
    Row { source: Source::BuiltIn(BuiltIn::Acceptability), name: "acceptability", title: "Acceptability", asks: ACCEPTABLE, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Sentiment), name: "sentiment", title: "Sentiment", asks: POSITIVE, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Paraphrase), name: "paraphrase", title: "Paraphrase", asks: EQUIVALENT, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Similarity), name: "similarity", title: "Similarity", asks: SIMILAR, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Questions), name: "questions", title: "Questions", asks: DUPLICATE, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Inference), name: "inference", title: "Inference", asks: INFERRED, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Answerability), name: "answerability", title: "Answerability", asks: ENTAILED, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Entailment), name: "entailment", title: "Entailment", asks: ENTAILED, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Tags), name: "tags", title: "Tags", asks: BUILT_IN_PARTS, size: Large },
    Row { source: Source::BuiltIn(BuiltIn::Entities), name: "entities", title: "Entities", asks: NAMES, size: Large },
];

static TASKS: LazyLock<Vec<Task>> =
    LazyLock::new(|| ROWS.iter().map(|row| Task(Arc::new(row.definition()))).collect());

/// Every task that is known, GLUE's first.
pub fn known_tasks() -> &'static [Task] {
    &TASKS
}

/// What a reader calls the known task of this name.
pub(super) fn title(name: &str) -> Option<&'static str> {
    ROWS.iter().find(|row| row.name == name).map(|row| row.title)
}

impl Row {
    fn definition(&self) -> Definition {
        let owned = |texts: &[&str]| texts.iter().map(|&text| text.to_owned()).collect();
        let Question { head, pairs, metrics, development_sets } = self.asks;
        Definition {
            source: self.source,
            name: TaskName::known(self.name),
            kind: match head {
                Head::Classes(labels) => TaskKind::Classification(owned(labels)),
                Head::Scores(range) => TaskKind::Regression(range),
                Head::Tags(labels) => TaskKind::Tagging(owned(labels)),
            },
            pairs,
            metrics: metrics.into(),
            development_sets: owned(development_sets),
            size: self.size,
        }
    }
}

/// The places of the first tasks of each source in the table.
const FIRST_OF_COLUMNS: usize = 8;
const FIRST_BUILT_IN: usize = 10;

impl From<Glue> for Task {
    fn from(task: Glue) -> Self {
        TASKS[task as usize].clone()
    }
}

impl From<Columns> for Task {
    fn from(task: Columns) -> Self {
        TASKS[FIRST_OF_COLUMNS + task as usize].clone()
    }
}

impl From<BuiltIn> for Task {
    fn from(task: BuiltIn) -> Self {
        TASKS[FIRST_BUILT_IN + task as usize].clone()
    }
}

/// Known tasks by name.
macro_rules! named {
    ($($name:ident: $task:expr;)*) => {
        impl Task {
            $(
                #[doc = concat!("The known task `", stringify!($name), "`.")]
                pub fn $name() -> Self {
                    Self::from($task)
                }
            )*
        }
    };
}

named! {
    cola: Glue::Cola;
    sst2: Glue::Sst2;
    mrpc: Glue::Mrpc;
    stsb: Glue::Stsb;
    qqp: Glue::Qqp;
    mnli: Glue::Mnli;
    qnli: Glue::Qnli;
    rte: Glue::Rte;
    ner: Columns::Ner;
    pos: Columns::Pos;
    acceptability: BuiltIn::Acceptability;
    sentiment: BuiltIn::Sentiment;
    paraphrase: BuiltIn::Paraphrase;
    similarity: BuiltIn::Similarity;
    questions: BuiltIn::Questions;
    inference: BuiltIn::Inference;
    answerability: BuiltIn::Answerability;
    entailment: BuiltIn::Entailment;
    tags: BuiltIn::Tags;
    entities: BuiltIn::Entities;
}

//! All that a task is.

use super::labels::entity;
use super::{MAX_LABELS, Range, Source, Task, TaskKind, TaskName};
use crate::metric::Metric;
use serde::{Deserialize, Serialize};

/// All that a task is. What is written of a task that is not known; the order of its fields is part of the identity of runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Definition {
    /// Where its examples come from.
    pub source: Source,
    /// Its name in files, on the wire and on the command line.
    pub name: TaskName,
    /// What its head predicts.
    pub kind: TaskKind,
    /// Whether its examples are pairs of texts.
    pub pairs: bool,
    /// What is reported; the first one picks the epoch and the learning rate.
    pub metrics: Vec<Metric>,
    /// The development sets' names, its own first.
    pub development_sets: Vec<String>,
    /// How many epochs it takes by the paper's protocol.
    pub size: TaskSize,
}

/// How many epochs a task takes by the paper's protocol, where a mask is not `full`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaskSize {
    /// 20, as RTE.
    Small,
    /// 10, as SST-2. The built-in language's tasks count as large: their examples are as many as they need.
    Large,
}

/// What is wrong with a definition.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Problem {
    /// A name that belongs to another source.
    #[error("`{0}` is not the name of such a task; only your own are called own:FOLDER")]
    Name(TaskName),
    /// A known task of which something else is said.
    #[error("`{0}` is the name of a known task; call your own own:FOLDER")]
    Known(TaskName),
    /// Nothing to tell apart.
    #[error("a task needs two labels at least; found {}", list(.0))]
    FewLabels(Vec<String>),
    /// More labels than a stored answer can tell apart.
    #[error("a task can have {MAX_LABELS} labels at most; found {0}")]
    ManyLabels(usize),
    /// A label that stands twice or is empty.
    #[error("the label `{0}` is empty or is listed twice; every label needs a name of its own")]
    Label(String),
    /// A range that holds nothing or is not of numbers.
    #[error("scores from {} to {} are not a range; the first must be the lower", .0.low, .0.high)]
    Range(Range),
    /// No metric, or one twice.
    #[error("a task needs metrics, each once")]
    Metrics,
    /// A metric that cannot be counted on what is predicted.
    #[error("{} cannot be counted on this task; {}", .0.title(), .0.needs())]
    Metric(Metric),
    /// No development set, too many, or two of one name.
    #[error("a task needs one to 255 development sets, each with a name of its own")]
    Sets,
}

impl Definition {
    /// Whether anything is wrong with it.
    ///
    /// # Errors
    /// The first that is.
    pub(super) fn check(&self) -> Result<(), Problem> {
        match Task::of_source(self.source) {
            Some(known) if *known.name() != self.name => return Err(Problem::Name(self.name.clone())),
            // Of words in columns, a folder may have other labels; nothing else of a known task is the folder's.
            Some(known) if self.with_kind_of(&known) != *known.0 => {
                return Err(Problem::Known(self.name.clone()));
            }
            None if self.name.as_own().is_none() => return Err(Problem::Name(self.name.clone())),
            Some(_) | None => {}
        }
        match &self.kind {
            TaskKind::Classification(labels) | TaskKind::Tagging(labels) | TaskKind::MultiLabel(labels) => {
                if labels.len() < 2 {
                    return Err(Problem::FewLabels(labels.clone()));
                }
                if labels.len() > MAX_LABELS {
                    return Err(Problem::ManyLabels(labels.len()));
                }
                let bad = labels.iter().enumerate().find(|(i, l)| l.is_empty() || labels[..*i].contains(l));
                if let Some((_, label)) = bad {
                    return Err(Problem::Label(label.clone()));
                }
            }
            TaskKind::Regression(range) => {
                let (low, high) = (range.low, range.high);
                if !(low.is_finite() && high.is_finite() && low < high) {
                    return Err(Problem::Range(*range));
                }
            }
        }
        if self.metrics.is_empty() || repeats(&self.metrics) {
            return Err(Problem::Metrics);
        }
        if let Some(&metric) = self.metrics.iter().find(|metric| !metric.suits(&self.kind)) {
            return Err(Problem::Metric(metric));
        }
        let sets = &self.development_sets;
        if sets.is_empty() || sets.len() > usize::from(u8::MAX) || repeats(sets) {
            return Err(Problem::Sets);
        }
        Ok(())
    }
}

impl Definition {
    /// With the labels of a known task, where labels may be others.
    fn with_kind_of(&self, known: &Task) -> Definition {
        let kind = match (self.source, &self.kind) {
            (Source::Columns(_), TaskKind::Tagging(_)) => known.kind().clone(),
            _ => self.kind.clone(),
        };
        Definition { kind, ..self.clone() }
    }
}

fn repeats<T: PartialEq>(items: &[T]) -> bool {
    items.iter().enumerate().any(|(i, item)| items[..i].contains(item))
}

fn list(labels: &[String]) -> String {
    if labels.is_empty() { "none".to_owned() } else { labels.join(", ") }
}

impl Metric {
    /// Whether it can be counted on what a task predicts.
    pub fn suits(self, kind: &TaskKind) -> bool {
        let entities = |labels: &[String]| labels.iter().all(|l| l == "O" || entity(l).is_some());
        match (self, kind) {
            (Metric::Loss, _) => false,
            (Metric::Accuracy, TaskKind::Classification(_) | TaskKind::Tagging(_)) => true,
            (Metric::Accuracy, TaskKind::Regression(_) | TaskKind::MultiLabel(_)) => false,
            (Metric::MacroF1 | Metric::MicroF1, TaskKind::Classification(_) | TaskKind::MultiLabel(_)) => {
                true
            }
            (Metric::MacroF1 | Metric::MicroF1, TaskKind::Regression(_) | TaskKind::Tagging(_)) => false,
            (Metric::SubsetAccuracy, TaskKind::MultiLabel(_)) => true,
            (
                Metric::SubsetAccuracy,
                TaskKind::Classification(_) | TaskKind::Regression(_) | TaskKind::Tagging(_),
            ) => false,
            (Metric::Matthews | Metric::BalancedAccuracy, TaskKind::Classification(_)) => true,
            (
                Metric::Matthews | Metric::BalancedAccuracy,
                TaskKind::Regression(_) | TaskKind::Tagging(_) | TaskKind::MultiLabel(_),
            ) => false,
            (Metric::F1, TaskKind::Classification(labels)) => labels.len() == 2,
            (Metric::F1, TaskKind::Regression(_) | TaskKind::Tagging(_) | TaskKind::MultiLabel(_)) => false,
            (Metric::Pearson | Metric::Spearman | Metric::Rmse, _) => kind.is_regression(),
            (
                Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall,
                TaskKind::Tagging(labels),
            ) => entities(labels),
            (
                Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall,
                TaskKind::Classification(_) | TaskKind::Regression(_) | TaskKind::MultiLabel(_),
            ) => false,
        }
    }

    /// What a task must predict for it.
    fn needs(self) -> &'static str {
        match self {
            Metric::Accuracy => "it needs one label for each text or word",
            Metric::MacroF1 | Metric::MicroF1 => "it needs labels of texts",
            Metric::Matthews | Metric::BalancedAccuracy => "it needs one label for each text",
            Metric::SubsetAccuracy => "it needs texts that may have several labels",
            Metric::F1 => "it needs two labels, of which the second is the positive one",
            Metric::Pearson | Metric::Spearman | Metric::Rmse => "it needs scores",
            Metric::EntityF1 | Metric::EntityPrecision | Metric::EntityRecall => {
                "it needs words tagged O, B-TYPE and I-TYPE"
            }
            Metric::Loss => "the loss is always logged, and is not a metric of a task",
        }
    }
}

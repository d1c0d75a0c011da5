//! Tasks: what is read, what is predicted, what is reported.
//!
//! A task is data. The paper's and the built-in language's stand in one table; a folder's own are described by what its files
//! hold. In reading order:

/// Where a task's examples come from.
mod source;
/// What a task's head predicts.
mod kind;
/// The labels of token classification that are known.
pub mod labels;
/// All that a task is.
mod definition;
/// The tasks that every program knows.
mod known;
/// How experiments name tasks.
mod name;
/// How a task is written and read.
mod wire;
#[cfg(test)]
mod tests;

pub use definition::{Definition, Problem, TaskSize};
pub use kind::{Range, TaskKind};
pub use known::known_tasks;
pub use name::{MAX_OWN_CHARS, TaskName, UnknownTask};
pub use source::{BuiltInTask, ColumnTask, GlueTask, Source};
pub use wire::{by_name, by_names};

use crate::mask::Mask;
use crate::metric::Metric;
use std::fmt;
use std::sync::Arc;

/// Labels of a task at most: a run's answers are kept as bytes, of which one says that there is none.
pub const MAX_LABELS: usize = 255;

/// A task: cheap to clone, equal to another if all that determines its results is.
///
/// Ordered by source: GLUE's, those of columns, the built-in language's, the user's own.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Task(Arc<Definition>);

impl Task {
    /// The task of a definition.
    ///
    /// # Errors
    /// What is wrong with the definition.
    pub fn new(definition: Definition) -> Result<Self, Problem> {
        definition.check()?;
        let known = Self::of_source(definition.source).filter(|known| *known.0 == definition);
        Ok(known.unwrap_or_else(|| Self(Arc::new(definition))))
    }

    /// The task that a name means where nothing is known of a data folder; none for a user's own.
    pub fn known(name: &TaskName) -> Option<Self> {
        known_tasks().iter().find(|task| task.0.name == *name).cloned()
    }

    /// Whether its name alone says all that it is.
    pub fn is_known(&self) -> bool {
        Self::of_source(self.source()).is_some_and(|known| known == *self)
    }

    /// The same task with other labels.
    ///
    /// # Errors
    /// Labels that it cannot have.
    pub fn with_labels(&self, labels: Vec<String>) -> Result<Self, Problem> {
        let kind = match self.kind() {
            TaskKind::Classification(_) => TaskKind::Classification(labels),
            TaskKind::Tagging(_) => TaskKind::Tagging(labels),
            TaskKind::MultiLabel(_) => TaskKind::MultiLabel(labels),
            TaskKind::Regression(range) => TaskKind::Regression(*range),
        };
        Self::new(Definition { kind, ..Definition::clone(&self.0) })
    }

    /// The known task of a source; none of the user's own.
    pub fn of_source(source: Source) -> Option<Self> {
        match source {
            Source::Glue(task) => Some(task.into()),
            Source::Columns(task) => Some(task.into()),
            Source::BuiltIn(task) => Some(task.into()),
            Source::Own => None,
        }
    }

    /// The name in files, on the wire and on the command line.
    pub fn name(&self) -> &TaskName {
        &self.0.name
    }
    /// The name for a reader.
    pub fn title(&self) -> &str {
        self.0.name.title()
    }
    /// The name of its folder in a data folder, as it is published; without one, it is generated or the user's own.
    pub fn folder(&self) -> Option<&'static str> {
        self.source().folder()
    }
    /// Where its examples come from.
    pub fn source(&self) -> Source {
        self.0.source
    }
    /// What its head predicts. A label's position is its number, as in GLUE's baselines.
    pub fn kind(&self) -> &TaskKind {
        &self.0.kind
    }
    /// Whether its examples are pairs of texts, which a model tells apart by their segments.
    pub fn has_pairs(&self) -> bool {
        self.0.pairs
    }
    /// What is reported; the first one picks the epoch and the learning rate.
    pub fn metrics(&self) -> &[Metric] {
        &self.0.metrics
    }
    /// The metric that picks the epoch and the learning rate.
    pub fn primary_metric(&self) -> Metric {
        self.0.metrics[0]
    }
    /// The development sets' names.
    pub fn development_sets(&self) -> &[String] {
        &self.0.development_sets
    }
    /// Epochs by the paper's protocol: 5 for `full`; else 10 on large tasks, 20 on small ones.
    pub fn default_epochs(&self, mask: &Mask) -> u32 {
        match (mask, self.0.size) {
            (Mask::Full, _) => 5,
            (_, TaskSize::Large) => 10,
            (_, TaskSize::Small) => 20,
        }
    }
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.name().fmt(f)
    }
}

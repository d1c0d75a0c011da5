//! What is predicted, and with which labels: as `dataset.toml` says, else by what the label's column holds.

use super::label::one_alone;
use super::label_sets::{self, LabelSets};
use super::question::{FindError, Question};
use super::roles::Roles;
use super::tags::{self, Tags};
use super::{classes, kind, score};
use crate::data::frame::Frame;
use crate::data::record::Record;
use tunemask_shared::dataset::{DatasetKind, DatasetSettings};
use tunemask_shared::task::{Range, TaskKind};

/// What is predicted.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Target {
    /// One of these labels.
    Classes(Vec<String>),
    /// A number, in training within this range.
    Scores(Range),
    /// A label for each word.
    Tags(Tags),
    /// Any of these labels, none included.
    LabelSets(LabelSets),
}

impl Target {
    /// The labels by their numbers; of scores, none.
    pub(super) fn labels(&self) -> &[String] {
        match self {
            Target::Classes(labels) => labels,
            Target::Tags(Tags { labels, .. }) | Target::LabelSets(LabelSets { labels, .. }) => labels,
            Target::Scores(_) => &[],
        }
    }

    /// How `dataset.toml` says it.
    pub(super) fn kind(&self) -> DatasetKind {
        match self {
            Target::Classes(_) => DatasetKind::Classification,
            Target::Scores(_) => DatasetKind::Regression,
            Target::Tags(_) => DatasetKind::Tagging,
            Target::LabelSets(_) => DatasetKind::MultiLabel,
        }
    }

    /// How a task says it.
    pub(super) fn task_kind(&self) -> TaskKind {
        match self {
            Target::Classes(labels) => TaskKind::Classification(labels.clone()),
            Target::Scores(range) => TaskKind::Regression(*range),
            Target::Tags(Tags { labels, .. }) => TaskKind::Tagging(labels.clone()),
            Target::LabelSets(LabelSets { labels, .. }) => TaskKind::MultiLabel(labels.clone()),
        }
    }

    /// How often each label stands among the targets of records.
    pub(super) fn counts(&self, records: &[Record]) -> Vec<u64> {
        let mut counts = vec![0; self.labels().len()];
        for record in records {
            match self {
                Target::LabelSets(_) => {
                    let pairs = counts.iter_mut().zip(&record.targets);
                    pairs.for_each(|(count, &there)| *count += u64::from(there != 0.0));
                }
                Target::Classes(_) | Target::Scores(_) | Target::Tags(_) => {
                    for &target in &record.targets {
                        if let Some(count) = counts.get_mut(target as usize) {
                            *count += 1;
                        }
                    }
                }
            }
        }
        counts
    }
}

/// What is predicted.
///
/// # Errors
/// That cannot be told; a cell that cannot be a label of its kind.
pub(super) fn find(
    frame: &Frame,
    roles: &Roles,
    settings: &DatasetSettings,
    notes: &mut Vec<String>,
) -> Result<Target, FindError> {
    let (column, words) = (&frame.columns[roles.label()], &frame.columns[roles.text]);
    let name = &column.name;
    match kind::find(frame, roles, settings)? {
        DatasetKind::Tagging if !(column.is_list() && words.is_list()) => {
            let other = if column.is_list() { &words.name } else { name };
            let message = format!(
                "tagging needs lists of words and of tags, as in JSON or parquet; `{other}` has none"
            );
            Err(Question::new("kind", message).into())
        }
        DatasetKind::Tagging => {
            let tags = tags::tags(frame, column, &settings.labels)?;
            if tags.labels.len() < 2 {
                let message = one_alone(settings)
                    .unwrap_or_else(|| format!("every tag in `{name}` is `{}`", tags.labels.concat()));
                return Err(Question::new("labels", message).into());
            }
            Ok(Target::Tags(tags))
        }
        DatasetKind::MultiLabel if words.is_list() => {
            let message = format!("`{}` has lists, of which only tagging can learn", words.name);
            Err(Question::new("text", message).into())
        }
        DatasetKind::MultiLabel => label_sets::find(frame, roles, settings, notes).map(Target::LabelSets),
        DatasetKind::Classification | DatasetKind::Regression if column.is_list() || words.is_list() => {
            let list = if column.is_list() { name } else { &words.name };
            let message = format!("`{list}` has lists, of which only tagging and multi-label can learn");
            Err(Question::new("kind", message).into())
        }
        DatasetKind::Regression => score::range(frame, column).map(Target::Scores),
        DatasetKind::Classification => classes::find(frame, column, settings, notes).map(Target::Classes),
    }
}

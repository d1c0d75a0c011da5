//! The task that a folder is, with its records.

use super::dataset::Dataset;
use super::metrics::metrics;
use super::{files, settings};
use crate::data::DataError;
use crate::data::frame::Watch;
use crate::data::identity::records_digest;
use crate::data::record::{RecordSet, TaskRecords};
use crate::hub::{WHOLE_FOLDER, data_set_of};
use std::path::Path;
use tunemask_shared::dataset::{DatasetSettings, SETTINGS_FILE};
use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Definition, Source, Task, TaskName, TaskSize};

/// Training examples from which a task counts as large, which take fewer epochs: SST-2 has 67,349.
const LARGE: usize = 60_000;

impl Dataset {
    /// What is reported, the first one deciding.
    pub(super) fn metrics(&self, sets: &[RecordSet]) -> Vec<Metric> {
        match &self.target {
            Some(target) if self.settings.metric.is_empty() => metrics(target, sets.first()),
            Some(target) => {
                // What decides comes first; the rest of the usual ones are shown.
                let mut all = self.settings.metric.clone();
                all.extend(
                    metrics(target, sets.first()).into_iter().filter(|m| !self.settings.metric.contains(m)),
                );
                all
            }
            None => Vec::new(),
        }
    }

    /// The task, with all that determines its results.
    ///
    /// # Errors
    /// A question is open; a metric or name that does not suit.
    pub(super) fn task(&self, sets: &[RecordSet]) -> Result<Task, DataError> {
        let path = || self.folder.join(SETTINGS_FILE);
        let unreadable = |why: String| DataError::Unreadable { path: path(), why };
        let Some(target) = &self.target else {
            let ask = self.questions.iter().map(|q| format!("{}: {}", q.field, q.message));
            return Err(unreadable(ask.collect::<Vec<_>>().join("; ")));
        };
        let examples = sets.first().map_or(0, |set| set.records.len());
        let definition = Definition {
            source: Source::Own,
            name: name_of(&self.folder, &self.settings).ok_or_else(|| {
                unreadable("give it a name with letters or digits: name = \"reviews\"".to_owned())
            })?,
            kind: target.task_kind(),
            pairs: self.roles.as_ref().is_some_and(|roles| roles.pair.is_some()),
            metrics: self.metrics(sets),
            development_sets: vec!["dev".to_owned()],
            size: if examples < LARGE { TaskSize::Small } else { TaskSize::Large },
        };
        Task::new(definition).map_err(|problem| unreadable(problem.to_string()))
    }

    /// A folder's task and records.
    ///
    /// # Errors
    /// As [`Dataset::open`]; a question is open; a row that cannot be an example.
    pub(in crate::data) fn read(folder: &Path, watch: Watch<'_>) -> Result<(Task, TaskRecords), DataError> {
        let mut dataset = Self::open(folder, settings::read(folder)?, watch)?;
        let sets = dataset.sets()?.unwrap_or_default();
        let task = dataset.task(&sets)?;
        dataset.notes.extend(Self::leaks(&sets));
        let what = serde_json::to_string(task.kind()).unwrap_or_default();
        let fingerprint = records_digest(&what, &sets);
        if dataset.development.is_none() {
            let (train, taken) = (sets[0].records.len(), sets[1].records.len());
            let name =
                files::name(&dataset.place.folder, dataset.files.train.first().unwrap_or(&dataset.folder));
            dataset.notes.push(format!(
                "no development file; {taken} of the {} examples of {name} stand in for it, always the same ones",
                train + taken
            ));
        }
        Ok((task, TaskRecords { sets, fingerprint, notes: dataset.notes }))
    }
}

/// What the task of a folder is called: as its settings say, else as the data set of the hub of which it is the snapshot,
/// else as the folder; of it, what a name may have. `None` if nothing of it may stand in one.
pub(crate) fn name_of(folder: &Path, settings: &DatasetSettings) -> Option<TaskName> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let own = || folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let named = settings.name.clone().or_else(|| hub_name(&folder)).unwrap_or_else(own);
    let fits = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let plain: String = named.trim().chars().map(fits).take(64).collect();
    TaskName::own(&plain)
}

/// The name of the data set of the hub that a folder holds whole.
fn hub_name(folder: &Path) -> Option<String> {
    let whole = folder.parent().filter(|_| folder.ends_with(WHOLE_FOLDER));
    let found = data_set_of(folder).or_else(|| data_set_of(whole?))?;
    found.repository().rsplit('/').next().map(str::to_owned)
}

//! All of a folder: what it says, what was found, and its examples.

use super::examples::records;
use super::files::{self, Files};
use super::metrics::metrics;
use super::roles::{self, Roles};
use super::split::{SHARE, group, split};
use super::target::{self, Target};
use crate::data::DataError;
use crate::data::frame::{Frame, Watch};
use crate::data::identity::records_digest;
use crate::data::record::{RecordSet, TaskRecords};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tunemask_shared::dataset::{DatasetKind, DatasetSettings, SETTINGS_FILE};
use tunemask_shared::experiment::FieldError;
use tunemask_shared::metric::Metric;
use tunemask_shared::task::{Definition, Range, Source, Task, TaskKind, TaskName, TaskSize};

/// A folder of the user's own data.
pub(crate) struct Dataset {
    pub(super) folder: PathBuf,
    pub(super) files: Files,
    pub(super) train: Frame,
    /// Of the development files, where there are any.
    pub(super) development: Option<Frame>,
    pub(super) roles: Option<Roles>,
    pub(super) target: Option<Target>,
    /// What the `dataset.toml` says and what was found.
    pub(super) settings: DatasetSettings,
    /// What must be said before anything can be trained on it.
    pub(super) questions: Vec<FieldError>,
    pub(super) notes: Vec<String>,
}

/// Training examples from which a task counts as large, which take fewer epochs: SST-2 has 67,349.
const LARGE: usize = 60_000;

impl Dataset {
    /// Reads a folder's files, and finds what its settings do not say.
    ///
    /// # Errors
    /// A file that cannot be read, or a row of it. What cannot be told is no error, but a question.
    pub(crate) fn open(
        folder: &Path,
        settings: DatasetSettings,
        watch: Watch<'_>,
    ) -> Result<Self, DataError> {
        let (mut questions, mut notes) = (Vec::new(), Vec::new());
        let files = files::find(folder, &settings, &mut questions, &mut notes)?;
        let mut dataset = Self {
            folder: folder.to_owned(),
            train: Frame::default(),
            development: None,
            roles: None,
            target: None,
            settings,
            files,
            questions,
            notes,
        };
        if dataset.questions.is_empty() {
            dataset.find(watch)?;
        }
        Ok(dataset)
    }

    fn find(&mut self, watch: Watch<'_>) -> Result<(), DataError> {
        self.train = Frame::read(&self.files.train, watch)?;
        if !self.files.development.is_empty() {
            let before: u64 =
                self.files.train.iter().filter_map(|p| p.metadata().ok()).map(|m| m.len()).sum();
            self.development = Some(Frame::read(&self.files.development, &|bytes| watch(before + bytes))?);
        }
        let settings = &mut self.settings;
        let names = |paths: &[PathBuf]| paths.iter().map(|path| files::name(&self.folder, path)).collect();
        settings.train = names(&self.files.train);
        settings.development = names(&self.files.development);
        if self.development.is_none() {
            settings.split = Some(settings.split.unwrap_or(SHARE));
        }
        self.roles = roles::find(&self.train, settings, &mut self.questions);
        let Some(roles) = self.roles else { return Ok(()) };
        let column = |place: usize| self.train.columns[place].name.clone();
        settings.text = [Some(roles.text), roles.pair].into_iter().flatten().map(column).collect();
        settings.label = Some(column(roles.label));
        self.target = target::find(&self.train, roles, settings, &mut self.questions, &mut self.notes)?;
        match &self.target {
            Some(Target::Classes(labels)) => {
                settings.kind = Some(DatasetKind::Classification);
                settings.labels.clone_from(labels);
            }
            Some(Target::Tags { labels, .. }) => {
                settings.kind = Some(DatasetKind::Tagging);
                settings.labels.clone_from(labels);
            }
            Some(Target::Scores(..)) => settings.kind = Some(DatasetKind::Regression),
            None => {}
        }
        Ok(())
    }

    /// The examples, training first, then the one development set; `None` while something is to be asked.
    ///
    /// # Errors
    /// A row that cannot be an example; a set without any.
    pub(super) fn sets(&self) -> Result<Option<Vec<RecordSet>>, DataError> {
        let (Some(roles), Some(target)) = (self.roles, &self.target) else { return Ok(None) };
        let set = |name: &str, frame: &Frame, roles| {
            let mut skipped = Vec::new();
            let records = records(frame, roles, target, &mut skipped)?;
            Ok::<_, DataError>(RecordSet { name: name.to_owned(), records, skipped })
        };
        let mut train = set("train", &self.train, roles)?;
        let development = match &self.development {
            Some(frame) => set("dev", frame, self.roles_in(frame)?)?,
            None => {
                let share = self.settings.split.unwrap_or(SHARE);
                let by_label = matches!(target, Target::Classes(_));
                let (kept, taken) = split(std::mem::take(&mut train.records), share, by_label);
                train.records = kept;
                RecordSet { name: "dev".to_owned(), records: taken, skipped: Vec::new() }
            }
        };
        for (set, files) in [(&train, &self.files.train), (&development, &self.files.development)] {
            if set.records.is_empty() {
                let path = files.first().or(self.files.train.first()).unwrap_or(&self.folder);
                let skipped: usize = set.skipped.iter().map(|s| s.rows).sum();
                let why = if skipped > 0 {
                    format!("no examples: all {skipped} rows lack a text or a label; is this a test set?")
                } else {
                    "too few examples to split some off; add a development file".to_owned()
                };
                return Err(DataError::Unreadable { path: path.clone(), why });
            }
        }
        Ok(Some(vec![train, development]))
    }

    /// The same columns in another frame, by their names.
    fn roles_in(&self, frame: &Frame) -> Result<Roles, DataError> {
        let place = |place: usize| {
            let Some(wanted) = self.train.columns.get(place) else { return Ok(0) };
            let same =
                |c: &crate::data::frame::Column| c.name == wanted.name && c.is_list() == wanted.is_list();
            frame.columns.iter().position(same).ok_or_else(|| {
                let list = if wanted.is_list() { " of lists" } else { "" };
                let why = format!(
                    "no column `{}`{list}, which the training file has; found {}",
                    wanted.name,
                    frame.found()
                );
                let path = self.files.development.first().unwrap_or(&self.folder).clone();
                DataError::Unreadable { path, why }
            })
        };
        let roles = self.roles.unwrap_or(Roles { text: 0, pair: None, label: 0 });
        Ok(Roles {
            text: place(roles.text)?,
            pair: roles.pair.map(place).transpose()?,
            label: place(roles.label)?,
        })
    }

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

    /// What the sets have in common that they should not.
    pub(super) fn leaks(sets: &[RecordSet]) -> Option<String> {
        let [train, development] = sets else { return None };
        let known: HashSet<_> = train.records.iter().map(group).collect();
        let leaked = development.records.iter().filter(|record| known.contains(&group(record))).count();
        (leaked > 0).then(|| {
            let all = development.records.len();
            format!("{leaked} of {all} development inputs also stand in the training files")
        })
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
        let kind = match target {
            Target::Classes(labels) => TaskKind::Classification(labels.clone()),
            Target::Scores(low, high) => TaskKind::Regression(Range { low: *low, high: *high }),
            Target::Tags { labels, .. } => TaskKind::Tagging(labels.clone()),
        };
        let examples = sets.first().map_or(0, |set| set.records.len());
        let definition = Definition {
            source: Source::Own,
            name: name_of(&self.folder, &self.settings).ok_or_else(|| {
                unreadable("give it a name with letters or digits: name = \"reviews\"".to_owned())
            })?,
            kind,
            pairs: self.roles.is_some_and(|roles| roles.pair.is_some()),
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
    pub(in crate::data) fn read(folder: &Path) -> Result<(Task, TaskRecords), DataError> {
        let mut dataset = Self::open(folder, super::settings::read(folder)?, &|_| ())?;
        let sets = dataset.sets()?.unwrap_or_default();
        let task = dataset.task(&sets)?;
        dataset.notes.extend(Self::leaks(&sets));
        let what = serde_json::to_string(task.kind()).unwrap_or_default();
        let fingerprint = records_digest(&what, &sets);
        if dataset.development.is_none() {
            let (train, taken) = (sets[0].records.len(), sets[1].records.len());
            let name = files::name(&dataset.folder, dataset.files.train.first().unwrap_or(&dataset.folder));
            dataset.notes.push(format!(
                "no development file; {taken} of the {} examples of {name} stand in for it, always the same ones",
                train + taken
            ));
        }
        Ok((task, TaskRecords { sets, fingerprint, notes: dataset.notes }))
    }
}

/// What the task of a folder is called: as its settings say, else as the folder; of it, what a name may have. `None` if
/// nothing of it may stand in one.
pub(crate) fn name_of(folder: &Path, settings: &DatasetSettings) -> Option<TaskName> {
    let folder = std::path::absolute(folder).unwrap_or_else(|_| folder.to_owned());
    let named = settings
        .name
        .clone()
        .unwrap_or_else(|| folder.file_name().unwrap_or_default().to_string_lossy().into_owned());
    let fits = |c: char| if c.is_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '-' };
    let plain: String = named.trim().chars().map(fits).take(64).collect();
    TaskName::own(&plain)
}

//! All of a folder: what it says, what was found, and its examples.

use super::examples::records;
use super::files::{self, Files};
use super::numbered::are_places;
use super::place::{self, Location};
use super::question::or_ask;
use super::roles::{self, Roles};
use super::split::{SHARE, group, split};
use super::target::{self, Target};
use crate::data::DataError;
use crate::data::frame::{Frame, Watch};
use crate::data::quoted::unquoted;
use crate::data::record::{Record, RecordSet};
use std::collections::HashSet;
use std::path::{Path, PathBuf};
use tunemask_shared::dataset::DatasetSettings;
use tunemask_shared::experiment::FieldError;

/// A folder of the user's own data.
pub(crate) struct Dataset {
    pub(super) folder: PathBuf,
    /// Where its files are.
    pub(super) place: Location,
    pub(super) files: Files,
    pub(super) train: Frame,
    /// The rows of the development files, where there are any.
    pub(super) development: Option<Frame>,
    pub(super) roles: Option<Roles>,
    pub(super) target: Option<Target>,
    /// What the `dataset.toml` says and what was found.
    pub(super) settings: DatasetSettings,
    /// What must be said before anything can be trained on it.
    pub(super) questions: Vec<FieldError>,
    pub(super) notes: Vec<String>,
}

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
        let (place, files) = match or_ask(place::find(folder, &settings), &mut questions)? {
            Some(place) => {
                let files = files::find(&place.folder, &settings, &mut questions, &mut notes)?;
                notes.extend(place.hub.as_ref().map(|name| format!("the files are those of {name}")));
                (place, files)
            }
            None => (Location::default(), Files::default()),
        };
        let mut dataset = Self {
            folder: folder.to_owned(),
            place,
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
        for path in
            [Some(&self.train), self.development.as_ref()].into_iter().flatten().flat_map(Frame::unquoted)
        {
            self.notes.push(unquoted(&files::name(&self.place.folder, path)));
        }
        let settings = &mut self.settings;
        let names =
            |paths: &[PathBuf]| paths.iter().map(|path| files::name(&self.place.folder, path)).collect();
        settings.train = names(&self.files.train);
        settings.development = names(&self.files.development);
        if self.development.is_none() {
            settings.split = Some(settings.split.unwrap_or(SHARE));
        }
        self.roles = roles::find(&self.train, settings, &mut self.questions);
        let Some(roles) = &self.roles else { return Ok(()) };
        if are_places(&self.train, roles, settings) {
            let name = self.train.columns[roles.label()].name.clone();
            let frames = [Some(&mut self.train), self.development.as_mut()];
            let columns = frames.into_iter().flatten().flat_map(|frame| &mut frame.columns);
            columns.filter(|c| c.name == name).for_each(|c| c.class_names = Some(settings.labels.clone()));
        }
        let column = |&place: &usize| self.train.columns[place].name.clone();
        settings.text = [Some(roles.text), roles.pair].iter().flatten().map(column).collect();
        settings.label = roles.labels.iter().map(column).collect();
        let target = target::find(&self.train, roles, settings, &mut self.notes);
        self.target = or_ask(target, &mut self.questions)?;
        if let Some(target) = &self.target {
            settings.kind = Some(target.kind());
            if !target.labels().is_empty() {
                settings.labels = target.labels().to_vec();
            }
        }
        Ok(())
    }

    /// The examples, training first, then the one development set; `None` while something is to be asked.
    ///
    /// # Errors
    /// A row that cannot be an example; a set without any.
    pub(super) fn sets(&self) -> Result<Option<Vec<RecordSet>>, DataError> {
        let (Some(roles), Some(target)) = (&self.roles, &self.target) else { return Ok(None) };
        let set = |name: &str, frame: &Frame, roles: &Roles| {
            let mut skipped = Vec::new();
            let records = records(frame, roles, target, &mut skipped)?;
            Ok::<_, DataError>(RecordSet { name: name.to_owned(), records, skipped })
        };
        let mut train = set("train", &self.train, roles)?;
        let development = match &self.development {
            Some(frame) => set("dev", frame, &self.roles_in(frame, roles)?)?,
            None => {
                let share = self.settings.split.unwrap_or(SHARE);
                let (kept, taken) = split(std::mem::take(&mut train.records), share, target);
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
            let is_bare = |record: &Record| record.targets.iter().all(|&there| there == 0.0);
            if matches!(target, Target::LabelSets(_)) && set.records.iter().all(is_bare) {
                let path = files.first().or(self.files.train.first()).unwrap_or(&self.folder).clone();
                let why = "none of its examples has a label; is this a test set?".to_owned();
                return Err(DataError::Unreadable { path, why });
            }
        }
        Ok(Some(vec![train, development]))
    }

    /// The same columns in another frame, by their names.
    fn roles_in(&self, frame: &Frame, roles: &Roles) -> Result<Roles, DataError> {
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
        Ok(Roles {
            text: place(roles.text)?,
            pair: roles.pair.map(place).transpose()?,
            labels: roles.labels.iter().map(|&label| place(label)).collect::<Result<_, _>>()?,
        })
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
}

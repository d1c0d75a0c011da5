//! Where the files of a folder of one's own data are: in it, or in a data set of the hub that its `dataset.toml` names.

use super::files;
use super::question::{FindError, Question};
use crate::data::DataError;
use crate::hub::{self, WHOLE_FOLDER};
use std::fs;
use std::path::{Component, Path, PathBuf};
use tunemask_shared::dataset::DatasetSettings;
use tunemask_shared::hub::{HubName, RepositoryKind};

/// Where the files are.
#[derive(Clone, Debug, Default)]
pub(super) struct Location {
    /// The folder to which the names of files are relative.
    pub folder: PathBuf,
    /// The data set with its commit, where the `dataset.toml` names one.
    pub hub: Option<HubName>,
}

/// Where the files of a folder are. No request is made.
///
/// # Errors
/// That cannot be told; a data set that is not on this machine.
pub(super) fn find(folder: &Path, settings: &DatasetSettings) -> Result<Location, FindError> {
    let Some(text) = &settings.data else {
        if settings.config.is_some() {
            let message = "only a data set of the hub has parts; name it with data = \"hf:OWNER/NAME\"";
            return Err(Question::new("config", message).into());
        }
        return Ok(Location { folder: folder.to_owned(), hub: None });
    };
    let name: HubName = text.parse().map_err(|error| {
        Question::new("data", format!("{error}; files of this machine are named with train and development"))
    })?;
    let snapshot = hub::snapshot(&name.to_string(), RepositoryKind::Dataset).map_err(DataError::from)?;
    let snapshot =
        snapshot.ok_or_else(|| Question::new("data", format!("`{text}` is not a data set of the hub")))?;
    Ok(Location { folder: part(&snapshot.folder, settings)?, hub: Some(snapshot.name) })
}

/// The folder of the part that is meant.
fn part(snapshot: &Path, settings: &DatasetSettings) -> Result<PathBuf, Question> {
    let parts = parts(snapshot);
    let names = || -> Vec<String> {
        parts.iter().filter_map(|part| Some(part.file_name()?.to_str()?.to_owned())).collect()
    };
    if let Some(config) = &settings.config {
        let mut inside = Path::new(config).components();
        let is_name = matches!((inside.next(), inside.next()), (Some(Component::Normal(_)), None));
        let folder = snapshot.join(config);
        if is_name && folder.is_dir() {
            return Ok(folder);
        }
        let found = if parts.is_empty() { "none".to_owned() } else { names().join(", ") };
        return Err(Question::new("config", format!("there is no part `{config}`; those here are {found}")));
    }
    // Names of files are then relative to all of it.
    if !settings.train.is_empty() || files::has_any(snapshot) {
        return Ok(snapshot.to_owned());
    }
    let whole = parts.iter().find(|part| part.ends_with(WHOLE_FOLDER));
    match (whole, parts.as_slice()) {
        (Some(only), _) | (None, [only]) => Ok(only.clone()),
        (None, []) => Ok(snapshot.to_owned()),
        (None, _) => Err(Question::new("config", format!("say which of its parts: {}", names().join(", ")))),
    }
}

/// The folders of a data set that have a training set.
fn parts(snapshot: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(snapshot).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut found: Vec<PathBuf> = entries.filter(|path| path.is_dir() && files::has_training(path)).collect();
    found.sort();
    found
}

//! Data of the user's own, as a page asks about them and has them written.

use crate::data::own::{self, Limits};
use crate::data::{self, uploads};
use crate::files::{self, FileError};
use crate::hub::data_folder;
use crate::model;
use std::path::{Path, PathBuf};
use tunemask_shared::dataset::{
    DataQuestion, DataSettings, DatasetFacts, DatasetSettings, OwnData, SETTINGS_FILE, SavedSettings,
};
use tunemask_shared::hub::HubName;

/// What is known of the user's own data in a data folder; `None` if there are none. Reads all files of the folder that is
/// meant. Where the model cannot be used, lengths are not known.
pub fn own_data(question: &DataQuestion) -> Option<OwnData> {
    // Why a folder cannot be used at all is said where it is inspected.
    let data = data_folder(Path::new(question.data.trim())).ok()?;
    let found = data::own_folders(&data).ok()?;
    let named = |folder: &PathBuf| within(&data, folder);
    let meant = question.folder.as_ref().and_then(|meant| found.iter().find(|f| named(f) == *meant));
    let folder = meant.or(found.first())?;
    let read = match &question.settings {
        Some(settings) => Ok(settings.clone()),
        None => own::read_settings(folder),
    };
    let (said, facts) = match read {
        Ok(said) => (said.clone(), facts(folder, said, question)),
        Err(error) => (DatasetSettings::default(), Err(error.within(folder).to_string())),
    };
    Some(OwnData { folder: named(folder), folders: found.iter().map(named).collect(), said, facts })
}

fn facts(folder: &Path, said: DatasetSettings, question: &DataQuestion) -> Result<DatasetFacts, String> {
    let tokenizer = model::tokenizer(&question.model).ok();
    let limits = tokenizer.as_ref().map(|tokenizer| Limits { tokenizer, max_length: question.max_length });
    own::check(folder, said, limits.as_ref(), &|_| ()).map_err(|error| error.within(folder).to_string())
}

/// Writes a folder's `dataset.toml`. One that is there is replaced if it is an upload's, or has the text that may be replaced.
pub fn save_own_data(home: &Path, asked: &DataSettings) -> SavedSettings {
    let failed = |reason: String| SavedSettings::Failed { reason };
    if HubName::is_meant(&asked.data) {
        return failed(format!(
            "{0} lies in the hub's cache, which stays as it was downloaded; save this as {SETTINGS_FILE} in a folder of its \
             own, with data = \"{0}\"",
            asked.data.trim()
        ));
    }
    let data = PathBuf::from(asked.data.trim());
    let found = data::own_folders(&data).unwrap_or_default();
    let Some(folder) = found.iter().find(|folder| within(&data, folder) == asked.folder) else {
        return failed(format!(
            "{}: there are no files of rows any more",
            data.join(&asked.folder).display()
        ));
    };
    let path = folder.join(SETTINGS_FILE);
    let text = own::settings_text(&asked.settings);
    let shown = path.display().to_string();
    match files::text(&path, files::SETTINGS) {
        Err(FileError::Missing(_)) => {}
        Err(error) => return failed(error.to_string()),
        Ok(old) if old == text || asked.over.as_ref() == Some(&old) || is_upload(home, folder) => {}
        Ok(text) => return SavedSettings::Exists { path: shown, text },
    }
    match own::write_settings(folder, &asked.settings) {
        Ok(()) => SavedSettings::Written { path: shown, text, task: own::name_of(folder, &asked.settings) },
        Err(error) => failed(error.to_string()),
    }
}

/// A folder's path within a data folder, empty for itself.
fn within(data: &Path, folder: &Path) -> String {
    folder.strip_prefix(data).unwrap_or(folder).to_string_lossy().into_owned()
}

/// Whether a folder was made of an upload into this home.
fn is_upload(home: &Path, folder: &Path) -> bool {
    let whole = |path: &Path| std::path::absolute(path).ok();
    uploads::is_kept(folder)
        && whole(folder).as_deref().and_then(Path::parent) == whole(&home.join("data")).as_deref()
}

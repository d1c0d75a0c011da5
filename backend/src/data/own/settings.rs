//! `dataset.toml` on the disk.

use crate::data::DataError;
use crate::files::{self, FileError};
use std::path::Path;
use tunemask_shared::dataset::{DatasetSettings, SETTINGS_FILE};

/// What a folder's `dataset.toml` says; nothing, where there is none.
///
/// # Errors
/// A file in place of the folder; one that is not TOML, or says something that is not known.
pub(crate) fn read(folder: &Path) -> Result<DatasetSettings, DataError> {
    if folder.is_file() {
        return Err(DataError::NotAFolder(folder.to_owned()));
    }
    let path = folder.join(SETTINGS_FILE);
    let text = match files::text(&path, files::SETTINGS) {
        Err(FileError::Missing(_)) => return Ok(DatasetSettings::default()),
        text => text?,
    };
    let unreadable = |why: String| DataError::Unreadable { path: path.clone(), why };
    let settings: DatasetSettings = toml::from_str(&text).map_err(|e| unreadable(e.to_string()))?;
    match wrong_split(&settings) {
        Some(why) => Err(unreadable(why)),
        None => Ok(settings),
    }
}

/// Why the share of the development set cannot be split off.
pub(super) fn wrong_split(settings: &DatasetSettings) -> Option<String> {
    let share = settings.split.filter(|&share| !(share > 0.0 && share < 1.0))?;
    Some(format!("split is {share}; expected a share between 0 and 1, such as 0.1"))
}

/// Writes a folder's `dataset.toml`, whole or not at all.
///
/// # Errors
/// The folder cannot be written to.
pub(crate) fn write(folder: &Path, settings: &DatasetSettings) -> Result<(), DataError> {
    let path = folder.join(SETTINGS_FILE);
    let failed = |cause| FileError::new(&path, cause);
    let mut builder = tempfile::Builder::new();
    // Those who share the folder may read it, as far as the user lets them: a temporary file's own rights are for nobody else.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let mut file = builder.tempfile_in(folder).map_err(failed)?;
    std::io::Write::write_all(&mut file, text(settings).as_bytes()).map_err(failed)?;
    file.persist(&path).map_err(|error| failed(error.error))?;
    Ok(())
}

/// The text of a `dataset.toml`.
pub(crate) fn text(settings: &DatasetSettings) -> String {
    // Nothing in it is beyond TOML.
    toml::to_string(settings).unwrap_or_default()
}

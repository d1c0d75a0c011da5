//! Which folders of a data folder are data of the user's own.

use super::dataset::Dataset;
use super::definition::name_of;
use super::files;
use super::memo;
use super::place::{self, Location};
use super::question::FindError;
use super::settings;
use crate::data::DataError;
use crate::data::frame::Watch;
use crate::data::record::TaskRecords;
use crate::data::uploads;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tunemask_shared::dataset::SETTINGS_FILE;
use tunemask_shared::task::{Task, TaskName};

/// Folders with a `dataset.toml`, or with a training file by its name: the data folder itself, for which any file of rows
/// will do, and those in it, but for `taken` ones and for uploads, each of which is a data folder of its own. Sorted by
/// path.
pub(crate) fn folders(data: &Path, taken: &[PathBuf]) -> Vec<PathBuf> {
    if data.join(SETTINGS_FILE).is_file() || files::has_any(data) {
        return vec![data.to_owned()];
    }
    let entries = fs::read_dir(data).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_own = |folder: &PathBuf| {
        folder.is_dir()
            && !taken.contains(folder)
            && !uploads::is_kept(folder)
            && !uploads::is_unfinished(folder)
            && (folder.join(SETTINGS_FILE).is_file() || files::has_training(folder))
    };
    let mut found: Vec<PathBuf> = entries.filter(is_own).collect();
    found.sort();
    found
}

/// The folder of a task by its name.
pub(crate) fn folder(name: &TaskName, data: &Path, taken: &[PathBuf]) -> Option<PathBuf> {
    let named =
        |folder: &PathBuf| settings::read(folder).is_ok_and(|s| name_of(folder, &s).as_ref() == Some(name));
    folders(data, taken).into_iter().find(named)
}

/// The task of a folder. What was found of files that have not changed since is not found again: to name a task takes
/// reading all of its files.
///
/// # Errors
/// As [`Dataset::read`].
pub(crate) fn task(folder: &Path) -> Result<Task, DataError> {
    let signature = signature(folder)?;
    if let Some(known) = memo::task(&signature) {
        return Ok(known);
    }
    Ok(read(folder, signature, &|_| ())?.task.clone())
}

/// The records of a folder, read anew unless they are still in memory.
///
/// # Errors
/// As [`Dataset::read`].
pub(in crate::data) fn records(folder: &Path, watch: Watch<'_>) -> Result<Arc<TaskRecords>, DataError> {
    let signature = signature(folder)?;
    let read = match memo::records(&signature) {
        Some(read) => read,
        None => read(folder, signature, watch)?,
    };
    Ok(read.records.clone())
}

/// Reads a folder, so that what asks for it next finds it in memory.
///
/// # Errors
/// As [`Dataset::read`].
pub(crate) fn read_ahead(folder: &Path, watch: Watch<'_>) -> Result<(), DataError> {
    records(folder, watch).map(|_| ())
}

/// Bytes of the files of rows of a folder, or of the data set that it names: about what there is to read.
///
/// # Errors
/// A folder or `dataset.toml` that cannot be read.
pub(crate) fn data_bytes(folder: &Path) -> Result<u64, DataError> {
    let place = location(folder)?;
    let files = files::data_files(&place.folder)?;
    Ok(files.iter().filter_map(|file| file.metadata().ok()).map(|metadata| metadata.len()).sum())
}

fn signature(folder: &Path) -> Result<memo::Signature, DataError> {
    Ok(memo::Signature::of([folder, &location(folder)?.folder]))
}

/// Where the files of a folder are; nowhere while that must be said.
fn location(folder: &Path) -> Result<Location, DataError> {
    match place::find(folder, &settings::read(folder)?) {
        Ok(place) => Ok(place),
        Err(FindError::Question(_)) => Ok(Location::default()),
        Err(FindError::Data(error)) => Err(error),
    }
}

fn read(folder: &Path, signature: memo::Signature, watch: Watch<'_>) -> Result<memo::Read, DataError> {
    let (task, records) = Dataset::read(folder, watch)?;
    let read = memo::Read { task, records: Arc::new(records) };
    memo::keep(signature, &read);
    Ok(read)
}

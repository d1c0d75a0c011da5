//! Where a data folder holds which task.

use super::DataError;
use super::file_names::names;
use super::parts;
use crate::files::{self, FileError};
use sha2::{Digest, Sha256};
use std::fs;
use std::path::{Path, PathBuf};
use tunemask_shared::run::hexadecimal;
use tunemask_shared::task::{ColumnTask, Source, Task, TaskName};

/// A file of a task.
pub(super) struct File {
    /// `train`, or a name of `Task::development_sets`.
    pub set: String,
    pub path: PathBuf,
    pub bytes: Vec<u8>,
}

impl File {
    /// Its name without its folder.
    pub(super) fn name(&self) -> String {
        self.path.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }
}

/// Folders of tasks, as they are spelled here and there.
const SPELLINGS: [(&str, ColumnTask); 7] = [
    ("conll2003", ColumnTask::Ner),
    ("conll03", ColumnTask::Ner),
    ("ner", ColumnTask::Ner),
    ("ptb", ColumnTask::Pos),
    ("penntreebank", ColumnTask::Pos),
    ("wsj", ColumnTask::Pos),
    ("pos", ColumnTask::Pos),
];

/// The sources of the tasks that a folder holds, in the order of tasks.
///
/// # Errors
/// No such folder, one that cannot be listed, or one without any task.
pub(super) fn sources_in(data: &Path) -> Result<Vec<Source>, DataError> {
    let sources = sources_of_part(data, None)?;
    if sources.is_empty() { Err(DataError::NoTasks(data.to_owned())) } else { Ok(sources) }
}

/// A task's folder.
///
/// # Errors
/// A data folder that is not there or cannot be listed, or that does not hold the task.
pub(super) fn folder(source: Source, data: &Path) -> Result<PathBuf, DataError> {
    let found = folders(data)?.into_iter().find(|(found, _)| *found == source);
    found
        .map(|(_, folder)| folder)
        .ok_or_else(|| DataError::NoTask { folder: data.to_owned(), wanted: source })
}

/// The sources of the tasks that a folder holds, of all its parts or of the one in a folder of this name.
///
/// # Errors
/// A data folder that is not there or cannot be listed.
pub(super) fn sources_of_part(data: &Path, part: Option<&str>) -> Result<Vec<Source>, DataError> {
    let is_meant = |folder: &Path| part.is_none_or(|part| folder == data.join(part));
    let found = folders(data)?.into_iter().filter(|(_, folder)| is_meant(folder));
    let mut sources: Vec<Source> = found.map(|(source, _)| source).collect();
    sources.dedup();
    Ok(sources)
}

/// The folders of known tasks in a data folder.
///
/// # Errors
/// A data folder that is not there or cannot be listed.
pub(super) fn taken(data: &Path) -> Result<Vec<PathBuf>, DataError> {
    Ok(folders(data)?.into_iter().map(|(_, folder)| folder).collect())
}

/// The training file of a task's folder, or a file of a development set: the first name that is there.
pub(super) fn file(source: Source, folder: &Path, set: &str) -> Option<PathBuf> {
    names(source, set).into_iter().map(|name| folder.join(name)).find(|path| path.is_file())
}

/// Other files of a set beside the one that is read.
pub(super) fn unread(source: Source, folder: &Path, set: &str) -> Vec<String> {
    names(source, set).into_iter().filter(|name| folder.join(name).is_file()).skip(1).collect()
}

/// A set's file with its bytes.
///
/// # Errors
/// No file of the set, or one that cannot be read.
pub(super) fn open(source: Source, folder: &Path, set: &str) -> Result<File, DataError> {
    let usual = || folder.join(&names(source, set)[0]);
    let path = file(source, folder, set).unwrap_or_else(usual);
    let bytes = files::bytes(&path, files::DATA)?;
    Ok(File { set: set.to_owned(), path, bytes })
}

/// SHA-256 over a task's files, in hexadecimal.
pub(super) fn digest(files: &[File]) -> String {
    digest_of(files.iter().map(|file| (file.set.as_str(), file.bytes.as_slice())))
}

/// SHA-256 over sets, each a name and its file's bytes, in hexadecimal.
pub(super) fn digest_of<'a>(sets: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (set, bytes) in sets {
        hash.update(format!("{set} {}\n", bytes.len()));
        hash.update(bytes);
    }
    hexadecimal(&hash.finalize())
}

/// Folders named after a task, in any case, that have a training file; also those in a folder named `glue`.
fn folders(data: &Path) -> Result<Vec<(Source, PathBuf)>, DataError> {
    if !data.is_dir() {
        return Err(DataError::no_folder(data));
    }
    let mut found = Vec::new();
    for path in entries(data)? {
        if path.is_dir() && plain_name(&path) == "glue" {
            found.extend(entries(&path)?.into_iter().filter_map(|inner| source(&inner)));
        }
        found.extend(source(&path));
    }
    // Where `RTE` and `rte` both stand, the official spelling comes first, and the outer folder before an inner one.
    found.sort_by_key(|(source, path)| {
        let official = source.folder().is_some_and(|name| path.ends_with(name));
        (*source, path.components().count(), !official, path.clone())
    });
    Ok(found)
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let read = |cause| FileError::new(folder, cause);
    let entries = fs::read_dir(folder).map_err(read)?;
    Ok(entries.map(|entry| entry.map(|e| e.path()).map_err(read)).collect::<Result<_, _>>()?)
}

/// The folder's name in lower case, without `-` and `_`.
fn plain_name(path: &Path) -> String {
    let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default().to_lowercase();
    name.chars().filter(|c| !matches!(c, '-' | '_')).collect()
}

/// The source that a folder is.
fn source(path: &Path) -> Option<(Source, PathBuf)> {
    let name = plain_name(path);
    let spelled =
        SPELLINGS.into_iter().find(|(spelling, _)| *spelling == name).map(|(_, task)| Source::Columns(task));
    let glue = || match Task::known(&name.parse::<TaskName>().ok()?)?.source() {
        source @ Source::Glue(_) => Some(source),
        Source::Columns(_) | Source::BuiltIn(_) | Source::Own => None,
    };
    let source = spelled.or_else(glue)?;
    let is_there = file(source, path, "train").is_some() || parts::has_training(path);
    is_there.then(|| (source, path.to_owned()))
}

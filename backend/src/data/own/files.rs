//! Which files are which set: as `dataset.toml` says, else by their names, as the datasets library tells splits.

use super::super::frame::{ENDINGS, ending};
use crate::data::DataError;
use crate::files::{FileError, is_of_pattern};
use std::fs;
use std::path::{Path, PathBuf};
use tunemask_shared::dataset::DatasetSettings;
use tunemask_shared::experiment::FieldError;

/// The files of a folder.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Files {
    pub train: Vec<PathBuf>,
    /// Empty where a share of the training examples is to be split off.
    pub development: Vec<PathBuf>,
}

const TRAIN: [&str; 2] = ["train", "training"];
const DEVELOPMENT: [&str; 5] = ["validation", "valid", "dev", "development", "val"];
const TEST: [&str; 4] = ["test", "testing", "eval", "evaluation"];

/// The files of each set; what cannot be told, as questions; what is left out, as notes.
///
/// # Errors
/// A folder that is not there or cannot be listed.
pub(super) fn find(
    folder: &Path,
    settings: &DatasetSettings,
    questions: &mut Vec<FieldError>,
    notes: &mut Vec<String>,
) -> Result<Files, DataError> {
    let mut files = Files::default();
    let mut ask = |field: &str, message: String| questions.push(FieldError { field: field.into(), message });
    for (field, named, found) in [
        ("train", &settings.train, &mut files.train),
        ("development", &settings.development, &mut files.development),
    ] {
        for pattern in named {
            let matches = matching(folder, pattern)?;
            if matches.is_empty() {
                ask(field, format!("there is no file `{pattern}` in {}", folder.display()));
            }
            found.extend(matches);
        }
    }
    if !settings.train.is_empty() {
        return Ok(files);
    }
    let here = data_files(folder)?;
    let of = |words: &[&str]| -> Vec<PathBuf> {
        here.iter()
            .filter(|path| split_words(folder, path).iter().any(|w| words.contains(&w.as_str())))
            .cloned()
            .collect()
    };
    let (train, development, test) = (of(&TRAIN), of(&DEVELOPMENT), of(&TEST));
    let rest: Vec<PathBuf> = here
        .iter()
        .filter(|p| ![&train, &development, &test].iter().any(|set| set.contains(p)))
        .cloned()
        .collect();
    files.train = if train.is_empty() { rest.clone() } else { train };
    files.train.retain(|path| !files.development.contains(path));
    if settings.development.is_empty() {
        files.development = development;
    }
    if let Some(path) = test.first() {
        notes.push(format!("{} is a test set by its name, and is not read", name(folder, path)));
    }
    for (field, set) in [("train", &files.train), ("development", &files.development)] {
        let shards =
            set.iter().all(|path| path.file_stem().is_some_and(|s| s.to_string_lossy().contains("-of-")));
        let inside = set.iter().all(|path| path.parent() != Some(folder));
        if set.len() > 1 && !(shards || inside) {
            let names = set.iter().map(|path| name(folder, path)).collect::<Vec<_>>().join(", ");
            ask(field, format!("say which of these files, or that all of them: {names}"));
        }
    }
    if files.train.is_empty() {
        let endings = ENDINGS.map(|ending| format!(".{ending}")).join(", ");
        ask(
            "train",
            format!(
                "there is no file of rows in {} ({endings}); spreadsheets must be saved as CSV",
                folder.display()
            ),
        );
    }
    Ok(files)
}

/// Whether a folder holds a file that could be data of one's own.
pub(super) fn has_any(folder: &Path) -> bool {
    data_files(folder).is_ok_and(|files| !files.is_empty())
}

/// Whether a folder holds a training file by its name.
pub(super) fn has_training(folder: &Path) -> bool {
    let is_training =
        |path: &PathBuf| split_words(folder, path).iter().any(|word| TRAIN.contains(&word.as_str()));
    data_files(folder).is_ok_and(|files| files.iter().any(is_training))
}

/// A file's path within its folder.
pub(super) fn name(folder: &Path, path: &Path) -> String {
    path.strip_prefix(folder).unwrap_or(path).to_string_lossy().into_owned()
}

/// The words of a file's name and of the folders between, in lower case.
fn split_words(folder: &Path, path: &Path) -> Vec<String> {
    let named = name(folder, path).to_lowercase();
    let ends = |c: char| matches!(c, '-' | '.' | '_' | ' ' | '/' | '\\') || c.is_ascii_digit();
    named.split(ends).map(str::to_owned).collect()
}

/// Files of rows in a folder, in its folder `data`, and in folders named after a split; by name.
pub(super) fn data_files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    if !folder.is_dir() {
        return Err(DataError::no_folder(folder));
    }
    let mut found = Vec::new();
    for path in entries(folder)? {
        let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
        let splits = [&TRAIN[..], &DEVELOPMENT, &TEST].concat();
        if path.is_dir() && (name == "data" || splits.contains(&name.as_str())) {
            found.extend(entries(&path)?.into_iter().filter(|path| is_data(path)));
        } else if is_data(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

/// Whether a file has rows, by its name: `dataset_info.json` and the like describe them.
fn is_data(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy().to_lowercase();
    let describes =
        ["dataset_info.json", "dataset_infos.json", "dataset_dict.json", "state.json", "config.json"];
    ending(path).is_some_and(|ending| ENDINGS.contains(&ending.as_str()))
        && !name.starts_with('.')
        && !describes.contains(&name.as_str())
        && path.is_file()
}

fn entries(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |cause| FileError::new(folder, cause);
    let entries = fs::read_dir(folder).map_err(failed)?;
    Ok(entries.map(|entry| entry.map(|e| e.path()).map_err(failed)).collect::<Result<_, _>>()?)
}

/// The files that a path with `*` in its last part means, by name.
fn matching(folder: &Path, pattern: &str) -> Result<Vec<PathBuf>, DataError> {
    let path = folder.join(pattern);
    let last = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if !last.contains('*') {
        return Ok(if path.is_file() { vec![path] } else { Vec::new() });
    }
    let inner = path.parent().unwrap_or(folder);
    if !inner.is_dir() {
        return Ok(Vec::new());
    }
    let fits = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.is_file() && is_of_pattern(&last, &name)
    };
    let mut found: Vec<PathBuf> = entries(inner)?.into_iter().filter(fits).collect();
    found.sort();
    Ok(found)
}

//! Which parquet files are a set's, by their names.

use super::DataError;
use crate::files::FileError;
use std::fs;
use std::path::{Path, PathBuf};

/// Whether a task's folder holds a training set in parquet.
pub(super) fn has_training(folder: &Path) -> bool {
    parts(folder, "train").is_ok_and(|parts| !parts.is_empty())
}

/// The file that a reader may look for: the usual name of a set's first one.
pub(super) fn usual(set: &str) -> String {
    format!("{}-00000-of-00001.parquet", stems(set).swap_remove(0))
}

/// The parquet files of a set in order, by the first of its names that has any: `NAME.parquet`, its shards
/// `NAME-00000-of-00002.parquet`, or all files of a folder `NAME`.
///
/// # Errors
/// A folder that cannot be listed; a shard that is missing.
pub(super) fn parts(folder: &Path, set: &str) -> Result<Vec<PathBuf>, DataError> {
    let here = parquet_files(folder)?;
    for name in &stems(set) {
        let whole = format!("{name}.parquet");
        if let Some(file) = here.iter().find(|path| path.ends_with(&whole)) {
            return Ok(vec![file.clone()]);
        }
        let mut shards: Vec<(u32, u32, &PathBuf)> = Vec::new();
        shards.extend(here.iter().filter_map(|path| {
            let (number, count) = shard(path, name)?;
            Some((number, count, path))
        }));
        if let Some(&(_, count, _)) = shards.first() {
            complete(folder, name, count, &shards)?;
            return Ok(shards.into_iter().map(|(_, _, path)| path.clone()).collect());
        }
        let inner = folder.join(name);
        if inner.is_dir() {
            let files = parquet_files(&inner)?;
            if !files.is_empty() {
                return Ok(files);
            }
        }
    }
    Ok(Vec::new())
}

/// How the names of a set's files begin.
fn stems(set: &str) -> Vec<String> {
    let forms = |ending: &str| ["validation", "dev", "valid"].map(|stem| format!("{stem}{ending}")).to_vec();
    match set {
        "train" => vec!["train".to_owned()],
        "matched" | "mismatched" => forms(&format!("_{set}")),
        _ => forms(""),
    }
}

/// A shard's number, and how many there are.
fn shard(path: &Path, name: &str) -> Option<(u32, u32)> {
    let rest = path.file_stem()?.to_str()?.strip_prefix(name)?.strip_prefix('-')?;
    let (number, count) = rest.split_once("-of-")?;
    Some((number.parse().ok()?, count.parse().ok()?))
}

fn complete(folder: &Path, name: &str, count: u32, shards: &[(u32, u32, &PathBuf)]) -> Result<(), DataError> {
    let unreadable = |why| Err(DataError::Unreadable { path: folder.to_owned(), why });
    if let Some((_, other, _)) = shards.iter().find(|(_, other, _)| *other != count) {
        return unreadable(format!(
            "shards of two versions of {name}, one in {count} files and one in {other}"
        ));
    }
    match (0..count).find(|number| !shards.iter().any(|(found, ..)| found == number)) {
        Some(missing) => unreadable(format!("{name}-{missing:05}-of-{count:05}.parquet is missing")),
        None => Ok(()),
    }
}

/// By name.
fn parquet_files(folder: &Path) -> Result<Vec<PathBuf>, DataError> {
    let failed = |cause| FileError::new(folder, cause);
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        if path.extension().is_some_and(|ending| ending == "parquet") && path.is_file() {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

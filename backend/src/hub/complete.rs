//! What a snapshot already holds of what is needed.

use super::cache::Repository;
use super::data_names::{is_development, is_of_task, is_training};
use super::folder::data_files;
use super::wanted::{CONFIG, TOKENIZER, WEIGHTS, Wanted};
use serde_json::Value;
use std::path::Path;

/// How much of what is needed is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Holding {
    /// All of it.
    Whole,
    /// All that must be there; whether the repository has more that decides how text becomes ids is not known.
    Usable,
    /// Something that must be there is missing.
    Partial,
}

/// How much of what is needed a snapshot holds.
pub(super) fn holding(repository: &Repository, commit: &str, wanted: &Wanted) -> Holding {
    let folder = repository.snapshot(commit);
    match wanted {
        Wanted::Model => {
            if !is_model(&folder) {
                return Holding::Partial;
            }
            let is_known =
                |name: &str| folder.join(name).exists() || repository.is_known_absent(commit, name);
            let whole = repository.is_listed(commit) || TOKENIZER.into_iter().all(is_known);
            if whole { Holding::Whole } else { Holding::Usable }
        }
        Wanted::Data(tasks) => {
            let paths = data_files(&folder);
            let of_task = |task: &String| -> Vec<&String> {
                paths.iter().filter(|path| is_of_task(path, task)).collect()
            };
            let named: Vec<Vec<&String>> = tasks.iter().map(of_task).collect();
            // Data of one task only: where there are folders, they might be those of other tasks.
            let of_one_task = || paths.iter().any(|path| !path.contains('/') || path.starts_with("data/"));
            match () {
                () if paths.is_empty() => Holding::Partial,
                () if tasks.is_empty() => Holding::Usable,
                () if named.iter().all(|found| is_learnable(found)) => Holding::Whole,
                () if named.iter().all(Vec::is_empty) && of_one_task() => Holding::Whole,
                () => Holding::Partial,
            }
        }
    }
}

/// A training set with all its parts and a development set.
fn is_learnable(paths: &[&String]) -> bool {
    let training: Vec<&&String> = paths.iter().filter(|path| is_training(path)).collect();
    let parts = training.iter().find_map(|path| parts(path)).unwrap_or(1);
    training.len() >= parts.max(1) && paths.iter().any(|path| is_development(path))
}

/// How many parts a file says its set has: `train-00000-of-00002.parquet`.
fn parts(path: &str) -> Option<usize> {
    let (_, rest) = path.rsplit_once("-of-")?;
    rest.split('.').next()?.parse().ok()
}

fn is_model(folder: &Path) -> bool {
    let there = |name: &str| folder.join(name).exists();
    there(CONFIG) && (there(TOKENIZER[0]) || there(TOKENIZER[1])) && has_weights(folder)
}

fn has_weights(folder: &Path) -> bool {
    WEIGHTS.into_iter().any(|(whole, ..)| {
        let index = folder.join(format!("{whole}.index.json"));
        folder.join(whole).exists()
            || indexed(&index).is_some_and(|parts| parts.iter().all(|part| folder.join(part).exists()))
    })
}

/// The files that an index names.
fn indexed(index: &Path) -> Option<Vec<String>> {
    let index: Value = serde_json::from_slice(&std::fs::read(index).ok()?).ok()?;
    let files = index.get("weight_map")?.as_object()?.values();
    let mut files: Vec<String> = files.filter_map(|file| Some(file.as_str()?.to_owned())).collect();
    files.sort();
    files.dedup();
    Some(files).filter(|files| !files.is_empty())
}

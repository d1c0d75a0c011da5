//! What a snapshot already holds of what is needed.

use super::cache::Repository;
use super::data_names::{is_development, is_of_whole, is_training, of_task, own_name};
use super::folder::data_files;
use super::wanted::{CONFIG, TOKENIZER, WEIGHTS, Wanted, has_vocabulary};
use crate::files::is_of_pattern;
use serde_json::Value;
use std::path::Path;

/// How much of what is needed is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Holding {
    /// Something that must be there is missing.
    Partial,
    /// All that must be there; whether the repository has more is not known: a file that decides how text becomes ids, or a
    /// development set.
    Usable,
    /// All of it.
    Whole,
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
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            let state = State { repository, commit };
            match () {
                () if paths.is_empty() => Holding::Partial,
                () if tasks.is_empty() => Holding::Usable,
                // Data of one task only: where there are folders, they might be those of other tasks.
                () if tasks
                    .iter()
                    .all(|task| own_name(task).is_none() && of_task(&paths, task).is_empty())
                    && paths.iter().any(|path| is_of_whole(path)) =>
                {
                    Holding::Whole
                }
                () => tasks.iter().map(|task| state.task(&paths, task)).min().unwrap_or(Holding::Partial),
            }
        }
        Wanted::Files(patterns) => {
            let paths = data_files(&folder);
            let is_here = |pattern: &String| {
                let found: Vec<&str> =
                    paths.iter().map(String::as_str).filter(|path| is_of_pattern(pattern, path)).collect();
                has_all_parts(&found)
            };
            if patterns.iter().all(is_here) { Holding::Whole } else { Holding::Partial }
        }
    }
}

/// What a repository is at a commit.
#[derive(Clone, Copy)]
struct State<'a> {
    repository: &'a Repository,
    commit: &'a str,
}

impl State<'_> {
    fn task(self, paths: &[&str], task: &str) -> Holding {
        let found = of_task(paths, task);
        let training: Vec<&str> = found.iter().copied().filter(|path| is_training(path)).collect();
        let development = found.iter().any(|path| is_development(path));
        match own_name(task) {
            None if has_all_parts(&training) && development => Holding::Whole,
            None => Holding::Partial,
            // A single file need not be named after a set.
            Some(_) if !has_all_parts(if training.is_empty() { &found } else { &training }) => {
                Holding::Partial
            }
            Some(own) if development || self.lacks_development(&own) => Holding::Whole,
            Some(_) => Holding::Usable,
        }
    }

    /// Whether a task of the user's own is known to have no development set.
    fn lacks_development(self, own: &str) -> bool {
        let State { repository, commit } = self;
        repository.is_listed(commit) || repository.is_known_absent(commit, &development_mark(own))
    }
}

/// The file that is kept as absent of a task of the user's own that has no development set.
pub(super) fn development_mark(own: &str) -> String {
    format!("{own}/validation")
}

/// Whether there is a file, and all those that it says to be parts of the same set.
fn has_all_parts(paths: &[&str]) -> bool {
    let parts = paths.iter().find_map(|path| parts(path)).unwrap_or(1);
    paths.len() >= parts.max(1)
}

/// How many parts a file says its set has: `train-00000-of-00002.parquet`.
fn parts(path: &str) -> Option<usize> {
    let (_, rest) = path.rsplit_once("-of-")?;
    rest.split('.').next()?.parse().ok()
}

fn is_model(folder: &Path) -> bool {
    let there = |name: &str| folder.join(name).exists();
    there(CONFIG) && has_vocabulary(there) && has_weights(folder)
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

//! Models and data that lie on this machine: what is built in, what is in the hub's cache, and what is in folders named `models` and
//! `data`, of the home folder and of the folder in which the program was started.

use crate::hub::{self, Environment};
use crate::{data, model};
use std::path::{Path, PathBuf};
use tunemask_shared::experiment::BUILTIN_MODEL;
use tunemask_shared::facts::{Local, OnMachine};
use tunemask_shared::hub::RepositoryKind;
use tunemask_shared::text::count;

/// Most of a kind that are listed of a folder.
const MAX_LISTED: usize = 500;

/// What is on this machine and can be used: of models, those whose config is one of a BERT. No request is made.
pub fn on_machine(home: &Path) -> OnMachine {
    let environment = Environment::of_process().ok();
    let cached = |kind| {
        let found = environment.as_ref().and_then(|environment| hub::cached(environment, kind).ok());
        found.unwrap_or_default()
    };
    let built_in = described(BUILTIN_MODEL.to_owned(), 0);
    let of_hub = cached(RepositoryKind::Model)
        .into_iter()
        .filter_map(|found| described(found.name.to_string(), found.bytes));
    let in_folders = folders(home, "models").into_iter().filter_map(|folder| described(text(&folder)?, 0));
    let models = built_in.into_iter().chain(of_hub).chain(in_folders).collect();
    let of_hub = cached(RepositoryKind::Dataset).into_iter().map(|found| {
        let note = tasks(&found.folder).unwrap_or_default();
        Local { name: found.name.to_string(), note, bytes: found.bytes }
    });
    let whole = [home.join("data"), PathBuf::from("data")]
        .into_iter()
        .filter_map(|path| std::path::absolute(path).ok());
    let in_folders = whole.chain(folders(home, "data")).filter_map(|folder| {
        let note = tasks(&folder)?;
        Some(Local { name: text(&folder)?, note, bytes: 0 })
    });
    let mut data: Vec<Local> = of_hub.chain(in_folders).collect();
    data.dedup();
    OnMachine { models, data, places: Vec::new() }
}

/// A model by its name, if it can be used.
fn described(name: String, bytes: u64) -> Option<Local> {
    let facts = model::shape(&name).ok()?;
    let case = if facts.cased { "cased" } else { "uncased" };
    let note = format!("{} of width {}, {case}", count(facts.shape.layers, "block"), facts.shape.hidden);
    Some(Local { name, note, bytes })
}

/// The tasks of a data folder, if it holds any. Its files are not read: there may be many folders, and large files.
fn tasks(folder: &Path) -> Option<String> {
    Some(data::titles_in(folder).ok()?.join(", "))
}

/// The folders in folders of this name, by name.
fn folders(home: &Path, named: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for above in [home.join(named), PathBuf::from(named)] {
        let Ok(above) = std::path::absolute(above) else { continue };
        let inner = above.read_dir().into_iter().flatten().flatten().map(|entry| entry.path());
        let seen = |path: &PathBuf| {
            let hidden = path.file_name().is_some_and(|name| name.to_string_lossy().starts_with('.'));
            !hidden && path.is_dir()
        };
        let mut inner: Vec<PathBuf> = inner.filter(seen).take(MAX_LISTED).collect();
        inner.sort();
        found.append(&mut inner);
    }
    found.dedup();
    found
}

fn text(folder: &Path) -> Option<String> {
    folder.to_str().map(str::to_owned)
}

//! What of a repository is needed. Nothing else of it is downloaded: a model's repository often holds its weights for three
//! libraries.

use super::data_names::{
    FORMATS, has_format, is_data, is_of_whole, is_test, is_training, known_of, of_task, own_name,
};
use super::listing::Entry;
use crate::files::is_of_pattern;
use std::collections::BTreeSet;
use tunemask_shared::hub::RepositoryKind;

/// A model's config.
pub(super) const CONFIG: &str = "config.json";
/// Files that decide how text becomes ids; a model has some of them.
pub(super) const TOKENIZER: [&str; 5] =
    ["tokenizer.json", "vocab.txt", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"];
/// The two that say it of a byte-level BPE, where there is no `tokenizer.json`.
const LISTS: [&str; 2] = ["vocab.json", "merges.txt"];

/// Whether there is a file that a tokenizer can be made of, or both of two.
pub(super) fn has_vocabulary(is_there: impl Fn(&str) -> bool) -> bool {
    is_there(TOKENIZER[0]) || is_there(TOKENIZER[1]) || LISTS.into_iter().all(is_there)
}

/// Files of weights in the order in which they are looked for, with what their parts begin and end with.
pub(super) const WEIGHTS: [(&str, &str, &str); 2] =
    [("model.safetensors", "model-", ".safetensors"), ("pytorch_model.bin", "pytorch_model-", ".bin")];
/// What a user says of a data set.
const SETTINGS: &str = "dataset.toml";
/// Weights that cannot be read.
const FOREIGN: [&str; 6] = [
    "adapter_config.json",
    "tf_model.h5",
    "flax_model.msgpack",
    "rust_model.ot",
    "model.onnx",
    "bert_model.ckpt.index",
];
/// What weights for llama.cpp end with, which cannot be read either.
const GGUF: &str = ".gguf";

/// What of a repository is needed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// Config, tokenizer and one form of the weights.
    Model,
    /// The training and development sets of these tasks, by name; of none: of all.
    Data(Vec<String>),
    /// Files of data by their paths, in which `*` stands for any characters of the last part.
    Files(Vec<String>),
}

impl Wanted {
    /// What kind of repository it is.
    pub fn kind(&self) -> RepositoryKind {
        match self {
            Wanted::Model => RepositoryKind::Model,
            Wanted::Data(_) | Wanted::Files(_) => RepositoryKind::Dataset,
        }
    }

    /// What is needed of what is listed, in the order in which it is downloaded.
    ///
    /// # Errors
    /// What is needed is not there: a sentence's end that says what was found.
    pub(super) fn pick<'a>(&self, listed: &'a [Entry]) -> Result<Vec<&'a Entry>, String> {
        match self {
            Wanted::Model => model(listed),
            Wanted::Data(tasks) => data(listed, tasks),
            Wanted::Files(patterns) => files(listed, patterns),
        }
    }
}

fn model(listed: &[Entry]) -> Result<Vec<&Entry>, String> {
    let find = |name: &str| listed.iter().find(|entry| entry.path == name);
    let gguf = || listed.iter().map(|entry| entry.path.as_str()).find(|path| path.ends_with(GGUF));
    let foreign = || FOREIGN.into_iter().find(|name| find(name).is_some()).or_else(gguf);
    let Some(config) = find(CONFIG) else {
        let found = foreign().map_or_else(String::new, |name| format!(", but {name}"));
        return Err(format!("is not a model that can be read: it has no config.json{found}"));
    };
    let lists = LISTS.into_iter().filter(|_| find(TOKENIZER[0]).is_none());
    let tokenizer: Vec<&Entry> = TOKENIZER.into_iter().chain(lists).filter_map(find).collect();
    if !has_vocabulary(|name| find(name).is_some()) {
        let why = "has no tokenizer that can be read: no tokenizer.json, no vocab.txt, no vocab.json with merges.txt";
        return Err(why.into());
    }
    for (whole, start, end) in WEIGHTS {
        let index = format!("{whole}.index.json");
        let weights: Vec<&Entry> = match (find(whole), find(&index)) {
            (Some(whole), _) => vec![whole],
            (None, Some(index)) => {
                let part = |entry: &&Entry| entry.path.starts_with(start) && entry.path.ends_with(end);
                std::iter::once(index).chain(listed.iter().filter(part)).collect()
            }
            (None, None) => continue,
        };
        return Ok(std::iter::once(config).chain(tokenizer).chain(weights).collect());
    }
    let found = foreign().map_or_else(String::new, |name| format!("; it has {name}, which cannot be read"));
    Err(format!("has neither model.safetensors nor pytorch_model.bin{found}"))
}

fn data<'a>(listed: &'a [Entry], tasks: &[String]) -> Result<Vec<&'a Entry>, String> {
    let of = |formats: &[&str]| -> Vec<&Entry> {
        listed.iter().filter(|entry| has_format(&entry.path, formats)).collect()
    };
    let Some(all) = FORMATS.into_iter().map(of).find(|found| !found.is_empty()) else {
        return Err("has no data that can be read: no parquet, CSV, TSV or JSON".into());
    };
    let paths: Vec<&str> = all.iter().map(|entry| entry.path.as_str()).collect();
    let named: BTreeSet<&str> = tasks.iter().flat_map(|task| of_task(&paths, task)).collect();
    if named.is_empty() {
        one_of_many(&paths, tasks)?;
    }
    let is_meant = |entry: &&Entry| named.is_empty() || named.contains(entry.path.as_str());
    let meant: Vec<&Entry> = all.iter().copied().filter(is_meant).collect();
    let learnt: Vec<&Entry> = meant.iter().copied().filter(|entry| !is_test(&entry.path)).collect();
    let mut picked = if learnt.is_empty() { meant } else { learnt };
    // A folder whose training set is there has all the rest.
    picked.sort_by_key(|entry| is_training(&entry.path));
    let settings = listed.iter().filter(|entry| entry.path == SETTINGS);
    Ok(settings.chain(picked).collect())
}

/// A data set of several parts, of which a task of the user's own is none, is not downloaded whole.
fn one_of_many(paths: &[&str], tasks: &[String]) -> Result<(), String> {
    const NAMED: usize = 10;
    let folders: BTreeSet<&str> = paths
        .iter()
        .filter(|path| !is_of_whole(path))
        .filter_map(|path| Some(path.split_once('/')?.0))
        .collect();
    if folders.len() < 2 || !tasks.iter().any(|task| own_name(task).is_some()) {
        return Ok(());
    }
    let more = if folders.len() > NAMED { ", …" } else { "" };
    let named: Vec<&str> = folders.iter().copied().take(NAMED).collect();
    let known = known_of(paths);
    if !known.is_empty() {
        return Err(format!(
            "has several parts ({}{more}), of which some are known tasks: train with tasks = [\"{}\"], or name a part \
             of your own with config = \"{}\" in a dataset.toml",
            named.join(", "),
            known.join("\", \""),
            named.first().unwrap_or(&""),
        ));
    }
    Err(format!(
        "has several parts ({}{more}); name one, as the task own:{first} or with config = \"{first}\" in a dataset.toml",
        named.join(", "),
        first = named.first().unwrap_or(&""),
    ))
}

fn files<'a>(listed: &'a [Entry], patterns: &[String]) -> Result<Vec<&'a Entry>, String> {
    let of = |pattern: &String| -> Vec<&Entry> {
        listed.iter().filter(|entry| is_data(&entry.path) && is_of_pattern(pattern, &entry.path)).collect()
    };
    if let Some(none) = patterns.iter().find(|pattern| of(pattern).is_empty()) {
        return Err(format!("has no file of data `{none}`"));
    }
    let meant: BTreeSet<&str> = patterns.iter().flat_map(of).map(|entry| entry.path.as_str()).collect();
    Ok(listed.iter().filter(|entry| meant.contains(entry.path.as_str())).collect())
}

//! Folders of data: what is in them, and all of their tasks.

use super::depth::is_toml;
use super::scratch::{put, scratch};
use super::{Depth, Target};
use std::path::Path;
use std::sync::OnceLock;
use tunemask::model::Tokenizer;
use tunemask::{data, lab, model};
use tunemask_shared::dataset::DataQuestion;
use tunemask_shared::experiment::BUILTIN_MODEL;
use tunemask_shared::task::TaskName;

/// A file of a folder.
struct Named<'a> {
    name: &'a str,
    bytes: &'a [u8],
}

/// The folders in which an input stands, by the names that it has there.
fn folders(target: Target) -> &'static [&'static [&'static str]] {
    match target {
        Target::Tsv => &[&["RTE/train.tsv", "RTE/dev.tsv"], &["train.tsv", "dev.tsv"]],
        Target::Csv => &[&["train.csv", "dev.csv"]],
        Target::JsonLines => &[&["train.jsonl", "dev.jsonl"], &["train.json", "dev.json"]],
        Target::Conll => {
            &[&["conll2003/train.txt", "conll2003/valid.txt"], &["ptb/train.txt", "ptb/dev.txt"]]
        }
        Target::Parquet => &[
            &["rte/train-00000-of-00001.parquet", "rte/validation-00000-of-00001.parquet"],
            &["conll2003/train/0000.parquet", "conll2003/validation/0000.parquet"],
            &["train.parquet", "dev.parquet"],
        ],
        _ => &[],
    }
}

/// Lets a file of rows in, in every place where one may stand.
pub(super) fn rows(target: Target, input: &[u8]) -> Depth {
    let named =
        |names: &&[&'static str]| names.iter().map(|&name| Named { name, bytes: input }).collect::<Vec<_>>();
    let deepest = folders(target).iter().map(|names| folder(&named(names))).max();
    // Columns of words are no rows for whoever reads a user's own.
    let is_text = target == Target::Conll && std::str::from_utf8(input).is_ok();
    deepest.unwrap_or(Depth::Refused).max(Depth::of(is_text, false))
}

/// Lets a `dataset.toml` in, beside files of which it may speak.
pub(super) fn dataset_toml(input: &[u8]) -> Depth {
    const ROWS: &[u8] = b"id,review,other,stars,score,kinds\n\
        1,the dog sleeps,no dog,good,1.5,a|b\n2,no dog,the dog,bad,0.25,b\n\
        3,the dog,a cat,good,2,\n4,a cat sleeps,the dog,bad,1,a\n";
    const WORDS: &[u8] = b"{\"words\": [\"the\", \"dog\"], \"tags\": [\"O\", \"B-PER\"]}\n\
        {\"words\": [\"sleeps\"], \"tags\": [\"O\"]}\n";
    let files = [
        Named { name: "reviews/dataset.toml", bytes: input },
        Named { name: "reviews/train.csv", bytes: ROWS },
        Named { name: "reviews/dev.csv", bytes: ROWS },
        Named { name: "reviews/words.jsonl", bytes: WORDS },
    ];
    let depth = folder(&files);
    if depth == Depth::Taken { depth } else { Depth::of(is_toml(input), false) }
}

/// A data folder of these files: what a page is told of it, and all of its tasks.
fn folder(files: &[Named<'_>]) -> Depth {
    let folder = scratch();
    files.iter().for_each(|file| put(&folder.path().join(file.name), file.bytes));
    let question = DataQuestion {
        data: folder.path().to_string_lossy().into_owned(),
        folder: None,
        settings: None,
        model: String::new(),
        max_length: 32,
    };
    let own = lab::own_data(&question).and_then(|own| own.facts.ok());
    let is_read = own.is_some_and(|facts| !facts.columns.is_empty());
    let Ok(facts) = data::tasks_in(folder.path()) else { return Depth::of(is_read, false) };
    // All of them, though one is enough to be taken.
    let taken = facts.tasks.iter().filter(|task| load(task.name(), folder.path())).count();
    Depth::of(is_read, taken > 0)
}

fn load(name: &TaskName, folder: &Path) -> bool {
    let Ok(task) = data::task(name, Some(folder)) else { return false };
    _ = data::fingerprint(&task, Some(folder));
    data::load(&task, Some(folder), tokenizer(), 32, Some(64), Some(64)).is_ok()
}

fn tokenizer() -> &'static Tokenizer {
    static TOKENIZER: OnceLock<Tokenizer> = OnceLock::new();
    TOKENIZER.get_or_init(|| match model::tokenizer(BUILTIN_MODEL) {
        Ok(tokenizer) => tokenizer,
        Err(error) => panic!("the built-in model has a tokenizer: {error}"),
    })
}

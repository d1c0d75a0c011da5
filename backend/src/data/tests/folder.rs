//! Small GLUE folders, made on the spot.

use crate::data::{DataError, TaskData, load};
use crate::model::Tokenizer;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use tunemask_shared::task::Task;

/// A data folder with one task: its training bytes and development bytes.
pub fn folder(task: Task, train: impl AsRef<[u8]>, dev: impl AsRef<[u8]>) -> TempDir {
    let dir = tempfile::tempdir().unwrap();
    let inner = dir.path().join(task.title());
    fs::create_dir(&inner).unwrap();
    fs::write(inner.join("train.tsv"), train).unwrap();
    let name = if task == Task::mnli() { "dev_matched.tsv" } else { "dev.tsv" };
    fs::write(inner.join(name), dev).unwrap();
    dir
}

/// A tokenizer of single characters: `a` is 5, `b` is 6, …, `0` is 31.
pub fn tokenizer() -> Tokenizer {
    let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].map(String::from);
    let characters = ('a'..='z').chain('0'..='9').chain("\"'.,-".chars()).map(String::from);
    let pieces = ('a'..='z').chain('0'..='9').map(|c| format!("##{c}"));
    Tokenizer::from_words(&special.into_iter().chain(characters).chain(pieces).collect::<Vec<_>>()).unwrap()
}

pub fn read(task: Task, data: &Path) -> Result<TaskData, DataError> {
    load(&task, Some(data), &tokenizer(), 64, None, None)
}

/// The error of a task whose training file is this.
pub fn error(task: Task, train: impl AsRef<[u8]>) -> String {
    let dir = folder(task.clone(), train, "");
    let text = read(task, dir.path()).unwrap_err().to_string();
    text.replace(&format!("{}/", dir.path().display()), "")
}

/// What lies beside the repository; `None`, said in print, where it is absent.
pub fn shared(path: &str) -> Option<PathBuf> {
    let found = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared").join(path);
    if found.exists() {
        return Some(found);
    }
    tunemask_shared::fixtures::Requirement::Data.skip(format_args!("{} is not there", found.display()));
    None
}

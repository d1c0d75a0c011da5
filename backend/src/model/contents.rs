//! What stands in a model's folder: which file is its config, which holds its weights, and what the folder is if it is
//! no model's.

use super::ModelError;
use super::archive::INDEX;
use crate::files;
use std::path::{Component, Path, PathBuf};

/// The config's name in a model's folder.
pub(super) const CONFIG: &str = "config.json";
/// Google's name of it; pytorch-pretrained-bert kept it.
pub(super) const GOOGLE_CONFIG: &str = "bert_config.json";

/// Files that are not read, with what to do instead.
const OTHERS: [(&str, &str); 9] = [
    (
        "adapter_config.json",
        "this is an adapter, not a model; merge it into its base (merge_and_unload in PEFT) and save that",
    ),
    ("bert_model.ckpt.index", TENSORFLOW),
    ("model.ckpt.index", TENSORFLOW),
    ("tf_model.h5", SAVE),
    ("flax_model.msgpack", SAVE),
    ("rust_model.ot", SAVE),
    ("model.onnx", SAVE),
    ("saved_model.pb", SAVE),
    ("pytorch_model.bin.gz", "unpack it"),
];
const TENSORFLOW: &str = "this is Google's TensorFlow checkpoint; convert it with transformers-cli convert";
/// What weights for llama.cpp end with.
const GGUF: &str = ".gguf";
const SAVE: &str = "save the model from PyTorch";

/// The folder that a name means: itself, or of a hub's cache folder the snapshot that its main branch is at.
///
/// # Errors
/// A cache without a snapshot that could be meant.
pub(super) fn folder(named: &Path) -> Result<PathBuf, ModelError> {
    let snapshots = named.join("snapshots");
    if named.join(CONFIG).exists() || !snapshots.is_dir() {
        return Ok(named.to_owned());
    }
    let main = named.join("refs").join("main");
    let revision = main.exists().then(|| files::text(&main, files::SETTINGS)).transpose()?;
    let revision = revision.as_deref().map(str::trim).unwrap_or_default();
    let meant = snapshots.join(revision);
    if is_a_name(revision) && meant.is_dir() {
        return Ok(meant);
    }
    let found: Vec<PathBuf> = folders(&snapshots);
    if let [only] = &found[..] {
        return Ok(only.clone());
    }
    let hint = match found.len() {
        0 => "a hub's cache folder without a snapshot; download the model again".to_owned(),
        n => format!(
            "a hub's cache folder with {n} snapshots and none at refs/main; name one of those in snapshots"
        ),
    };
    Err(ModelError::NoConfig { folder: named.to_owned(), hint })
}

/// A folder's config.
///
/// # Errors
/// There is none; the error says what stands there instead.
pub(super) fn config(folder: &Path) -> Result<PathBuf, ModelError> {
    let found = [CONFIG, GOOGLE_CONFIG].into_iter().map(|name| folder.join(name)).find(|path| path.exists());
    found.ok_or_else(|| {
        let hint = others(folder).or_else(|| {
            let inner = folders(folder).into_iter().find(|inner| inner.join(CONFIG).is_file())?;
            Some(format!("there is one in {}", inner.display()))
        });
        let expected = "is this a model's folder? It holds config.json, model.safetensors or pytorch_model.bin, and \
                        tokenizer.json or vocab.txt";
        let hint = hint.unwrap_or_else(|| expected.into());
        ModelError::NoConfig { folder: folder.to_owned(), hint }
    })
}

/// The file that holds a folder's weights, or the index of those that do; in the order in which transformers looks.
///
/// # Errors
/// There is none; the error says what stands there instead.
pub(super) fn weights(folder: &Path) -> Result<PathBuf, ModelError> {
    let names = ["model.safetensors", "pytorch_model.bin"];
    let names = names.into_iter().flat_map(|name| [name.to_owned(), format!("{name}.{INDEX}")]);
    let found = names.map(|name| folder.join(name)).find(|path| path.exists());
    found.ok_or_else(|| {
        let hint = others(folder).map_or_else(String::new, |hint| format!("; {hint}"));
        ModelError::NoWeights { folder: folder.to_owned(), hint }
    })
}

/// For people: the folder's name, or that of the hub's model of which it is a snapshot.
pub(super) fn title(folder: &Path) -> String {
    let resolved = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let name = |path: &Path| path.file_name().map(|name| name.to_string_lossy().into_owned());
    let above = resolved.parent().filter(|above| above.ends_with("snapshots")).and_then(Path::parent);
    let cached = above.and_then(name).filter(|name| name.starts_with("models--"));
    let cached = cached.and_then(|name| name.rsplit("--").next().map(str::to_owned));
    cached.or_else(|| name(&resolved)).unwrap_or_else(|| folder.display().to_string())
}

/// What is found of what cannot be read.
fn others(folder: &Path) -> Option<String> {
    if let Some((name, what)) = OTHERS.into_iter().find(|(name, _)| folder.join(name).is_file()) {
        return Some(format!("found {name}: {what}"));
    }
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().to_string_lossy().into_owned());
    let name = names.filter(|name| name.ends_with(GGUF)).min()?;
    Some(format!(
        "found {name}: these are weights for llama.cpp; use the model that they were made of, with model.safetensors"
    ))
}

fn folders(folder: &Path) -> Vec<PathBuf> {
    let entries = folder.read_dir().into_iter().flatten().flatten();
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.path()).filter(|path| path.is_dir()).collect();
    found.sort();
    found
}

fn is_a_name(text: &str) -> bool {
    matches!(Path::new(text).components().collect::<Vec<_>>()[..], [Component::Normal(_)])
}

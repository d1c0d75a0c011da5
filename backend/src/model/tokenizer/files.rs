//! The folder's files.

use super::super::{ModelError, contents};
use crate::files;
use serde_json::{Map, Value};
use std::path::{Path, PathBuf};

/// The tokenizer whole, as the tokenizers library writes it.
pub(in crate::model) const FAST: &str = "tokenizer.json";
/// Word pieces, a line each.
pub(in crate::model) const WORDS: &str = "vocab.txt";
/// Class, switches, names of special tokens, added tokens.
pub(in crate::model) const SETTINGS: &str = "tokenizer_config.json";
/// Names of special tokens, beside or over those of [`SETTINGS`].
pub(in crate::model) const SPECIAL: &str = "special_tokens_map.json";
/// Tokens that are not in [`WORDS`], with their numbers.
pub(in crate::model) const ADDED: &str = "added_tokens.json";
/// Pieces of a byte-level BPE, with their numbers.
pub(in crate::model) const VOCABULARY: &str = "vocab.json";
/// Which two of them become one, in their order, a line each.
pub(in crate::model) const MERGES: &str = "merges.txt";
/// All files that decide how text becomes ids.
pub(in crate::model) const ALL: [&str; 7] = [FAST, WORDS, SETTINGS, SPECIAL, ADDED, VOCABULARY, MERGES];

/// What a folder's files say of its tokenizer, not yet understood.
#[derive(Debug)]
pub(super) struct Files {
    folder: PathBuf,
    /// As they lie there.
    pub raw: Vec<(&'static str, Vec<u8>)>,
    /// `tokenizer_config.json`; empty without one.
    pub settings: Map<String, Value>,
    /// `special_tokens_map.json`.
    pub special: Map<String, Value>,
    /// `added_tokens.json`.
    pub added: Map<String, Value>,
    /// `tokenizer.json`.
    pub fast: Option<Map<String, Value>>,
    /// `config.json`, as far as it can be read: what is wrong with it is said elsewhere.
    model: Map<String, Value>,
}

impl Files {
    /// Reads them.
    ///
    /// # Errors
    /// No `tokenizer.json`, no `vocab.txt`, and not both of `vocab.json` and `merges.txt`; a file that cannot be read, or is not the JSON that it should be.
    pub fn read(folder: &Path) -> Result<Self, ModelError> {
        let mut raw = Vec::new();
        for name in ALL {
            let path = folder.join(name);
            if !path.exists() {
                continue;
            }
            let bytes = files::bytes(&path, files::VOCABULARY)?;
            if ![WORDS, MERGES].contains(&name) && files::unmarked(&bytes).len() < bytes.len() {
                let why = "begins with a byte-order mark, with which transformers does not read it; save the file without it";
                return Err(ModelError::Tokenizer { path, why: why.into() });
            }
            raw.push((name, bytes));
        }
        let find = |name: &str| raw.iter().find(|(n, _)| *n == name).map(|(_, bytes)| bytes.as_slice());
        let object = |name: &str| match find(name) {
            None => Ok(None),
            Some(bytes) => serde_json::from_slice::<Map<String, Value>>(bytes)
                .map(Some)
                .map_err(|cause| ModelError::Json { path: folder.join(name), cause }),
        };
        let lists = find(VOCABULARY).is_some() && find(MERGES).is_some();
        if find(FAST).is_none() && find(WORDS).is_none() && !lists {
            return Err(ModelError::NoTokenizer(folder.to_owned()));
        }
        let model = contents::config(folder).ok().and_then(|path| files::text(&path, files::SETTINGS).ok());
        Ok(Self {
            settings: object(SETTINGS)?.unwrap_or_default(),
            special: object(SPECIAL)?.unwrap_or_default(),
            added: object(ADDED)?.unwrap_or_default(),
            fast: object(FAST)?,
            model: model.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default(),
            folder: folder.to_owned(),
            raw,
        })
    }

    /// A file's bytes, if it is there.
    pub fn bytes(&self, name: &str) -> Option<&[u8]> {
        self.raw.iter().find(|(n, _)| *n == name).map(|(_, bytes)| bytes.as_slice())
    }

    /// Where a file of this name lies.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What is wrong with a file.
    pub fn wrong(&self, name: &str, why: impl Into<String>) -> ModelError {
        ModelError::Tokenizer { path: self.path(name), why: why.into() }
    }

    /// A field of `tokenizer_config.json` that is written and not null.
    pub fn setting(&self, name: &str) -> Option<&Value> {
        self.settings.get(name).filter(|value| !value.is_null())
    }

    /// A field of `config.json` that is written and not null.
    pub fn of_model(&self, name: &str) -> Option<&Value> {
        self.model.get(name).filter(|value| !value.is_null())
    }

    /// A switch of `tokenizer_config.json`; `None` if it is not written, or null.
    ///
    /// # Errors
    /// It is something else than true or false.
    pub fn switch(&self, name: &str) -> Result<Option<bool>, ModelError> {
        match self.setting(name) {
            None => Ok(None),
            Some(Value::Bool(on)) => Ok(Some(*on)),
            Some(other) => Err(self.wrong(SETTINGS, format!("`{name}` is {other}; expected true or false"))),
        }
    }
}
